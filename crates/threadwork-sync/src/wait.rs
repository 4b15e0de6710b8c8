//! How long a thread is willing to wait, and which stop request ends its wait.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{
    door::{self, Key, Parked, Parking, Subject, Token, Until},
    error::WaitError,
    floor,
};

mod deadline;
mod stop;

#[cfg(test)]
mod tests;

pub use self::{
    deadline::Deadline,
    stop::{StopCallback, StopSource, StopToken, StopWait},
};

/// What may end a wait early: a [`Deadline`], a stop request, both or neither.
///
/// Every blocking method has a form `x_with(&Wait)`. The deadline is computed when the `Wait` is created, so several calls with the same
/// `Wait` share one total time. An operation that need not wait succeeds even if the deadline has passed or a stop was requested: a `Wait`
/// limits the waiting, not the operation. A `Wait` takes 24 bytes.
///
/// A timeout, a point in time, a deadline and a token are waits as they are: `x_with(&timeout.into())`.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{Lock, StopSource, Wait, WaitError};
///
/// let stop = StopSource::new();
/// let lock = Lock::new(7);
/// let wait = Wait::timeout(Duration::from_secs(5)).or_stop(&stop.token());
///
/// stop.request_stop();
/// let guard = lock.acquire_with(&wait).expect("nobody else has it");
/// assert_eq!(lock.acquire_with(&wait).unwrap_err(), WaitError::Stopped);
/// assert_eq!(lock.acquire_with(&Duration::from_millis(1).into()).unwrap_err(), WaitError::TimedOut);
/// assert_eq!(lock.acquire_with(&stop.token().into()).unwrap_err(), WaitError::Stopped);
/// # drop(guard);
/// ```
#[derive(Clone, Default)]
pub struct Wait {
    deadline: Deadline,
    stop: Option<StopToken>,
}

impl Wait {
    /// Creates a wait without a limit.
    #[must_use]
    pub const fn forever() -> Wait {
        Wait::until(Deadline::NEVER)
    }

    /// Creates a wait that ends `timeout` from now. A timeout of zero polls; a timeout that is too long for the clock never expires.
    #[must_use]
    pub fn timeout(timeout: Duration) -> Wait {
        Wait::until(Deadline::after(timeout))
    }

    /// Creates a wait that ends at `deadline`.
    #[must_use]
    pub const fn until(deadline: Deadline) -> Wait {
        Wait { deadline, stop: None }
    }

    /// Returns the same wait, which also ends when a stop of `token` is requested.
    ///
    /// A wait that is given several tokens ends with the first of their stop requests. One token costs nothing but its clone. Each further
    /// one that is another stop creates a [child of all](crate::StopSource::child_of_all) of them, which ends with the wait and its clones:
    /// that allocates, and takes a lock of the process here and when it ends. So a loop creates such a wait once, before it begins.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{Event, StopSource, Wait, WaitError};
    ///
    /// let [program, request] = [StopSource::new(), StopSource::new()];
    /// let wait = Wait::forever().or_stop(&program.token()).or_stop(&request.token());
    /// program.request_stop();
    /// assert_eq!(Event::new().wait_with(&wait), Err(WaitError::Stopped));
    /// assert!(!request.stop_requested());
    /// ```
    #[must_use]
    pub fn or_stop(self, token: &StopToken) -> Wait {
        let stop = match self.stop {
            None => token.clone(),
            Some(stop) if stop == *token => stop,
            Some(stop) => StopSource::child_of_all([&stop, token]).token(),
        };
        Wait { deadline: self.deadline, stop: Some(stop) }
    }

    /// Returns the deadline.
    #[must_use]
    pub const fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Returns the token whose stop request ends the wait, if there is one. A wait that was given several has one that stands for all of them.
    #[must_use]
    pub const fn stop_token(&self) -> Option<&StopToken> {
        self.stop.as_ref()
    }

    /// Returns an error if the deadline passed before the wait began. Then the thread does not wait, and the caller does not look again.
    ///
    /// Scenario "the wait whose time is up before it begins" in docs/architecture.md.
    #[inline]
    pub(crate) fn check_time(&self) -> Result<(), WaitError> {
        if !self.deadline.instant().is_some_and(floor::is_past) {
            return Ok(());
        }
        let stopped = self.stop.as_ref().is_some_and(StopToken::stop_requested);
        Err(if stopped { WaitError::Stopped } else { WaitError::TimedOut })
    }

    /// Returns what ends the wait, in the words of the door.
    pub(crate) fn limits(&self) -> Until<'_> {
        Until { deadline: self.deadline.instant(), stop: self.stop.as_ref().map(StopToken::signal) }
    }

    /// Blocks in the queue of `key` once. `Ok` tells the caller to look again, and contains the token if another thread woke this one.
    ///
    /// See [`door::park`] for the callbacks. After an error, nothing but the deadline or the stop request has taken the thread out of the
    /// queue.
    pub(crate) fn park(
        &self,
        key: Key,
        subject: &Subject,
        validate: impl FnOnce() -> bool,
        gave_up: impl FnOnce(Key, bool),
    ) -> Result<Option<Token>, WaitError> {
        self.park_and(
            &Parking { key, amount: 0, subject, overtaken: false },
            validate,
            || (),
            gave_up,
        )
    }

    /// Like [`park`](Self::park), with everything that the door can do. If the deadline has already passed, none of it is done.
    ///
    /// Scenario "the stop that meets a wake-up" in docs/architecture.md.
    pub(crate) fn park_and(
        &self,
        parking: &Parking<'_>,
        validate: impl FnOnce() -> bool,
        before_sleep: impl FnOnce(),
        gave_up: impl FnOnce(Key, bool),
    ) -> Result<Option<Token>, WaitError> {
        self.check_time()?;
        match door::park(parking, self.limits(), validate, before_sleep, gave_up) {
            Parked::Woken(token) => Ok(Some(token)),
            Parked::Invalid => Ok(None),
            Parked::TimedOut => Err(WaitError::TimedOut),
            Parked::Stopped => Err(WaitError::Stopped),
        }
    }
}

impl From<Duration> for Wait {
    /// Creates a wait that ends this time from now: [`Wait::timeout`].
    fn from(timeout: Duration) -> Self {
        Wait::timeout(timeout)
    }
}

impl From<Instant> for Wait {
    /// Creates a wait that ends at this point in time.
    fn from(instant: Instant) -> Self {
        Wait::until(instant.into())
    }
}

impl From<Deadline> for Wait {
    /// Creates a wait that ends at this deadline: [`Wait::until`].
    fn from(deadline: Deadline) -> Self {
        Wait::until(deadline)
    }
}

impl From<StopToken> for Wait {
    /// Creates a wait that ends when a stop of this token is requested.
    fn from(token: StopToken) -> Self {
        Wait { deadline: Deadline::NEVER, stop: Some(token) }
    }
}

impl From<&StopToken> for Wait {
    /// Creates a wait that ends when a stop of this token is requested.
    fn from(token: &StopToken) -> Self {
        token.clone().into()
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("deadline", &format_args!("{}", self.deadline))
            .field("stop_requested", &self.stop.as_ref().map(StopToken::stop_requested))
            .finish()
    }
}
