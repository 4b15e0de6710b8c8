//! What is stopped.

use std::{collections::BTreeMap, fmt, mem, sync::atomic::Ordering};

use crate::{
    door::{self, Key, Token},
    floor::{Arc, Mutex, Word},
    wait::stop::function::Function,
};

/// What is stopped, who waits for it, and what is to be called.
pub(super) struct StopState {
    /// Zero until a stop is requested, then one. Set only while the families are locked.
    requested: Word,
    /// How many [`Share`](super::share::Share)s there are.
    pub(super) n_shares: Word,
    pub(super) listeners: Mutex<Listeners>,
    pub(super) member: Member,
}

#[derive(Default)]
pub(super) struct Listeners {
    /// Blocked threads by their words. A thread waits for one thing at a time.
    pub(super) waiters: BTreeMap<usize, Key>,
    /// With the numbers of their callbacks.
    pub(super) callbacks: BTreeMap<u64, Arc<Function>>,
    pub(super) next_callback: u64,
}

/// What a state has of its family.
pub(super) struct Member {
    /// Whether there has ever been a link: zero for no.
    is_linked: Word,
    /// Locked only while the families are.
    pub(super) links: Mutex<Links>,
}

/// The links of a state.
#[derive(Default)]
pub(super) struct Links {
    /// Given with the first link. Children are stopped in order of their numbers.
    pub(super) number: u64,
    /// With their numbers, and in order of these.
    pub(super) parents: Vec<(u64, Arc<StopState>)>,
    pub(super) children: BTreeMap<u64, Arc<StopState>>,
}

impl StopState {
    /// One whose stop has not been requested, with one share.
    pub(super) fn new() -> StopState {
        StopState {
            requested: Word::new(0),
            n_shares: Word::new(1),
            listeners: Mutex::default(),
            member: Member::new(),
        }
    }

    pub(super) fn stop_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire) != 0
    }

    /// Notes that a stop is requested, for the first time or not. The families are locked.
    pub(super) fn note_request(&self) -> bool {
        self.requested.swap(1, Ordering::AcqRel) == 0
    }

    /// Wakes the threads that wait for the stop, and takes what is to be called. The request is noted, so nobody joins them after this.
    pub(super) fn wake(&self) -> BTreeMap<u64, Arc<Function>> {
        let mut listeners = self.listeners.lock();
        // Under the lock: a waiter that leaves meanwhile for another reason waits in `StopToken::leave`, so
        // that it cannot be taken for a waiter by this stop when it stands in the same queue again.
        for (thread, key) in mem::take(&mut listeners.waiters) {
            door::unpark_thread(key, thread, Token::STOPPED);
        }
        mem::take(&mut listeners.callbacks)
    }
}

impl Member {
    fn new() -> Member {
        Member { is_linked: Word::new(0), links: Mutex::default() }
    }

    /// Whether there has ever been a link.
    pub(super) fn is_linked(&self) -> bool {
        self.is_linked.load(Ordering::Relaxed) != 0
    }

    /// Its number, which it gets now if it has none.
    pub(super) fn number(&self, youngest: &mut u64) -> u64 {
        let mut links = self.links.lock();
        if links.number == 0 {
            *youngest += 1;
            links.number = *youngest;
            self.is_linked.store(1, Ordering::Relaxed);
        }
        links.number
    }

    /// Takes its side of all its links.
    pub(super) fn cut(&self) -> Links {
        let mut links = self.links.lock();
        let number = links.number;
        mem::replace(&mut links, Links { number, ..Links::default() })
    }
}

impl fmt::Debug for StopState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopState")
            .field("stop_requested", &self.stop_requested())
            .finish_non_exhaustive()
    }
}
