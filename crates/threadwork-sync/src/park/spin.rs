//! Waiting on the processor, before a thread sleeps.
//!
//! To put a thread to sleep and wake it takes longer than most waits between threads that take turns, most of all on an idle or a virtual
//! processor. So a thread looks a few times more before it sleeps: with pauses of the processor in between, then letting others run.
//! Others run seven times in `parking_lot_core` 0.10, and `std`'s mutex pauses a hundred times; the rest was found with the benchmark
//! `sync_ratios`, on two x86-64 processors.

use std::{hint, thread};

/// A few rounds of waiting.
#[derive(Debug)]
pub(crate) struct Spin {
    /// Rounds on the processor that are left, and the pauses of each; then rounds in which others run.
    on_processor: u32,
    pauses: u32,
    others: u32,
}

impl Spin {
    /// For a word that many look at and change: to look more often takes it away from those who work on it.
    pub(crate) const fn at_word() -> Spin {
        Spin { on_processor: 2, pauses: 100, others: 20 }
    }

    /// For a thread's own flag, which is set once. There may be many such threads, of which each keeps others from running.
    pub(crate) const fn in_queue() -> Spin {
        Spin { on_processor: 3, pauses: 2, others: 7 }
    }

    /// Waits for a round. False if there have been enough.
    pub(crate) fn spin(&mut self) -> bool {
        if self.on_processor > 0 {
            self.on_processor -= 1;
            pause(self.pauses);
        } else if self.others > 0 {
            self.others -= 1;
            thread::yield_now();
        } else {
            return false;
        }
        true
    }
}

/// Leaves a word to others for a moment: another thread has just changed it under this one's hand.
#[cold]
pub(crate) fn back_off() {
    pause(32);
}

fn pause(times: u32) {
    (0..times).for_each(|_| hint::spin_loop());
}
