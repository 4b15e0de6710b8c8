//! The functions that spawn hooks return for a new thread.

use crate::panic::reported;

/// A function that a new thread calls before anything else.
pub(super) type SpawnCall = Box<dyn FnOnce() + Send>;

/// The functions that all spawn hooks have returned for one thread. If the thread is not started after all, they are dropped one by one.
/// A panic of such a drop is reported, like a panic of a call.
#[derive(Default)]
pub(crate) struct SpawnCalls(Vec<SpawnCall>);

impl SpawnCalls {
    pub(super) fn push(&mut self, call: SpawnCall) {
        self.0.push(call);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls the functions, in the new thread.
    pub(crate) fn call(mut self) {
        self.0.drain(..).for_each(|call| reported("spawn hook", call));
    }
}

impl Drop for SpawnCalls {
    fn drop(&mut self) {
        self.0.drain(..).for_each(|call| reported("drop of a spawn hook's call", || drop(call)));
    }
}
