//! The values of an object, which are made when they are needed.

use std::sync::Arc;

use once_cell::race::OnceBox;

use super::{
    table::Making,
    value::{Reach, Using},
    values::{ByThread, Values},
};
use crate::error::AccessError;

/// The values of an object, without what makes them.
pub(super) struct LazyValues<T> {
    pub(super) reach: Reach<T>,
    /// Made when the first value is. Nobody waits for a thread that makes it: the first one to store it wins.
    pub(super) shared: OnceBox<Arc<Values<T>>>,
    inherit: Option<fn(&T) -> T>,
}

impl<T> LazyValues<T> {
    pub(super) const fn new(inherit: Option<fn(&T) -> T>) -> LazyValues<T> {
        LazyValues { reach: Reach::new(), shared: OnceBox::new(), inherit }
    }

    /// The value of the current thread, if it has one.
    #[inline]
    pub(super) fn find(&self) -> Option<Using<'_, T>> {
        self.reach.find()
    }

    /// Looks at the values of all threads, if there was any.
    pub(super) fn look<R>(&self, look: impl FnOnce(&ByThread<T>) -> R) -> Option<R> {
        self.shared.get()?.look(look)
    }
}

impl<T: Send + 'static> LazyValues<T> {
    /// Makes the value of this thread, which has none. If it gets one meanwhile, that is it.
    #[track_caller]
    pub(super) fn make(&self, init: impl FnOnce() -> T) -> Result<Using<'_, T>, AccessError> {
        let shared = self.shared();
        self.reach.set(shared.place());
        let making = Making::begin(shared.place())?;
        let linked = shared.link(init());
        drop(making);
        let value = self.reach.find().expect("the object is borrowed, so it has taken the value");
        drop(linked);
        Ok(value)
    }

    fn shared(&self) -> &Arc<Values<T>> {
        if let Some(shared) = self.shared.get() {
            return shared;
        }
        if let Err(late) = self.shared.set(Box::new(Arc::new(Values::new(self.inherit)))) {
            // Another thread was faster; this gives the place back.
            late.close();
        }
        self.shared.get().expect("it is set, here or by another thread")
    }

    /// Drops the value of the current thread; false if there is none.
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
