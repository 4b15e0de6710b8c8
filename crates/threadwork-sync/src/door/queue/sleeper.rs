//! The sleepers: what a thread needs to block, whatever it waits for.
//!
//! A sleeper is never freed, only used again by another thread. So a thread may wake a sleeper after it has returned from its wait:
//! such a wake-up reaches nobody, or a thread that looks again.
//!
//! Scenario "the wake-up that comes after the return" in docs/architecture.md.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    floor::{Moment, Sleep},
    number, os,
};

#[cfg(threadwork_loom)]
mod model;
#[cfg(not(threadwork_loom))]
mod pool;

#[cfg(threadwork_loom)]
pub(super) use self::model::mine;
#[cfg(not(threadwork_loom))]
pub(super) use self::pool::{all, has_forked, mine};

/// What a thread needs to block, and what is known of the thread whether it blocks or not.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Sleeper {
    pub(super) sleep: Sleep,
    /// The word of the thread that uses it; zero while no thread does.
    owner: AtomicUsize,
    /// The operating system's number of the thread plus one; zero where it is not known.
    native_id: AtomicUsize,
    /// When the last wait of the thread ended.
    pub(super) ended: Moment,
}

impl Sleeper {
    fn new() -> Sleeper {
        Sleeper {
            sleep: Sleep::new(),
            owner: AtomicUsize::new(0),
            native_id: AtomicUsize::new(0),
            ended: Moment::none(),
        }
    }

    /// Prepares the sleeper for the current thread.
    fn begin(&self) {
        self.set_native_id(os::native_id_of_started());
        self.ended.clear();
        self.owner.store(number::current_word(), Ordering::Release);
    }

    /// Returns the word of the thread that uses the sleeper; zero if no thread does.
    pub(super) fn owner(&self) -> usize {
        self.owner.load(Ordering::Acquire)
    }

    fn set_native_id(&self, id: Option<u64>) {
        let id = id.and_then(|id| usize::try_from(id).ok()?.checked_add(1)).unwrap_or(0);
        self.native_id.store(id, Ordering::Relaxed);
    }

    /// Returns the operating system's number of the thread, where it is known.
    pub(crate) fn native_id(&self) -> Option<u64> {
        self.native_id.load(Ordering::Relaxed).checked_sub(1).map(|id| id as u64)
    }
}
