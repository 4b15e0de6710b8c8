//! Whose turn it is to use a runnable.

use std::sync::atomic::Ordering;

use threadwork_sync::internal::floor::Word;

/// Says whose turn it is to use a runnable: its owner's or its thread's.
///
/// Scenario "the runnable that is lent" in docs/architecture.md.
pub(crate) struct Place(Word);

/// The owner has the runnable, which has not been run.
pub(super) const IDLE: usize = 0;
/// The runnable is on the way to its thread.
pub(super) const LENT: usize = 1;
/// The thread runs the runnable.
pub(super) const RUNNING: usize = 2;
/// The runnable has been run, and the owner has it again. It changes only through `&mut Owner`.
pub(super) const DONE: usize = 3;
/// There is no runnable: it was moved out or dropped.
pub(super) const GONE: usize = 4;
/// A flag: the owner is gone. If the thread has the runnable, the thread drops it at the end.
pub(super) const ABANDONED: usize = 8;

impl Place {
    pub(crate) fn new() -> Place {
        Place(Word::new(IDLE))
    }

    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    /// Moves it from `from` to `to`. Returns `false` if it is not `from`.
    fn move_on(&self, from: usize, to: usize) -> bool {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Lends the owner's runnable. Returns `false` if it is not idle.
    pub(crate) fn lend(&self) -> bool {
        self.move_on(IDLE, LENT)
    }

    /// Gives a runnable back to the owner that was lent and not begun. Returns `false` if it was begun, or the owner is gone.
    pub(crate) fn take_back(&self) -> bool {
        self.move_on(LENT, IDLE)
    }

    /// Makes the current thread the one that uses a runnable which was lent. Of several threads that call this, one gets `true`.
    pub(crate) fn begin(&self) -> bool {
        let begin = |place: usize| (place & !ABANDONED == LENT).then_some(place + (RUNNING - LENT));
        self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, begin).is_ok()
    }

    /// Gives the runnable back after [`begin`](Self::begin). Returns `false` if the owner is gone: then the current thread still has it.
    pub(crate) fn finish(&self) -> bool {
        self.0.fetch_add(DONE - RUNNING, Ordering::AcqRel) & ABANDONED == 0
    }

    /// Moves the runnable out, for its owner. Returns `false` if the owner does not have it.
    pub(crate) fn move_out(&self) -> bool {
        self.move_on(IDLE, GONE) || self.move_on(DONE, GONE)
    }

    /// Says that the owner is gone. Returns `true` if it had the runnable.
    pub(crate) fn abandon(&self) -> bool {
        matches!(self.0.fetch_or(ABANDONED, Ordering::AcqRel), IDLE | DONE)
    }
}
