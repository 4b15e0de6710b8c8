//! What is stopped, and who has a share in it.

use std::{collections::BTreeMap, fmt, ops::Deref, sync::atomic::Ordering};

use super::{
    callback::Callback,
    family::{self, Member},
};
use crate::park::{self, Key, Mutex, Shared, Token, Word};

/// What is stopped, who waits for it, and what is to be called.
pub(super) struct StopState {
    /// Zero until a stop is requested, then one. Set only while the families are locked.
    requested: Word,
    /// How many [`Share`]s there are.
    n_shares: Word,
    pub(super) listeners: Mutex<Listeners>,
    pub(super) member: Member,
}

#[derive(Default)]
pub(super) struct Listeners {
    /// Blocked threads by their words. A thread waits for one thing at a time.
    pub(super) waiters: BTreeMap<usize, Key>,
    pub(super) callbacks: BTreeMap<u64, Shared<Callback>>,
    pub(super) next_callback: u64,
}

impl StopState {
    pub(super) fn stop_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire) != 0
    }

    /// Notes that a stop is requested, for the first time or not. The families are locked.
    pub(super) fn note_request(&self) -> bool {
        self.requested.swap(1, Ordering::AcqRel) == 0
    }

    /// Wakes the threads that wait for the stop, and takes what is to be called. The request is noted, so nobody joins them after this.
    pub(super) fn wake(&self) -> BTreeMap<u64, Shared<Callback>> {
        let mut listeners = self.listeners.lock();
        // Under the lock: a waiter that leaves meanwhile for another reason waits in `StopToken::leave`, so
        // that it cannot be taken for a waiter by this stop when it stands in the same queue again.
        for (thread, key) in std::mem::take(&mut listeners.waiters) {
            park::unpark_thread(key, thread, Token::STOPPED);
        }
        std::mem::take(&mut listeners.callbacks)
    }
}

impl fmt::Debug for StopState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopState")
            .field("stop_requested", &self.stop_requested())
            .finish_non_exhaustive()
    }
}

/// What a source has of a state, and a token, and so everybody who can ask for the stop or learn of it.
///
/// Those who only pass a stop on have none. With the last one the state leaves its family.
pub(super) struct Share(Shared<StopState>);

impl Share {
    /// The only share in a new state.
    pub(super) fn new() -> Share {
        Share(Shared::new(StopState {
            requested: Word::new(0),
            n_shares: Word::new(1),
            listeners: Mutex::default(),
            member: Member::new(),
        }))
    }

    pub(super) fn state(&self) -> &Shared<StopState> {
        &self.0
    }
}

impl Clone for Share {
    fn clone(&self) -> Self {
        self.0.n_shares.fetch_add(1, Ordering::Relaxed);
        Share(Shared::clone(&self.0))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.0.n_shares.fetch_sub(1, Ordering::AcqRel) == 1 {
            family::leave(&self.0);
        }
    }
}

impl Deref for Share {
    type Target = StopState;

    fn deref(&self) -> &StopState {
        &self.0
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
