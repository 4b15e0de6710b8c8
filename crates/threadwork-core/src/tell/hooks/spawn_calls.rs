//! What the spawn hooks have a new thread call.

use crate::panic::reported;

/// What a new thread calls before anything else.
pub(super) type SpawnCall = Box<dyn FnOnce() + Send>;

/// What all spawn hooks have returned for one thread. If there is no thread after all, its drop drops each of them;
/// a panic of that is reported, as one of the call is.
#[derive(Default)]
pub(crate) struct SpawnCalls(Vec<SpawnCall>);

impl SpawnCalls {
    pub(super) fn push(&mut self, call: SpawnCall) {
        self.0.push(call);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes the calls, in the new thread.
    pub(crate) fn call(mut self) {
        self.0.drain(..).for_each(|call| reported("spawn hook", call));
    }
}

impl Drop for SpawnCalls {
    fn drop(&mut self) {
        self.0.drain(..).for_each(|call| reported("drop of a spawn hook's call", || drop(call)));
    }
}
