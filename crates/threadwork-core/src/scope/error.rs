//! The error of a scope.

use std::{error::Error, fmt};

use crate::{
    error::{ResultError, StartError},
    outcome::Failure,
    panic::Panic,
};

/// The error of a scope: of [`ScopeBuilder::run`](crate::ScopeBuilder::run), [`run_all`](crate::ScopeBuilder::run_all) and
/// [`run_first`](crate::ScopeBuilder::run_first). All threads of the scope have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// A thread has panicked.
    Panicked(Panic),
    /// The runnable of a thread has returned an error, or a thread was not started and so gives no result.
    Failed(Failure),
    /// The time was up, and the threads were asked to stop.
    TimedOut,
    /// No thread has succeeded before the scope was asked to stop, or there was none to try.
    NoSuccess,
}

impl ScopeError {
    /// The error of a scope with a thread that was not started.
    pub(super) fn not_started(error: StartError) -> ScopeError {
        ScopeError::Failed(error.into())
    }

    /// The error of a scope with a thread that has no result to give.
    pub(super) fn without_result(error: ResultError) -> ScopeError {
        match error {
            ResultError::Panicked(panic) => ScopeError::Panicked(panic),
            ResultError::Failed(failure) => ScopeError::Failed(failure),
            other => ScopeError::Failed(other.into()),
        }
    }
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScopeError::Panicked(panic) => panic.fmt(f),
            ScopeError::Failed(failure) => failure.fmt(f),
            ScopeError::TimedOut => {
                f.write_str(
                    "the scope timed out, and its threads were asked to stop; \
                     allow it more time, or give its threads less to do",
                )
            }
            ScopeError::NoSuccess => f.write_str(
                "no thread of the scope succeeded before it was asked to stop; run the scope again if the result is still wanted",
            ),
        }
    }
}

impl Error for ScopeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ScopeError::Panicked(panic) => Some(panic),
            ScopeError::Failed(failure) => Some(failure.error()),
            ScopeError::TimedOut | ScopeError::NoSuccess => None,
        }
    }
}
