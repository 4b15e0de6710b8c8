//! The side that learns of a stop request.

use crate::{door::Signal, wait::stop::share::Share};

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

    /// Returns the signal that ends waits.
    pub(crate) fn signal(&self) -> &Signal {
        &self.state.requested
    }
}
