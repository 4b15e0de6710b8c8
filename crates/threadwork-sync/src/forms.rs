//! The four forms of whatever blocks.

use std::{panic::Location, time::Duration};

use crate::{error::WaitError, wait::Wait};

/// What a thread does where it cannot have at once what it asks for.
#[expect(unnameable_types, reason = "a part of `Blocking`")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Else {
    /// It waits.
    Wait,
    /// It goes on without.
    GiveUp,
}

impl Else {
    #[inline]
    pub(crate) fn within(timeout: Duration) -> Else {
        if timeout.is_zero() { Else::GiveUp } else { Else::Wait }
    }
}

/// Something that a thread may have to wait for.
///
/// An object implements the attempt and the wait; the four forms of its public methods are here.
#[expect(unnameable_types, reason = "the public methods of the objects are the forms")]
pub trait Blocking {
    /// What the thread then has.
    type Got;

    /// Gets it if that is possible at once. `or_else` is only for the observers of locks.
    #[track_caller]
    fn attempt(&self, or_else: Else) -> Option<Self::Got>;

    /// Waits for it after a failed attempt. `location` is the line that called the public method.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    fn wait_for(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<Self::Got, WaitError>;

    /// `x()`.
    #[inline]
    #[track_caller]
    fn forever(&self) -> Self::Got {
        let location = Location::caller();
        match self.attempt(Else::Wait) {
            Some(got) => got,
            None => without_end(|wait| self.wait_for(wait, location)),
        }
    }

    /// `try_x()`.
    #[inline]
    #[track_caller]
    fn at_once(&self) -> Option<Self::Got> {
        self.attempt(Else::GiveUp)
    }

    /// `x_timeout(timeout)`. The clock is read only if the attempt fails.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    #[inline]
    #[track_caller]
    fn within(&self, timeout: Duration) -> Result<Self::Got, WaitError> {
        let location = Location::caller();
        match self.attempt(Else::within(timeout)) {
            Some(got) => Ok(got),
            None => at_most(timeout, |wait| self.wait_for(wait, location)),
        }
    }

    /// `x_with(wait)`.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    #[inline]
    #[track_caller]
    fn unless(&self, wait: &Wait) -> Result<Self::Got, WaitError> {
        match self.attempt(Else::Wait) {
            Some(got) => Ok(got),
            None => self.wait_for(wait, Location::caller()),
        }
    }
}

/// The result of a wait for at most so long. A function of its own, so that the clock and the drop of the `Wait` are not inlined into callers.
#[cold]
fn at_most<T>(
    timeout: Duration,
    wait_for: impl FnOnce(&Wait) -> Result<T, WaitError>,
) -> Result<T, WaitError> {
    wait_for(&Wait::timeout(timeout))
}

/// The result of a wait that neither a deadline nor a stop can end. A function of its own for the same reason.
///
/// # Panics
///
/// If what is waited for is [impossible](WaitError::Impossible).
#[cold]
#[track_caller]
pub fn without_end<T>(wait_for: impl FnOnce(&Wait) -> Result<T, WaitError>) -> T {
    match wait_for(&Wait::forever()) {
        Ok(got) => got,
        Err(error @ WaitError::Impossible) => panic!("{error}"),
        Err(_) => unreachable!("a wait without end has no other end"),
    }
}
