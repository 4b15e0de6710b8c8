//! The side that asks for a stop.

use std::collections::BTreeMap;

use crate::{
    floor,
    payload::{Payload, catch},
    wait::stop::{family, share::Share, token::StopToken},
};

/// The side that asks for a stop.
///
/// Every clone, and every [`StopToken`] taken from one, speaks of the same request, which can be made once and not taken back.
/// A source is a pointer of 8 bytes, and so is a token.
/// The name and the meaning are those of C++20's `std::stop_source`.
///
/// # Children
///
/// A source may be stopped by others too ([`child_of`](Self::child_of)). It does not keep those in memory: where nobody has a source,
/// a token or a callback of a parent any more, its parents take its place. So a relay, in which each makes a child of what it was given and hands
/// on a token of that, takes as much memory as its last runners, however long it goes on.
///
/// # Happens-before
///
/// What the stopping thread did before [`request_stop`](Self::request_stop) is seen by whoever learns of the stop.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, StopSource, Wait, WaitError};
///
/// let stop = StopSource::new();
/// let token = stop.token();
/// let worker = std::thread::spawn(move || Event::new().wait_with(&Wait::forever().or_stop(&token)));
/// assert!(stop.request_stop());
/// assert_eq!(worker.join().unwrap(), Err(WaitError::Stopped));
/// ```
#[derive(Clone, Debug)]
pub struct StopSource {
    pub(super) state: Share,
}

impl StopSource {
    /// A source whose stop has not been requested.
    #[must_use]
    pub fn new() -> StopSource {
        StopSource { state: Share::new() }
    }

    /// A source that is stopped by its own request and by that of `parent`, whichever comes first.
    ///
    /// Its own request does not reach the parent.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::StopSource;
    ///
    /// let all = StopSource::new();
    /// let one = StopSource::child_of(&all.token());
    /// let other = StopSource::child_of(&all.token());
    /// one.request_stop();
    /// assert!(!all.stop_requested() && !other.stop_requested());
    /// all.request_stop();
    /// assert!(other.stop_requested());
    /// ```
    #[must_use]
    pub fn child_of(parent: &StopToken) -> StopSource {
        StopSource::child_of_all([parent])
    }

    /// A source that is stopped by its own request and by that of any of `parents`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::StopSource;
    ///
    /// let [program, group] = [StopSource::new(), StopSource::new()];
    /// let worker = StopSource::child_of_all([&program.token(), &group.token()]);
    /// group.request_stop();
    /// assert!(worker.stop_requested());
    /// assert!(!program.stop_requested());
    /// ```
    #[must_use]
    pub fn child_of_all<'a>(parents: impl IntoIterator<Item = &'a StopToken>) -> StopSource {
        // The iterator is the user's: it is at its end before anything is locked.
        let parents: Vec<_> = parents.into_iter().map(|parent| parent.share().state()).collect();
        let child = StopSource::new();
        let _inside = floor::inside();
        family::join(child.state.state(), &parents);
        child
    }

    /// What waits and loops are given, so that they learn of the stop.
    #[must_use]
    pub fn token(&self) -> StopToken {
        StopToken::new(self.state.clone())
    }

    /// Requests the stop: wakes every wait that was given a token of it or of a child, then runs the callbacks in this thread,
    /// in order of registration, and after those of a parent those of its children.
    ///
    /// Returns whether this was the first request; any other does nothing.
    ///
    /// # Panics
    ///
    /// If a callback panics, the others still run; then the first panic goes on in this thread.
    pub fn request_stop(&self) -> bool {
        let (stopped, callbacks) = {
            let _inside = floor::inside();
            let stopped = family::stop(self.state.state());
            let callbacks: Vec<_> = stopped.iter().map(|it| it.wake()).collect();
            (stopped, callbacks)
        };
        let mut first: Option<Payload> = None;
        for callback in callbacks.into_iter().flat_map(BTreeMap::into_values) {
            if let Err(payload) = catch(|| callback.run()) {
                first.get_or_insert(payload);
            }
        }
        if let Some(payload) = first {
            payload.resume();
        }
        !stopped.is_empty()
    }

    /// Whether a stop has been requested. One load.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.state.stop_requested()
    }
}

impl Default for StopSource {
    fn default() -> Self {
        StopSource::new()
    }
}
