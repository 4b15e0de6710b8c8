//! Sleeping on a futex of Linux.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use rustix::{
    io::Errno,
    thread::futex::{self, Flags, Timespec},
};

use super::shared::{Batch, Slot};
use crate::floor::now;

/// The sleep of one thread.
#[derive(Debug)]
pub(crate) struct Sleep {
    word: AtomicU32,
    /// Where the thread sleeps if it sleeps at a shared word.
    slot: Slot,
}

/// The thread does not sleep, and nobody has woken it.
const AWAKE: u32 = 0;
/// A wake-up has come that the thread has not noticed yet.
const WOKEN: u32 = 1;
/// The thread sleeps at its own word, or is about to.
const ASLEEP: u32 = 2;
/// The thread sleeps in its slot, or is about to.
const IN_SLOT: u32 = 3;

impl Sleep {
    pub(crate) fn new() -> Sleep {
        Sleep { word: AtomicU32::new(AWAKE), slot: Slot::next() }
    }

    /// Suspends the current thread, which owns the sleep, until it is woken or the deadline passes. Returns `true` if it was woken.
    ///
    /// A wake-up that came before ends the sleep at once. It may have been meant for an earlier wait, so a woken thread looks again.
    /// What the waking thread did before is seen after this.
    pub(crate) fn suspend(&self, deadline: Option<Instant>) -> bool {
        if !self.begin(ASLEEP) {
            return self.end();
        }
        loop {
            let timed_out = !wait(&self.word, deadline);
            if timed_out || self.is_woken() {
                return self.end();
            }
        }
    }

    /// As [`suspend`](Self::suspend) without a deadline. Several threads that sleep like this are woken with one system call.
    pub(crate) fn suspend_shared(&self) -> bool {
        if self.begin(IN_SLOT) {
            self.slot.sleep_until(|| self.is_woken());
        }
        self.end()
    }

    /// Wakes the thread that owns the sleep, or ends its next sleep.
    pub(crate) fn wake(&self) {
        Wakes::new().add(self);
    }

    /// Returns `false` if a wake-up has come before.
    fn begin(&self, how: u32) -> bool {
        self.word.compare_exchange(AWAKE, how, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn is_woken(&self) -> bool {
        self.word.load(Ordering::Relaxed) == WOKEN
    }

    fn end(&self) -> bool {
        self.word.swap(AWAKE, Ordering::Acquire) == WOKEN
    }
}

/// Wake-ups of several threads. Those that sleep at a shared word are woken together, when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Wakes(Batch);

impl Wakes {
    pub(crate) fn new() -> Wakes {
        Wakes::default()
    }

    /// Wakes the thread that owns the sleep, or ends its next sleep.
    pub(crate) fn add(&mut self, sleep: &Sleep) {
        match sleep.word.swap(WOKEN, Ordering::Release) {
            ASLEEP => {
                // Fails only where futexes do not exist at all; then nothing could sleep either.
                let _ = futex::wake(&sleep.word, Flags::PRIVATE, 1);
            }
            IN_SLOT => self.0.add(sleep.slot),
            _ => (),
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
