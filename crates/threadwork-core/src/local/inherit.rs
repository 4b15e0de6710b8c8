//! What a thread gets from the one that starts it.

use std::sync::Arc;

use threadwork_sync::internal::catch;

use super::{shared::Shared, table};

/// The values that a thread will have from the beginning.
pub(crate) struct Inherited(Vec<Box<dyn Heir>>);

/// A value for a thread that is about to start.
pub(super) trait Heir: Send {
    /// Gives it to the current thread.
    fn adopt(self: Box<Self>);
}

pub(super) struct Inheritance<T> {
    pub(super) object: Arc<Shared<T>>,
    pub(super) value: T,
}

impl<T: Send + 'static> Heir for Inheritance<T> {
    fn adopt(self: Box<Self>) {
        let Inheritance { object, value } = *self;
        // If the object is gone, so is its value.
        if table::open().is_ok() {
            drop(object.link(value));
        }
    }
}

/// Computes what a thread gets that the current one is about to start.
///
/// It runs user code, whose panic goes through.
#[inline]
pub(crate) fn inherit() -> Inherited {
    if table::has_inheritable() { compute() } else { Inherited(Vec::new()) }
}

#[cold]
fn compute() -> Inherited {
    Inherited(table::inheritable().into_iter().filter_map(|it| it.inherit()).collect())
}

impl Inherited {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the values to the current thread.
    pub(crate) fn adopt(self) {
        for heir in self.0 {
            // What cannot be given is dropped, and a panic of that is not the thread's; the hook has reported it.
            let _ = catch(|| heir.adopt());
        }
    }
}
