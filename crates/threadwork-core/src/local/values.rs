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
    place::{self, Place},
    table::{self, AnyValues, Heir},
    value::Value,
};

/// The values of all threads for one [`Local`](super::Local). The threads that have one share it, so it may outlive the object there.
pub(super) struct Values<T> {
    place: Place,
    inherit: Option<fn(&T) -> T>,
    /// By the numbers of the threads; `None` once the object is gone.
    ///
    /// Each value is taken out once: when its thread ends, when it removes it, or when the object is dropped.
    /// No user code runs while it is locked, and no other lock is acquired.
    by_thread: Lock<Option<ByThread<T>>>,
}

pub(super) type ByThread<T> = BTreeMap<NonZeroU64, Arc<Value<T>>>;

impl<T> Values<T> {
    pub(super) fn new(inherit: Option<fn(&T) -> T>) -> Values<T> {
        let by_thread = own_lock("the values of a Local", Some(BTreeMap::new()));
        Values { place: place::take(), inherit, by_thread }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// The values, locked; not while the process forks.
    fn lock(&self) -> (LockGuard<'_, Option<ByThread<T>>>, Inside) {
        let inside = inside();
        (self.by_thread.acquire(), inside)
    }

    /// Looks at all values, unless the object is gone.
    pub(super) fn look<R>(&self, look: impl FnOnce(&ByThread<T>) -> R) -> Option<R> {
        self.lock().0.as_ref().map(look)
    }

    fn take(&self, owner: NonZeroU64) -> Option<Arc<Value<T>>> {
        self.lock().0.as_mut()?.remove(&owner)
    }

    /// The object is gone: drops all values, each of them also if another panics.
    ///
    /// # Panics
    ///
    /// If the drop of a value does.
    pub(super) fn close(&self) {
        let Some(by_thread) = self.lock().0.take() else { return };
        // In the table of a thread there may be an address of what is dropped below; its place is never asked for again.
        place::give_back(self.place);
        let mut panic: Option<Payload> = None;
        for (_, value) in by_thread {
            if let Err(payload) = catch(|| drop(value)) {
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

impl<T: Send + 'static> Values<T> {
    /// Gives the current thread a value; gives it back if the thread has one, or the object is gone.
    ///
    /// What is linked stays where it is until it is unlinked: to replace it would free what is in use.
    pub(super) fn link(self: &Arc<Self>, value: T) -> Result<(), T> {
        let mut by_thread = self.lock();
        let Some(there) = &mut *by_thread.0 else { return Err(value) };
        let btree_map::Entry::Vacant(vacant) = there.entry(get_ident()) else { return Err(value) };
        let address = Arc::as_ptr(vacant.insert(Arc::new(Value::new(value))));
        drop(by_thread);
        let values: Arc<dyn AnyValues> = Arc::<Values<T>>::clone(self);
        table::link(self.place, values, address.cast());
        Ok(())
    }

    /// Drops the value of the current thread, or keeps it until it is not used any longer; false if there is none.
    pub(super) fn unlink(&self) -> bool {
        table::unlink(self.place) && self.drop_here()
    }

    /// Drops the value of the current thread, which is not in its table any longer, or keeps it until it is not used any longer; false if there is none.
    fn drop_here(&self) -> bool {
        let Some(value) = self.take(get_ident()) else { return false };
        if value.let_go() {
            drop(value);
        } else {
            table::keep_removed(value);
        }
        true
    }
}

impl<T: Send + 'static> AnyValues for Values<T> {
    fn is_inheritable(&self) -> bool {
        self.inherit.is_some()
    }

    fn inherit(self: Arc<Self>) -> Option<Box<dyn Heir>> {
        let inherit = self.inherit?;
        let ident = get_ident();
        let Some(parent) = self.look(|by_thread| by_thread.get(&ident).cloned()) else {
            // The object is gone; the thread need not ask again.
            table::unlink(self.place);
            return None;
        };
        let value = inherit(parent?.here());
        Some(Box::new(InheritedValue { values: self, value: Some(value) }))
    }

    fn leave(&self) {
        // In use it can be only if the process ends from within a `with`, which then never returns, and may have lent the value to other threads.
        self.drop_here();
    }
}

/// A value that a new thread is to have.
struct InheritedValue<T> {
    values: Arc<Values<T>>,
    /// Until it is given.
    value: Option<T>,
}

impl<T: Send + 'static> Heir for InheritedValue<T> {
    fn adopt(&mut self) {
        if table::open().is_ok()
            && let Some(value) = self.value.take()
        {
            // It is given back if the object is gone.
            self.value = self.values.link(value).err();
        }
    }
}
