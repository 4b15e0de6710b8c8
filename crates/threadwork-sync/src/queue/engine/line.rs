//! The line of those who wait at one end of a queue: for an item, or for room.

use std::{mem, sync::atomic::Ordering};

use crate::{
    door::{self, Filter, Found, HandOver, Key, Sort, Ticket, Token},
    floor::{Word, const_new},
};

/// Those who wait at one end of a queue, and how many items or places there are for them to take.
///
/// Scenario "the queue that is left in order" in docs/architecture.md.
pub(super) struct Line {
    /// How many there are to take. Changed with the lock of the queue held. Its address is the key of the line.
    there: Word,
    /// The flags below. Changed by read-modify-writes, because those who are not in the queue's lock change them too.
    flags: Word,
}

/// Somebody is in the line, or is about to enter it. Cleared only with the line's bucket locked.
const PARKED: usize = 1;
/// A thread was woken to look, and has not looked yet. It wakes the next one if it leaves something.
const WAKING: usize = 2;
/// Whoever waits has to look: the queue was shut down, and at the end for items none is left.
const CLOSED: usize = 4;

/// Whom a thread wakes that leaves the queue's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Nobody,
    /// The first, who looks for something to take.
    One,
    /// The first thread, for which one item or place is kept back. Nobody else: there is nothing for them yet.
    Owed,
    All,
}

impl Line {
    const_new! {
        pub(super) const fn new(there: usize) -> Line {
            Line { there: Word::new(there), flags: Word::new(0) }
        }
    }

    /// The key is exact, because a wake-up can keep an item back for the woken thread.
    pub(super) fn key(&self) -> Key {
        Key::exact(&self.there)
    }

    /// Returns how many there are to take. That is no more than a hint without the queue's lock.
    #[inline]
    pub(super) fn there(&self) -> usize {
        self.there.load(Ordering::Acquire)
    }

    /// Sets how many there are to take. The queue's lock is held.
    #[inline]
    pub(super) fn set_there(&self, there: usize) {
        // What goes with an item is ordered by the lock; a thread that finds the queue empty may rely on that too.
        self.there.store(there, Ordering::Release);
    }

    /// Returns `true` if whoever looks now finds nothing, and has no reason not to wait.
    #[inline]
    pub(super) fn has_nothing(&self) -> bool {
        self.there() == 0 && !self.is_closed()
    }

    /// Returns `true` if somebody is in the line and has to be woken by whoever changes the queue. The queue's lock is held.
    #[inline]
    pub(super) fn is_waited_in(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & PARKED != 0
    }

    /// Returns `true` if a woken thread is about to look. The queue's lock is held.
    pub(super) fn is_called(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & WAKING != 0
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.flags.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Says that nobody has to wait here any more. The queue's lock is held.
    pub(super) fn close(&self) {
        self.flags.fetch_or(CLOSED, Ordering::AcqRel);
    }

    /// Says that the current thread or task, which has found nothing, is about to wait. The queue's lock is held.
    pub(super) fn announce(&self) {
        if self.flags.load(Ordering::Relaxed) & PARKED == 0 {
            self.flags.fetch_or(PARKED, Ordering::Relaxed);
        }
    }

    /// Says that a thread that was woken looks now. The queue's lock is held.
    pub(super) fn land(&self) {
        self.flags.fetch_and(!WAKING, Ordering::Relaxed);
    }

    /// Returns `true` if nothing has changed since the announcement. The bucket is locked.
    pub(super) fn is_announced(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & (PARKED | CLOSED) == PARKED
    }

    /// Says that the last one has left the line. The bucket is locked.
    pub(super) fn has_left(&self, was_last: bool) {
        if was_last {
            self.flags.fetch_and(!PARKED, Ordering::Relaxed);
        }
    }

    #[cfg(test)]
    pub(super) fn flags(&self) -> usize {
        self.flags.load(Ordering::Relaxed)
    }

    /// Wakes as `call` says. Returns `true` if a thread was there to be woken. The queue's lock is not held.
    pub(super) fn wake(&self, call: Call) -> bool {
        let token = if call == Call::Owed { Token::HANDED_OVER } else { Token::RETRY };
        let set = if call == Call::All { 0 } else { WAKING };
        let woken = |found: Found| {
            let clear = if found.more { 0 } else { PARKED };
            let set = if found.woken > 0 { set } else { 0 };
            let change = |flags: usize| Some(flags & !clear | set);
            // The change is never refused.
            let _ = self.flags.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
            token
        };
        let found = match call {
            Call::Nobody => return false,
            Call::All => door::unpark_filter(self.key(), |_| Filter::Wake, woken),
            Call::One => door::unpark_one(self.key(), woken),
            Call::Owed => {
                let mut chosen = false;
                let first = |it: Ticket| match it.sort {
                    Sort::Waiter if !mem::replace(&mut chosen, true) => Filter::Wake,
                    _ => Filter::Skip,
                };
                door::unpark_filter(self.key(), first, woken)
            }
        };
        if call == Call::Owed {
            HandOver::note(self.key());
        }
        found.woken > 0
    }
}
