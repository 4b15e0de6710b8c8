//! A signal that is raised once, and ends the waits that were given it.

use std::sync::atomic::Ordering;

use crate::{door::Key, floor::Word};

/// A flag that is raised once. Threads that wait for something else may watch it, and end their waits when it is raised.
#[derive(Debug)]
pub(crate) struct Signal(Word);

const RAISED: usize = 1;
/// Somebody has watched the signal before it was raised.
const WATCHED: usize = 2;

impl Signal {
    pub(crate) fn new() -> Signal {
        Signal(Word::new(0))
    }

    #[inline]
    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire) & RAISED != 0
    }

    /// Raises the signal. Returns `true` if it was not raised before. Those who watch it are not woken yet.
    pub(crate) fn raise(&self) -> bool {
        self.0.fetch_or(RAISED, Ordering::AcqRel) & RAISED == 0
    }

    /// Announces that somebody watches. Returns `true` if the signal is already raised. The queue of the signal is locked.
    pub(crate) fn be_watched(&self) -> bool {
        self.0.fetch_or(WATCHED, Ordering::AcqRel) & RAISED != 0
    }

    pub(in crate::door) fn is_watched(&self) -> bool {
        self.0.load(Ordering::Relaxed) & WATCHED != 0
    }

    pub(crate) fn key(&self) -> Key {
        Key::of(&self.0)
    }
}
