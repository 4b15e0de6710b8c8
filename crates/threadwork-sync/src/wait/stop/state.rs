//! The state of a stop.

use std::{collections::BTreeMap, mem, sync::atomic::Ordering};

use crate::{
    door::Signal,
    floor::{Arc, Mutex, Word},
    wait::stop::function::Function,
};

/// The state of a stop: whether it was requested, and which callbacks it calls.
pub(super) struct StopState {
    /// Raised when a stop is requested, while the families are locked. Waits watch it.
    pub(super) requested: Signal,
    /// The number of [`Share`](super::share::Share)s.
    pub(super) n_shares: Word,
    pub(super) callbacks: Mutex<Callbacks>,
    pub(super) member: Member,
}

/// The callbacks of a stop.
#[derive(Default)]
pub(super) struct Callbacks {
    pub(super) by_number: BTreeMap<u64, Arc<Function>>,
    /// The number of the next one.
    pub(super) next: u64,
}

/// The place of a state in its family.
pub(super) struct Member {
    /// Whether there has ever been a link: zero for no.
    is_linked: Word,
    /// Locked only while the families are.
    pub(super) links: Mutex<Links>,
}

/// The links of a state.
#[derive(Default)]
pub(super) struct Links {
    /// Assigned with the first link. Children are stopped in order of their numbers.
    pub(super) number: u64,
    /// The parents with their numbers, in order of the numbers.
    pub(super) parents: Vec<(u64, Arc<StopState>)>,
    pub(super) children: BTreeMap<u64, Arc<StopState>>,
}

impl StopState {
    /// Creates a state whose stop has not been requested, with one share.
    pub(super) fn new() -> StopState {
        StopState {
            requested: Signal::new(),
            n_shares: Word::new(1),
            callbacks: Mutex::default(),
            member: Member::new(),
        }
    }

    pub(super) fn stop_requested(&self) -> bool {
        self.requested.is_raised()
    }

    /// Notes that a stop is requested. Returns `true` if this is the first request. The families are locked.
    pub(super) fn note_request(&self) -> bool {
        self.requested.raise()
    }

    /// Takes the callbacks. The request is already noted, so none is added after this.
    pub(super) fn take_callbacks(&self) -> BTreeMap<u64, Arc<Function>> {
        mem::take(&mut self.callbacks.lock().by_number)
    }
}

impl Member {
    fn new() -> Member {
        Member { is_linked: Word::new(0), links: Mutex::default() }
    }

    /// Returns `true` if there has ever been a link.
    pub(super) fn is_linked(&self) -> bool {
        self.is_linked.load(Ordering::Relaxed) != 0
    }

    /// Returns the number, which is assigned now if there is none yet.
    pub(super) fn number(&self, youngest: &mut u64) -> u64 {
        let mut links = self.links.lock();
        if links.number == 0 {
            *youngest += 1;
            links.number = *youngest;
            self.is_linked.store(1, Ordering::Relaxed);
        }
        links.number
    }

    /// Removes this side of all links and returns it.
    pub(super) fn cut(&self) -> Links {
        let mut links = self.links.lock();
        let number = links.number;
        mem::replace(&mut links, Links { number, ..Links::default() })
    }
}
