//! Who has a share in what is stopped.

use std::{fmt, ops::Deref, sync::atomic::Ordering};

use crate::{
    floor::Arc,
    wait::stop::{family, state::StopState},
};

/// What a source has of a state, and a token, and so everybody who can ask for the stop or learn of it.
///
/// Those who only pass a stop on have none. With the last one the state leaves its family.
pub(super) struct Share(Arc<StopState>);

impl Share {
    /// The only share in a new state.
    pub(super) fn new() -> Share {
        Share(Arc::new(StopState::new()))
    }

    pub(super) fn state(&self) -> &Arc<StopState> {
        &self.0
    }
}

impl Clone for Share {
    fn clone(&self) -> Self {
        self.0.n_shares.fetch_add(1, Ordering::Relaxed);
        Share(Arc::clone(&self.0))
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
