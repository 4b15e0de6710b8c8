//! Sleeping on a condition variable of `std`.

use std::{
    sync::{Condvar, PoisonError},
    time::Instant,
};

use crate::floor::{Mutex, now};

/// The sleep of one thread.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// Whether a wake-up has come that the thread has not noticed yet.
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Sleep {
    pub(crate) fn new() -> Sleep {
        Sleep { woken: Mutex::new(false), changed: Condvar::new() }
    }

    /// Suspends the current thread, which owns the sleep, until it is woken or the deadline passes. Returns `true` if it was woken.
    ///
    /// A wake-up that came before ends the sleep at once. It may have been meant for an earlier wait, so a woken thread looks again.
    /// What the waking thread did before is seen after this.
    pub(crate) fn suspend(&self, deadline: Option<Instant>) -> bool {
        let mut woken = self.woken.lock();
        while !*woken {
            let Some(deadline) = deadline else {
                woken = self.changed.wait(woken).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(woken, left);
            woken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *woken = false;
        true
    }

    /// As [`suspend`](Self::suspend) without a deadline.
    pub(crate) fn suspend_shared(&self) -> bool {
        self.suspend(None)
    }

    /// Wakes the thread that owns the sleep, or ends its next sleep.
    pub(crate) fn wake(&self) {
        *self.woken.lock() = true;
        self.changed.notify_one();
    }
}

/// Wake-ups of several threads.
#[derive(Debug)]
pub(crate) struct Wakes;

impl Wakes {
    pub(crate) fn new() -> Wakes {
        Wakes
    }

    /// Wakes the thread that owns the sleep, or ends its next sleep.
    pub(crate) fn add(&mut self, sleep: &Sleep) {
        sleep.wake();
    }
}
