//! The values of an object, created at the first use.

use std::sync::Arc;

use once_cell::race::OnceBox;

use super::{
    table::Making,
    value::{Reach, Using},
    values::{ByThread, Values},
};
use crate::error::AccessError;

/// The values of an object, without the function that creates them.
pub(super) struct LazyValues<T> {
    pub(super) reach: Reach<T>,
    /// Created together with the first value. If several threads create it at once, none waits: the first to store it wins.
    pub(super) shared: OnceBox<Arc<Values<T>>>,
    inherit: Option<fn(&T) -> T>,
}

impl<T> LazyValues<T> {
    pub(super) const fn new(inherit: Option<fn(&T) -> T>) -> LazyValues<T> {
        LazyValues { reach: Reach::new(), shared: OnceBox::new(), inherit }
    }

    /// Returns the value of the current thread, if it has one.
    #[inline]
    pub(super) fn find(&self) -> Option<Using<'_, T>> {
        self.reach.find()
    }

    /// Calls `look` with the values of all threads, unless no value was ever created.
    pub(super) fn look<R>(&self, look: impl FnOnce(&ByThread<T>) -> R) -> Option<R> {
        self.shared.get()?.look(look)
    }
}

impl<T: Send + 'static> LazyValues<T> {
    /// Creates the value of the current thread, which has none. If the thread gets one while `init` runs, that one is kept.
    #[track_caller]
    pub(super) fn make(&self, init: impl FnOnce() -> T) -> Result<Using<'_, T>, AccessError> {
        let shared = self.shared();
        self.reach.set(shared.place());
        let making = Making::begin(shared.place())?;
        let linked = shared.link(init());
        drop(making);
        let value = self.reach.find().expect("a value is linked: the object is borrowed, not gone");
        drop(linked);
        Ok(value)
    }

    fn shared(&self) -> &Arc<Values<T>> {
        if let Some(shared) = self.shared.get() {
            return shared;
        }
        if let Err(late) = self.shared.set(Box::new(Arc::new(Values::new(self.inherit)))) {
            // Another thread was faster. This frees the place that `late` took.
            late.close();
        }
        self.shared.get().expect("it was set, here or by another thread")
    }

    /// Drops the value of the current thread. Returns `false` if there is none.
    pub(super) fn remove(&self) -> bool {
        self.shared.get().is_some_and(|it| it.unlink())
    }
}

impl<T> Drop for LazyValues<T> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.get() {
            shared.close();
        }
    }
}
