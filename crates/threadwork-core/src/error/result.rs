//! The error of work that has no result to give.

use std::{error::Error, fmt};

use super::{JoinError, Refusal};
use crate::{outcome::Failure, panic::Panic};

/// The error of a thread that has no result to give.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, ResultError};
///
/// let thread = MyThread::new(|| 7);
/// let error = thread.get_result().unwrap_err();
/// assert!(matches!(error, ResultError::NotStarted));
/// assert_eq!(error.to_string(), "there is no result, because the thread is not started; call start first");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultError {
    /// The thread was not started.
    NotStarted,
    /// The thread is still alive. After a wait: the time is up and the thread is still alive.
    StillRunning,
    /// The wait was stopped by its token, and the thread is still alive.
    WaitStopped,
    /// A thread cannot wait for its own result.
    CurrentThread,
    /// The task was [cancelled](crate::Task::cancel) before it began.
    Cancelled,
    /// The executor has refused the task.
    Refused(Refusal),
    /// The function has panicked.
    Panicked(Panic),
    /// The function has returned an error.
    Failed(Failure),
    /// The result was already taken.
    Taken,
}

impl fmt::Display for ResultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ResultError::NotStarted => {
                "there is no result, because the thread is not started; call start first"
            }
            ResultError::StillRunning => {
                "there is no result yet, because the thread is still running; join it first"
            }
            ResultError::WaitStopped => {
                "the wait for a result was stopped; the thread is still running, and can be waited for again"
            }
            ResultError::CurrentThread => "a thread cannot wait for its own result; wait for it in another thread",
            ResultError::Cancelled => {
                "there is no result, because the task was cancelled before it began; submit it again if its result is wanted"
            }
            ResultError::Refused(refusal) => return write!(f, "there is no result: {refusal}"),
            ResultError::Panicked(panic) => return write!(f, "there is no result: {panic}"),
            ResultError::Failed(failure) => return write!(f, "there is no result: {failure}"),
            ResultError::Taken => "the result has been taken already; keep it where it was taken, or borrow it with `get_result`",
        })
    }
}

impl Error for ResultError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ResultError::Refused(refusal) => Some(refusal),
            ResultError::Panicked(panic) => Some(panic),
            ResultError::Failed(failure) => Some(failure.error()),
            _ => None,
        }
    }
}

impl From<JoinError> for ResultError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::NotStarted => ResultError::NotStarted,
            JoinError::CurrentThread => ResultError::CurrentThread,
            JoinError::WaitStopped => ResultError::WaitStopped,
            JoinError::Panicked(panic) => ResultError::Panicked(panic),
            JoinError::Failed(failure) => ResultError::Failed(failure),
            JoinError::TimedOut | JoinError::ForeignThread => ResultError::StillRunning,
        }
    }
}
