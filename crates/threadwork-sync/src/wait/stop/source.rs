//! The side that requests a stop.

use std::{collections::BTreeMap, fmt};

use crate::{
    floor,
    payload::{Payload, catch},
    wait::stop::{family, share::Share, token::StopToken},
};

/// The side that requests a stop.
///
/// Every clone, and every [`StopToken`] taken from one, refers to the same request, which can be made once and cannot be withdrawn.
/// A source is a pointer of 8 bytes, and so is a token. Sources are equal if they are clones of each other.
/// The name and the meaning are those of C++20's `std::stop_source`.
///
/// # Children
///
/// A source may also be stopped by other sources, its parents ([`child_of`](Self::child_of)). It does not keep them in memory: once no
/// source, token or callback of a parent is left, the parent's own parents take its place. So a relay, in which each thread creates a child
/// of the token that it was given and hands on a token of that child, takes as much memory as its last runners, however long it lasts.
///
/// # Happens-before
///
/// Everything that the stopping thread did before [`request_stop`](Self::request_stop) is visible to every thread that learns of the stop.
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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StopSource {
    pub(super) state: Share,
}

impl StopSource {
    /// Creates a source whose stop has not been requested.
    #[must_use]
    pub fn new() -> StopSource {
        StopSource { state: Share::new() }
    }

    /// Creates a source that is stopped by its own request or by that of `parent`, whichever comes first.
    ///
    /// Its own request does not stop the parent.
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

    /// Creates a source that is stopped by its own request or by that of any of `parents`.
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
        // The iterator is user code: it is exhausted before anything is locked.
        let parents: Vec<_> = parents.into_iter().map(|parent| parent.share().state()).collect();
        let child = StopSource::new();
        let _inside = floor::inside();
        family::join(child.state.state(), &parents);
        child
    }

    /// Returns a token, by which waits and loops learn of the stop.
    #[must_use]
    pub fn token(&self) -> StopToken {
        StopToken::new(self.state.clone())
    }

    /// Requests the stop: wakes every wait that was given a token of this source or of its descendants, then runs the callbacks
    /// in the current thread, in order of registration, the callbacks of a parent before those of its children.
    ///
    /// Returns `true` if this was the first request; any later request does nothing.
    ///
    /// # Panics
    ///
    /// Panics if a callback panics: the other callbacks still run, then the first panic resumes in the current thread.
    pub fn request_stop(&self) -> bool {
        let (stopped, callbacks) = {
            let _inside = floor::inside();
            let stopped = family::stop(self.state.state());
            let callbacks: Vec<_> = stopped.iter().map(|it| it.take_callbacks()).collect();
            (stopped, callbacks)
        };
        // Wakers of tasks are user code, so nothing is locked here.
        stopped.iter().for_each(|it| it.requested.end_waits());
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

    /// Returns `true` if a stop has been requested. This is a single load.
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

impl fmt::Debug for StopSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopSource").field("stop_requested", &self.stop_requested()).finish()
    }
}
