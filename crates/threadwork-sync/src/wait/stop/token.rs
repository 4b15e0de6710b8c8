//! The side that learns of a stop request.

use std::{fmt, panic::Location};

use crate::{
    awaiting::{Awaited, future},
    door::{Holder, Key, Signal, Subject, TaskPlace, WaitKind},
    wait::stop::share::Share,
};

/// The side that learns of a stop request.
///
/// Tokens are equal if they are of the same [source](crate::StopSource) or of its clones.
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
/// assert_eq!(stop.token(), stop.clone().token());
/// stop.request_stop();
/// worker.join().unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
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

    /// Waits until a stop is requested, as a task of an async program.
    ///
    /// An executor that can await the first of several futures ends any of its waits with it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// # use std::{pin::pin, task::{Context, Poll, Waker}};
    /// use std::future::Future;
    /// use threadwork::StopSource;
    ///
    /// let stop = StopSource::new();
    /// let token = stop.token();
    /// let mut stopped = pin!(token.stopped_async());
    /// # let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(stopped.as_mut().poll(&mut context), Poll::Pending);
    /// stop.request_stop();
    /// assert_eq!(stopped.as_mut().poll(&mut context), Poll::Ready(()));
    /// ```
    #[track_caller]
    pub fn stopped_async(&self) -> StopWait<'_> {
        StopWait::of(Request { token: self, location: Location::caller() })
    }

    /// Returns the signal that ends waits.
    pub(crate) fn signal(&self) -> &Signal {
        &self.state.requested
    }
}

impl fmt::Debug for StopToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopToken").field("stop_requested", &self.stop_requested()).finish()
    }
}

/// The wait of a task for the stop.
struct Request<'a> {
    token: &'a StopToken,
    location: &'static Location<'static>,
}

impl Awaited for Request<'_> {
    type Got = ();

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<()> {
        self.token.stop_requested().then_some(())
    }

    fn key(&self) -> Key {
        self.token.signal().key()
    }

    fn subject(&self) -> Subject {
        Subject {
            kind: WaitKind::Stop,
            name: None,
            holder: Holder::Nobody,
            location: self.location,
        }
    }

    /// Announced with the queue locked, by [`must_wait`](Awaited::must_wait).
    fn announce(&self) -> bool {
        true
    }

    fn must_wait(&self) -> bool {
        !self.token.signal().be_watched()
    }
}

future! {
    /// The future of [`StopToken::stopped_async`].
    StopWait<'a> of Request<'a> => ();
}
