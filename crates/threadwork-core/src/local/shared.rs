//! The values of all threads, for the object that they belong to.

use std::{
    collections::{BTreeMap, btree_map},
    num::NonZeroU64,
    sync::Arc,
    thread,
};

use threadwork_sync::{
    Lock, LockGuard, get_ident,
    internal::{
        fork::{Inside, inside},
        lock::own_lock,
        panic::{Payload, catch},
    },
};

use super::{
    cell::Entry,
    inherit::{Heir, Inheritance},
    place::{self, Place},
    table,
};

/// What a [`Local`](super::Local) has in common with the threads that have values of it, and that may outlive it there.
pub(super) struct Shared<T> {
    place: Place,
    inherit: Option<fn(&T) -> T>,
    /// By the numbers of the threads; `None` once the object is gone.
    ///
    /// Each value is taken out once: when its thread ends, when it removes it, or when the object is dropped.
    /// No user code runs while it is locked, and no other lock is acquired.
    entries: Lock<Option<Entries<T>>>,
}

pub(super) type Entries<T> = BTreeMap<NonZeroU64, Arc<Entry<T>>>;

impl<T> Shared<T> {
    pub(super) fn new(inherit: Option<fn(&T) -> T>) -> Shared<T> {
        let entries = own_lock("the values of a Local", Some(BTreeMap::new()));
        Shared { place: place::take(), inherit, entries }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// The values, locked; not while the process forks.
    fn entries(&self) -> (LockGuard<'_, Option<Entries<T>>>, Inside) {
        let inside = inside();
        (self.entries.acquire(), inside)
    }

    /// Looks at all values, unless the object is gone.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Entries<T>) -> R) -> Option<R> {
        self.entries().0.as_ref().map(look)
    }

    fn take(&self, owner: NonZeroU64) -> Option<Arc<Entry<T>>> {
        self.entries().0.as_mut()?.remove(&owner)
    }

    /// The object is gone: drops all values, each of them also if another panics.
    ///
    /// # Panics
    ///
    /// If the drop of a value does.
    pub(super) fn close(&self) {
        let Some(entries) = self.entries().0.take() else { return };
        // In the table of a thread there may be an address of what is dropped below; its place is never asked for again.
        place::give_back(self.place);
        let mut panic: Option<Payload> = None;
        for (_, entry) in entries {
            if let Err(payload) = catch(|| drop(entry)) {
                panic.get_or_insert(payload);
            }
        }
        // A second panic at once would end the program; the hook has reported it.
        if let Some(payload) = panic
            && !thread::panicking()
        {
            payload.resume();
        }
    }
}

impl<T: Send + 'static> Shared<T> {
    /// Gives the current thread a value; gives it back if the thread has one, or the object is gone.
    ///
    /// What is linked stays where it is until it is unlinked: to replace it would free what is in use.
    pub(super) fn link(self: &Arc<Self>, value: T) -> Result<(), T> {
        let mut entries = self.entries();
        let Some(there) = &mut *entries.0 else { return Err(value) };
        let btree_map::Entry::Vacant(vacant) = there.entry(get_ident()) else { return Err(value) };
        let address = Arc::as_ptr(vacant.insert(Arc::new(Entry::new(value))));
        drop(entries);
        let object: Arc<dyn table::Object> = Arc::<Shared<T>>::clone(self);
        table::link(self.place, object, address.cast());
        Ok(())
    }

    /// Drops the value of the current thread, or keeps it until it is not used any longer; false if there is none.
    pub(super) fn unlink(&self) -> bool {
        table::unlink(self.place) && self.drop_here()
    }

    /// Drops the value of the current thread, which is not in its table any longer, or keeps it until it is not used any longer; false if there is none.
    fn drop_here(&self) -> bool {
        let Some(entry) = self.take(get_ident()) else { return false };
        if entry.let_go() {
            drop(entry);
        } else {
            table::keep_removed(entry);
        }
        true
    }
}

impl<T: Send + 'static> table::Object for Shared<T> {
    fn is_inheritable(&self) -> bool {
        self.inherit.is_some()
    }

    fn inherit(self: Arc<Self>) -> Option<Box<dyn Heir>> {
        let inherit = self.inherit?;
        let ident = get_ident();
        let Some(entry) = self.look(|entries| entries.get(&ident).cloned()) else {
            // The object is gone; the thread need not ask again.
            table::unlink(self.place);
            return None;
        };
        let entry = entry?;
        let value = inherit(entry.here());
        Some(Box::new(Inheritance { object: self, value: Some(value) }))
    }

    fn leave(&self) {
        // In use it can be only if the process ends from within a `with`, which then never returns, and may have lent the value to other threads.
        self.drop_here();
    }
}
