//! How a lock is freed, as its queue changes, and when it is handed over instead.
//!
//! A lock that is freed goes to the fastest thread, and that is the one that runs: so a waiter could be overtaken for ever. A lock that is
//! handed over stays idle until the waiter runs. So a lock is freed most of the time and handed over now and then, always to the thread
//! that has waited longest, and a thread that was woken and overtaken keeps its turn.
//! (Others decide alike: Go's mutex after a wait of a millisecond; parking_lot up to 0.12 about each half millisecond; Linux's mutex once
//! the first waiter has been overtaken.)
//!
//! The times were found with the benchmark `fairness`, on two x86-64 processors.
//!
//! Scenario "the waiter that is overtaken" in docs/architecture.md.

use std::time::Duration;

use crate::{
    door::{
        Key,
        bucket::{table::paces, terms::Ticket},
        label::FreedBy,
        queue::wake::with_locked,
    },
    floor::{AtWork, fence},
};

#[cfg(all(test, not(threadwork_loom)))]
mod tests;

/// The time between two hand-overs to a thread that is awake, which costs little.
const TO_AWAKE: Duration = Duration::from_micros(150);

/// The time between two hand-overs to a thread that sleeps. An idle virtual processor takes 25 us and more to run it.
const TO_SLEEPING: Duration = Duration::from_millis(1);

/// A woken thread that has not come back to the lock after this time is kept from running, perhaps by the holder.
const COMES_BACK: Duration = Duration::from_micros(250);

/// After this time a woken thread is not expected any more. It has had the lock, or has given up.
const IS_GONE: Duration = Duration::from_millis(10);

/// How long a lock is freed by swaps after a fence, at least. A fence interrupts all processors that run the process.
const FENCES_APART: Duration = Duration::from_millis(1);

/// Whether a lock is handed over instead of being freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandOver {
    Never,
    /// If the first waiter is awake.
    IfAwake,
    Always,
}

impl HandOver {
    /// Decides for a lock that others wait for. Reads the clock.
    pub(crate) fn when(key: Key) -> HandOver {
        #[cfg(test)]
        if let Some(decided) = crate::door::testing::decided() {
            return decided;
        }
        let last = &paces(key).hand_overs;
        if last.allows(TO_SLEEPING) {
            HandOver::Always
        } else if last.allows(TO_AWAKE) {
            HandOver::IfAwake
        } else {
            HandOver::Never
        }
    }

    /// Returns `true` if the lock is handed over to this thread, which is the first waiter. The queue is locked.
    pub(crate) fn suits(self, ticket: Ticket) -> bool {
        self == HandOver::Always || self == HandOver::IfAwake && ticket.is_awake
    }

    /// Notes that a lock is handed over now.
    pub(crate) fn note(key: Key) {
        paces(key).hand_overs.step();
    }
}

impl FreedBy {
    /// Counts a release by a swap, and looks at the queue now and then. Returns `true` if the current thread should let others run after the
    /// release. The caller holds the lock.
    #[inline]
    pub(crate) fn count_release(&self, key: Key) -> bool {
        self.count() && self.look(key)
    }

    /// Lets the lock be freed by a store if nobody is in the queue or on the way from it, and if the last fence is long enough ago.
    #[cold]
    fn look(&self, key: Key) -> bool {
        if !AtWork::is_on() && is_asymmetric() {
            with_locked(key, |is_waited_for| {
                let last = paces(key);
                let is_expected = is_waited_for || !last.wake_ups.allows(IS_GONE);
                if !is_expected && last.fences.allows(FENCES_APART) {
                    self.become_store();
                }
            });
        }
        must_yield(key)
    }

    /// Makes the holder free the lock by a swap, because somebody is about to enter the queue, which is locked.
    ///
    /// After this, either the caller sees that the lock is free, or the release visits the queue.
    #[inline]
    pub(crate) fn must_swap(&self, key: Key) {
        if self.leave_store() {
            fence_for(key);
        }
    }

    /// Notes that a waiter is woken to take the lock, which is free. The queue is locked.
    pub(crate) fn has_woken(&self, key: Key) {
        self.count_again();
        paces(key).wake_ups.step();
    }
}

/// Returns `true` if the system has the fence. The first call may allocate. An allocator that uses a lock for that ends the process with a
/// message.
fn is_asymmetric() -> bool {
    let _at_work = AtWork::begin();
    fence::is_asymmetric()
}

#[cold]
fn fence_for(key: Key) {
    fence::heavy();
    paces(key).fences.step();
}

/// Returns `true` if a woken thread has not come back: it may be waiting for the processor on which the current thread runs.
fn must_yield(key: Key) -> bool {
    let last = paces(key);
    let is_late = last.wake_ups.allows(COMES_BACK) && !last.wake_ups.allows(IS_GONE);
    let yields = is_late && last.yields.allows(COMES_BACK);
    if yields {
        last.yields.step();
    }
    yields
}
