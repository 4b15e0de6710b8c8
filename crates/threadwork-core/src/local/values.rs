//! The values of all threads for one object.

use std::{
    collections::{BTreeMap, btree_map},
    num::NonZeroU64,
    sync::Arc,
    thread,
};

use threadwork_sync::{
    Lock, LockGuard, RLock, get_ident,
    internal::{
        fork::{Inside, inside},
        lock::{own_lock, own_rlock},
        panic::{Payload, catch},
    },
};

use super::{
    place::{self, Place},
    table::{self, AnyValues, Heir, Kept},
    value::Value,
};

/// The values of all threads for one [`Local`](super::Local). The threads that have a value share it, so it may outlive the object.
pub(super) struct Values<T> {
    place: Place,
    inherit: Option<fn(&T) -> T>,
    /// The values by thread number; `None` once the object is gone.
    ///
    /// Each value is taken out once: when its thread ends, when its thread removes it, or when the object is dropped.
    /// While it is locked, no user code runs and no other lock is acquired.
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

    /// Locks the values. The process cannot fork while they are locked.
    ///
    /// Scenario "the lock that the forking thread does not hold" in docs/architecture.md.
    fn lock(&self) -> (LockGuard<'_, Option<ByThread<T>>>, Inside) {
        let inside = inside();
        (self.by_thread.acquire(), inside)
    }

    /// Calls `look` with all values, unless the object is gone.
    pub(super) fn look<R>(&self, look: impl FnOnce(&ByThread<T>) -> R) -> Option<R> {
        self.lock().0.as_ref().map(look)
    }

    fn take(&self, owner: NonZeroU64) -> Option<Arc<Value<T>>> {
        self.lock().0.as_mut()?.remove(&owner)
    }

    /// Drops all values when the object is dropped, each of them even if the drop of another one panics.
    ///
    /// # Panics
    ///
    /// Panics if the drop of a value panics, unless the thread is already panicking.
    pub(super) fn close(&self) {
        let Some(by_thread) = self.lock().0.take() else { return };
        // The tables of threads may keep the addresses of the values dropped below. They are not read again, since this place is never used
        // again.
        place::give_back(self.place);
        let mut panic: Option<Payload> = None;
        for (_, value) in by_thread {
            if let Err(payload) = catch(|| drop(value)) {
                panic.get_or_insert(payload);
            }
        }
        // A second panic during the first would abort the process. The hook has reported it.
        if let Some(payload) = panic
            && !thread::panicking()
        {
            payload.resume();
        }
    }
}

impl<T: Send + 'static> Values<T> {
    /// Gives the current thread a value.
    ///
    /// A linked value is never replaced, since it may be in use.
    ///
    /// # Errors
    ///
    /// Returns the value if the thread already has one, or if the object is gone.
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

    /// Drops the value of the current thread, or keeps it until it is no longer in use. Returns `false` if there is none.
    pub(super) fn unlink(&self) -> bool {
        table::unlink(self.place) && self.drop_here()
    }

    /// Like [`unlink`](Self::unlink), for a value that is no longer in the thread's table.
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
            // The object is gone, so the thread need not ask again.
            table::unlink(self.place);
            return None;
        };
        let value = inherit(parent?.here());
        Some(Box::new(InheritedValue { values: self, value: Some(value) }))
    }

    fn leave(&self) {
        // The value can still be in use, and lent to other threads, if the process ends from within a `with`, which then never returns.
        self.drop_here();
    }
}

/// A value for a new thread.
struct InheritedValue<T> {
    values: Arc<Values<T>>,
    /// `None` once the thread has it.
    value: Option<T>,
}

impl<T: Send + 'static> Heir for InheritedValue<T> {
    fn adopt(&mut self) {
        if table::open().is_ok()
            && let Some(value) = self.value.take()
        {
            // `link` returns the value if the object is gone.
            self.value = self.values.link(value).err();
        }
    }

    fn keep(self: Box<Self>) -> Box<dyn Kept> {
        let InheritedValue { values, value } = *self;
        let value = value.expect("no thread has adopted it");
        Box::new(KeptValue { values, value: own_rlock("a value of a context", value) })
    }
}

/// A value of a context.
struct KeptValue<T> {
    values: Arc<Values<T>>,
    /// Threads that start at once look at it one after the other, since it need not be `Sync`. The function of the object runs with the lock
    /// held, as the documentation of contexts says.
    value: RLock<T>,
}

impl<T: Send + 'static> Kept for KeptValue<T> {
    fn heir(&self) -> Box<dyn Heir> {
        let inherit = self.values.inherit.expect("only inheritable values are kept");
        let value = inherit(&self.value.acquire());
        Box::new(InheritedValue { values: Arc::clone(&self.values), value: Some(value) })
    }
}
