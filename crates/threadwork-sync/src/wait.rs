//! How long a thread is willing to wait, and for whose stop it watches.

use std::time::Duration;

use crate::{
    door::{self, Key, Parked, Parking, Subject, Token},
    error::WaitError,
    floor,
};

mod deadline;
mod stop;

#[cfg(test)]
mod tests;

pub use self::{
    deadline::Deadline,
    stop::{StopCallback, StopSource, StopToken},
};

/// What may end a wait before its time: a [`Deadline`], a stop, both or neither.
///
/// Every blocking method has a form `x_with(&Wait)`. The deadline is computed when the `Wait` is made,
/// so that several calls with the same `Wait` share one total time.
/// A wait that is met at once succeeds even if its time is up or a stop was requested: a `Wait` limits waiting, not doing.
/// It takes 24 bytes.
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
/// # drop(guard);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Wait {
    deadline: Deadline,
    stop: Option<StopToken>,
}

impl Wait {
    /// A wait without end.
    #[must_use]
    pub const fn forever() -> Wait {
        Wait::until(Deadline::NEVER)
    }

    /// A wait that ends `timeout` from now; zero polls, and a timeout too long for the clock is none.
    #[must_use]
    pub fn timeout(timeout: Duration) -> Wait {
        Wait::until(Deadline::after(timeout))
    }

    /// A wait that ends at `deadline`.
    #[must_use]
    pub const fn until(deadline: Deadline) -> Wait {
        Wait { deadline, stop: None }
    }

    /// The same wait, which also ends when a stop of `token` is requested.
    ///
    /// A wait has one token: the last one it was given. Whoever is to end with the first of two stops
    /// waits with the token of a [child](crate::StopSource::child_of) of one, which is stopped by a [callback](crate::StopCallback) of the other.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{StopSource, Wait};
    ///
    /// let (first, last) = (StopSource::new(), StopSource::new());
    /// last.request_stop();
    /// let wait = Wait::forever().or_stop(&first.token()).or_stop(&last.token());
    /// assert!(wait.stop_token().unwrap().stop_requested());
    /// ```
    #[must_use]
    pub fn or_stop(self, token: &StopToken) -> Wait {
        Wait { stop: Some(token.clone()), ..self }
    }

    /// When it ends.
    #[must_use]
    pub const fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Whose stop ends it.
    #[must_use]
    pub const fn stop_token(&self) -> Option<&StopToken> {
        self.stop.as_ref()
    }

    /// An error if the time was up before the wait has begun: then it is no wait, and what is not there at once is not looked for again.
    #[inline]
    pub(crate) fn check_time(&self) -> Result<(), WaitError> {
        if !self.deadline.instant().is_some_and(floor::is_past) {
            return Ok(());
        }
        let stopped = self.stop.as_ref().is_some_and(StopToken::stop_requested);
        Err(if stopped { WaitError::Stopped } else { WaitError::TimedOut })
    }

    /// Blocks in the queue of `key`, once: `Ok` says to look again, with the token if somebody woke the thread.
    ///
    /// See [`door::park`] for the callbacks. After an error nobody has taken the thread out of the queue but the deadline or the stop.
    pub(crate) fn park(
        &self,
        key: Key,
        subject: &Subject,
        validate: impl FnOnce() -> bool,
        timed_out: impl FnOnce(Key, bool),
    ) -> Result<Option<Token>, WaitError> {
        self.park_and(&Parking { key, amount: 0, subject }, validate, || (), timed_out)
    }

    /// As [`park`](Self::park), with all that the door can do. Where there is no time to wait, none of it is done.
    pub(crate) fn park_and(
        &self,
        parking: &Parking<'_>,
        validate: impl FnOnce() -> bool,
        before_sleep: impl FnOnce(),
        timed_out: impl FnOnce(Key, bool),
    ) -> Result<Option<Token>, WaitError> {
        self.check_time()?;
        let Some(stop) = &self.stop else {
            return match door::park(
                parking,
                self.deadline.instant(),
                validate,
                before_sleep,
                timed_out,
            ) {
                Parked::Woken(token) => Ok(Some(token)),
                Parked::Invalid => Ok(None),
                Parked::TimedOut => Err(WaitError::TimedOut),
            };
        };
        if !stop.enter(parking.key) {
            return Err(WaitError::Stopped);
        }
        // A stop that comes before the thread stands in the queue finds nobody to wake, and is seen here.
        let mut stopped = false;
        let validate = || {
            stopped = stop.stop_requested();
            !stopped && validate()
        };
        let parked =
            door::park(parking, self.deadline.instant(), validate, before_sleep, timed_out);
        if parked == Parked::Woken(Token::STOPPED) {
            return Err(WaitError::Stopped);
        }
        stop.leave();
        match parked {
            Parked::Woken(token) => Ok(Some(token)),
            Parked::Invalid if stopped => Err(WaitError::Stopped),
            Parked::Invalid => Ok(None),
            Parked::TimedOut => Err(WaitError::TimedOut),
        }
    }
}
