//! The four forms of every blocking operation.

use std::{panic::Location, time::Duration};

use crate::{error::WaitError, wait::Wait};

mod named;

pub(crate) use self::named::named;

/// What a thread does if its first attempt fails.
#[expect(unnameable_types, reason = "a part of `Blocking`")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Else {
    /// It waits.
    Wait,
    /// It returns without waiting.
    GiveUp,
}

impl Else {
    #[inline]
    pub(crate) fn within(timeout: Duration) -> Else {
        if timeout.is_zero() { Else::GiveUp } else { Else::Wait }
    }
}

/// An operation that may have to wait.
///
/// An object implements the attempt and the wait. This trait provides the four forms of the public methods. The objects
/// write the public methods out (locks that guard a value by `guarded_forms!`), because each has documentation of its own.
#[expect(unnameable_types, reason = "the public methods of the objects are the forms")]
pub trait Blocking {
    /// What a successful operation returns.
    type Got;

    /// Attempts the operation without waiting. `or_else` is only for the observers of locks: what the thread does if the attempt fails.
    #[track_caller]
    fn attempt(&self, or_else: Else) -> Option<Self::Got>;

    /// Waits for the operation after a failed attempt. `location` is the line that called the public method.
    ///
    /// # Errors
    ///
    /// Returns what ended the wait.
    fn wait_for(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<Self::Got, WaitError>;

    /// `x()`: waits without a limit.
    #[inline]
    #[track_caller]
    fn forever(&self) -> Self::Got {
        let location = Location::caller();
        match self.attempt(Else::Wait) {
            Some(got) => got,
            None => without_end(|wait| self.wait_for(wait, location)),
        }
    }

    /// `try_x()`: does not wait.
    #[inline]
    #[track_caller]
    fn at_once(&self) -> Option<Self::Got> {
        self.attempt(Else::GiveUp)
    }

    /// `x_timeout(timeout)`: waits at most `timeout`. The clock is read only if the attempt fails.
    ///
    /// # Errors
    ///
    /// Returns what ended the wait.
    #[inline]
    #[track_caller]
    fn within(&self, timeout: Duration) -> Result<Self::Got, WaitError> {
        let location = Location::caller();
        match self.attempt(Else::within(timeout)) {
            Some(got) => Ok(got),
            None => at_most(timeout, |wait| self.wait_for(wait, location)),
        }
    }

    /// `x_with(wait)`: waits until the deadline or the stop request of `wait`.
    ///
    /// # Errors
    ///
    /// Returns what ended the wait.
    #[inline]
    #[track_caller]
    fn unless(&self, wait: &Wait) -> Result<Self::Got, WaitError> {
        match self.attempt(Else::Wait) {
            Some(got) => Ok(got),
            None => self.wait_for(wait, Location::caller()),
        }
    }
}

/// Waits at most `timeout`. A separate function, so that reading the clock and dropping the `Wait` are not inlined into callers.
#[cold]
fn at_most<T>(
    timeout: Duration,
    wait_for: impl FnOnce(&Wait) -> Result<T, WaitError>,
) -> Result<T, WaitError> {
    wait_for(&Wait::timeout(timeout))
}

/// Waits until the operation succeeds: neither a deadline nor a stop request can end the wait. A separate function for the same reason.
///
/// # Panics
///
/// Panics if the wait is [impossible](WaitError::Impossible).
#[cold]
#[track_caller]
pub fn without_end<T>(wait_for: impl FnOnce(&Wait) -> Result<T, WaitError>) -> T {
    match wait_for(&Wait::forever()) {
        Ok(got) => got,
        Err(error @ WaitError::Impossible) => panic!("{error}"),
        Err(_) => unreachable!("neither a deadline nor a stop request can end this wait"),
    }
}
