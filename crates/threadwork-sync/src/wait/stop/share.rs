//! Shares in the state of a stop.

use std::{
    hash::{Hash, Hasher},
    ops::Deref,
    ptr,
    sync::atomic::Ordering,
};

use crate::{
    floor::Arc,
    wait::stop::{family, state::StopState},
};

/// The reference of a source or a token to a state: everything that can request the stop or learn of it has one.
///
/// A state that only passes a stop on has no shares. When its last share is dropped, a state leaves its family.
pub(super) struct Share(Arc<StopState>);

impl Share {
    /// Creates a new state, and returns its only share.
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

/// Two shares are equal if they are of the same state.
impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Share {}

impl Hash for Share {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        ptr::from_ref(&**self).hash(hasher);
    }
}
