//! The iterator that several threads take turns at.

use crate::lock::{Lock, LockGuard};

/// An iterator, until it has ended. Its `next` runs with the lock held, and nothing else of the user's does.
pub(super) type Source<I> = Lock<Option<I>>;

/// The turn of the current thread at a source.
pub(super) type Turn<'a, I> = LockGuard<'a, Option<I>>;

/// Ends the turn of the thread that has found the end of the iterator, which is not asked again. It is dropped without the lock.
pub(super) fn end<I>(mut turn: Turn<'_, I>) {
    let ended = turn.take();
    drop(turn);
    drop(ended);
}
