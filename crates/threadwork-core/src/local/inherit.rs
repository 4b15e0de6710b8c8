//! What a thread gets from the one that starts it.

use super::table::{self, Heir};
use crate::panic::unharmed;

/// The values that a thread will have from the beginning.
///
/// Its drop drops those that were not given to a thread, each of them also if another panics.
#[derive(Default)]
pub(crate) struct InheritedValues(Vec<Box<dyn Heir>>);

/// Computes what a thread gets that the current one is about to start.
///
/// It runs user code, whose panic goes through.
#[inline]
pub(crate) fn inherit() -> InheritedValues {
    if table::has_inheritable() { compute() } else { InheritedValues::default() }
}

#[cold]
fn compute() -> InheritedValues {
    let mut inherited = InheritedValues::default();
    for values in table::inheritable() {
        inherited.0.extend(values.inherit());
    }
    inherited
}

impl InheritedValues {
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

impl Drop for InheritedValues {
    fn drop(&mut self) {
        for heir in self.0.drain(..) {
            unharmed(|| drop(heir));
        }
    }
}
