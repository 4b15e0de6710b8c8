//! The values that a new thread inherits from the thread that starts it.

use super::table::{self, Heir, Kept};
use crate::panic::unharmed;

/// The values that a new thread has from the beginning.
///
/// On drop, values that were not given to a thread are dropped, each of them even if the drop of another one panics.
#[derive(Default)]
pub(crate) struct InheritedValues(Vec<Box<dyn Heir>>);

/// Computes the values for a thread that the current thread is about to start.
///
/// This runs user code. A panic of that code is passed on to the caller.
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

    /// Keeps the values for threads that are started later.
    pub(crate) fn keep(mut self) -> KeptValues {
        KeptValues(self.0.drain(..).map(Heir::keep).collect())
    }

    /// Gives the values to the current thread.
    ///
    /// The thread has all of them before any that it does not take is dropped: such a drop is user code, which may use the values and
    /// create new ones.
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

/// Values that were kept for threads that are started later.
#[derive(Default)]
pub(crate) struct KeptValues(Vec<Box<dyn Kept>>);

impl KeptValues {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Computes the values for a thread that is about to start.
    ///
    /// This runs user code. A panic of that code is passed on to the caller.
    pub(crate) fn inherit(&self) -> InheritedValues {
        let mut inherited = InheritedValues::default();
        for kept in &self.0 {
            inherited.0.push(kept.heir());
        }
        inherited
    }
}

impl Drop for KeptValues {
    fn drop(&mut self) {
        for kept in self.0.drain(..) {
            unharmed(|| drop(kept));
        }
    }
}
