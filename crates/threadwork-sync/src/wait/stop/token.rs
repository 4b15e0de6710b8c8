//! The side that learns of a stop request.

use crate::{door::Key, floor, number, wait::stop::share::Share};

/// The side that learns of a stop request.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::StopSource;
///
/// let stop = StopSource::new();
/// let token = stop.token();
/// let worker = std::thread::spawn(move || {
///     let mut rounds = 0;
///     while !token.stop_requested() {
///         rounds += 1;
///     }
///     rounds
/// });
/// stop.request_stop();
/// worker.join().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct StopToken {
    state: Share,
}

impl StopToken {
    pub(super) fn new(state: Share) -> StopToken {
        StopToken { state }
    }

    pub(super) fn share(&self) -> &Share {
        &self.state
    }

    /// Returns `true` if a stop has been requested. This is a single load.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.state.stop_requested()
    }

    /// Announces that the current thread is about to wait in the queue of `key`. Returns `false` if the stop has already been requested.
    ///
    /// Scenario "the stop that meets a wake-up" in docs/architecture.md.
    pub(crate) fn enter(&self, key: Key) -> bool {
        let _inside = floor::inside();
        let mut listeners = self.state.listeners.lock();
        if self.state.stop_requested() {
            return false;
        }
        listeners.waiters.insert(number::current_word(), key);
        true
    }

    /// Withdraws the announcement. This is not needed after a wake-up by the stop itself.
    pub(crate) fn leave(&self) {
        let _inside = floor::inside();
        self.state.listeners.lock().waiters.remove(&number::current_word());
    }
}
