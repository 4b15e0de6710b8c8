//! Which handler is called for a thread that has panicked or failed.

use std::sync::Arc;

use crate::{
    life::ThreadHandle,
    outcome::{Handler, Handlers},
    registry::current,
};

/// Wraps a handler for a thread or a group. It is always called in the thread that has panicked or failed.
pub(crate) fn in_its_thread<T: 'static>(
    handler: impl Fn(&ThreadHandle, &T) + Send + Sync + 'static,
) -> Handler<T> {
    Arc::new(move |it| _ = current::with(|thread| handler(thread, it)))
}

/// Returns the nearest handler: the thread's own, or else that of its group or of the groups above it.
pub(super) fn nearest<T>(
    thread: &ThreadHandle,
    of: impl Fn(&Handlers) -> Option<Handler<T>>,
) -> Option<Handler<T>> {
    let life = thread.life();
    of(&life.given.handlers).or_else(|| life.group()?.handler(of))
}
