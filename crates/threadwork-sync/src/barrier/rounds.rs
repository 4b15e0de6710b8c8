//! The rounds of a barrier: changes that are made with its queue locked.

use std::{cell::Cell, sync::atomic::Ordering};

use crate::{
    barrier::{
        Arrival, BROKEN, Barrier, BarrierWaitResult, END_BITS, End, FILLING, PASSED, PHASE, SHIFT,
        TRIPPING,
    },
    door::{self, Filter, Token},
    error::{BrokenBarrierError, BrokenReason},
    payload::catch,
};

impl Barrier {
    /// Runs `change` with the queue locked. If it ends the round, wakes all parties and tells them how the round ended.
    pub(super) fn locked(&self, change: impl FnOnce() -> Option<End>) {
        // Only the change decides whether threads are woken, but the queue calls back for each thread before the end. So the change runs
        // at the first thread in the queue, or at the end if the queue is empty.
        let change = Cell::new(Some(change));
        let end = Cell::new(None);
        let once = || {
            if let Some(change) = change.take() {
                end.set(change());
            }
            end.get()
        };
        door::unpark_filter(
            self.key(),
            |_| if once().is_some() { Filter::Wake } else { Filter::Stop },
            |_| Token::value(once().unwrap_or(PASSED)),
        );
    }

    /// Records how the round ended. The queue is locked.
    pub(super) fn end_round(&self, end: End) -> End {
        let history = self.history.load(Ordering::Relaxed);
        self.history.store(history << END_BITS | end, Ordering::Relaxed);
        let round = self.round.load(Ordering::Relaxed);
        self.round.store(round.wrapping_add(1), Ordering::Relaxed);
        end
    }

    /// Returns how `round` ended, or `None` if it has not ended. The queue is locked.
    pub(super) fn end_of(&self, round: usize) -> Option<End> {
        let ago = self.round.load(Ordering::Relaxed).wrapping_sub(round).checked_sub(1)?;
        let shift = u32::try_from(ago).unwrap_or(u32::MAX).saturating_mul(END_BITS);
        // Too long ago for the history. Counts as passed: no round since then needed this party.
        Some(
            self.history.load(Ordering::Relaxed).checked_shr(shift).unwrap_or(PASSED)
                & ((1 << END_BITS) - 1),
        )
    }

    /// Counts an arrival, if the phase allows it. The queue is locked.
    pub(super) fn count(&self) -> Arrival {
        let word = self.word.load(Ordering::Relaxed);
        let round = self.round.load(Ordering::Relaxed);
        match word & PHASE {
            BROKEN => Arrival::Broken(word >> SHIFT),
            TRIPPING => Arrival::Busy,
            _ if (word >> SHIFT) + 1 == self.parties() => {
                self.word.store(TRIPPING, Ordering::Relaxed);
                Arrival::Last { round }
            }
            _ => {
                self.word.store(word + (1 << SHIFT), Ordering::Relaxed);
                Arrival::Waiting { index: word >> SHIFT, round }
            }
        }
    }

    /// Ends a round in which all parties have arrived, this thread last: runs the action and releases the others.
    pub(super) fn trip(&self, round: usize) -> Result<BarrierWaitResult, BrokenBarrierError> {
        let turn = self.turn();
        self.act(round)?;
        let mut ended = PASSED;
        let index = self.parties() - 1;
        self.locked(|| {
            if let Some(end) = self.end_of(round) {
                // Another thread has aborted or reset the barrier in the meantime.
                ended = end;
                return None;
            }
            self.end_round(PASSED);
            self.word.store(FILLING, Ordering::Relaxed);
            Some(PASSED)
        });
        // The round is over, and a party that passed may free the barrier, so use only the address from here on.
        // Scenario "the lock that is freed by its next owner" in docs/architecture.md.
        door::unpark_all(turn, Token::RETRY);
        match ended {
            PASSED => Ok(BarrierWaitResult { index, leader: true }),
            end => Err(BrokenBarrierError::of(end)),
        }
    }

    /// Runs the action, if there is one. Breaks the round if that fails or panics.
    fn act(&self, round: usize) -> Result<(), BrokenBarrierError> {
        let Some(action) = self.action.get() else {
            return Ok(());
        };
        let breaks = |reason| self.break_round(reason, || self.end_of(round).is_none());
        match catch(action) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(failure)) => {
                breaks(BrokenReason::ActionFailed);
                Err(BrokenBarrierError::failed(failure))
            }
            Err(payload) => {
                breaks(BrokenReason::ActionPanicked);
                payload.resume()
            }
        }
    }

    /// Breaks the barrier, unless it is already broken or `may_break`, called with the queue locked, returns `false`.
    pub(super) fn break_round(&self, reason: BrokenReason, may_break: impl FnOnce() -> bool) {
        let turn = self.turn();
        self.locked(|| {
            if !may_break() || self.word.load(Ordering::Relaxed) & PHASE == BROKEN {
                return None;
            }
            let end = self.end_round(reason as End);
            self.word.store(end << SHIFT | BROKEN, Ordering::Relaxed);
            Some(end)
        });
        door::unpark_all(turn, Token::RETRY);
    }
}

/// What a thread that watches the barrier beside other objects needs.
impl Barrier {
    /// Returns the number of the current round.
    pub(crate) fn round(&self) -> usize {
        self.round.load(Ordering::Relaxed)
    }

    /// Returns `true` if the round with this number has ended, or if the barrier is broken. The queue is locked.
    pub(crate) fn is_past(&self, round: usize) -> bool {
        self.round() != round || self.is_broken()
    }

    /// Like [`is_past`](Self::is_past), when the queue is not locked.
    ///
    /// What ended the round is over when this returns, because that was done with the queue locked: so the caller sees it, and may free the
    /// barrier.
    pub(crate) fn has_ended(&self, round: usize) -> bool {
        self.is_past(round) && door::with_locked(self.key(), |_| self.is_past(round))
    }
}
