//! Sleeping on a futex of Linux.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use rustix::{
    io::Errno,
    thread::futex::{self, Flags, Timespec},
};

use crate::floor::now;

/// The sleep of one thread.
#[derive(Debug)]
pub(crate) struct Sleep(AtomicU32);

/// The thread does not sleep, and nobody has woken it.
const AWAKE: u32 = 0;
/// A wake-up has come that the thread has not noticed yet.
const WOKEN: u32 = 1;
/// The thread sleeps, or is about to.
const ASLEEP: u32 = 2;

impl Sleep {
    pub(crate) const fn new() -> Sleep {
        Sleep(AtomicU32::new(AWAKE))
    }

    /// Suspends the current thread, which owns the sleep, until it is woken or the deadline passes. Returns `true` if it was woken.
    ///
    /// A wake-up that came before ends the sleep at once. It may have been meant for an earlier wait, so a woken thread looks again.
    /// What the waking thread did before is seen after this.
    pub(crate) fn suspend(&self, deadline: Option<Instant>) -> bool {
        if self.0.compare_exchange(AWAKE, ASLEEP, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return self.0.swap(AWAKE, Ordering::Acquire) == WOKEN;
        }
        loop {
            let timed_out = !wait(&self.0, deadline);
            if timed_out || self.0.load(Ordering::Relaxed) == WOKEN {
                return self.0.swap(AWAKE, Ordering::Acquire) == WOKEN;
            }
        }
    }

    /// Wakes the thread that owns the sleep, or ends its next sleep.
    pub(crate) fn wake(&self) {
        if self.0.swap(WOKEN, Ordering::Release) == ASLEEP {
            // Fails only where futexes do not exist at all; then nothing could sleep either.
            let _ = futex::wake(&self.0, Flags::PRIVATE, 1);
        }
    }
}

/// Waits while the word is [`ASLEEP`]. Returns `false` if the deadline has passed; a `true` may come for no reason.
fn wait(word: &AtomicU32, deadline: Option<Instant>) -> bool {
    // The system's own type of an absolute time cannot be made from an `Instant`, so the remaining time is computed.
    let left = deadline.map(|it| it.saturating_duration_since(now()));
    if left.is_some_and(|left| left.is_zero()) {
        return false;
    }
    // A time that is too long for the system is no limit.
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    futex::wait(word, Flags::PRIVATE, ASLEEP, left.as_ref()) != Err(Errno::TIMEDOUT)
}
