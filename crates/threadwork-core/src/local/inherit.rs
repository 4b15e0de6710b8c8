//! What a thread gets from the one that starts it.

use std::sync::Arc;

use super::{shared::Shared, table};
use crate::panic::unharmed;

/// The values that a thread will have from the beginning.
///
/// Its drop drops those that were not given to a thread, each of them also if another panics.
#[derive(Default)]
pub(crate) struct Inherited(Vec<Box<dyn Heir>>);

/// A value for a thread that is about to start.
pub(super) trait Heir: Send {
    /// Gives it to the current thread, which runs no code of others. What the thread does not take is dropped with this.
    fn adopt(&mut self);
}

pub(super) struct Inheritance<T> {
    pub(super) object: Arc<Shared<T>>,
    /// Until it is given.
    pub(super) value: Option<T>,
}

impl<T: Send + 'static> Heir for Inheritance<T> {
    fn adopt(&mut self) {
        if table::open().is_ok()
            && let Some(value) = self.value.take()
        {
            // It is given back if the object is gone.
            self.value = self.object.link(value).err();
        }
    }
}

/// Computes what a thread gets that the current one is about to start.
///
/// It runs user code, whose panic goes through.
#[inline]
pub(crate) fn inherit() -> Inherited {
    if table::has_inheritable() { compute() } else { Inherited::default() }
}

#[cold]
fn compute() -> Inherited {
    let mut inherited = Inherited::default();
    for object in table::inheritable() {
        inherited.0.extend(object.inherit());
    }
    inherited
}

impl Inherited {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the values to the current thread.
    ///
    /// It has all of them before one that it does not take is dropped: that is code of others, which may use the values, and make new ones.
    pub(crate) fn adopt(mut self) {
        self.0.iter_mut().for_each(|heir| heir.adopt());
    }
}

impl Drop for Inherited {
    fn drop(&mut self) {
        for heir in self.0.drain(..) {
            unharmed(|| drop(heir));
        }
    }
}
