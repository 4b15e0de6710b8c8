//! How a thread has ended.

use std::fmt;

use super::failure::Failure;
use crate::panic::Panic;

/// How a thread has ended.
///
/// Two outcomes are equal if they say the same; two panics, or two failures, if it is the same one.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Outcome, Thread};
///
/// let thread = Thread::new(|| ());
/// assert!(thread.outcome().is_none());
/// thread.start()?;
/// thread.join()?;
/// assert!(matches!(thread.outcome(), Some(Outcome::Finished)));
/// assert_eq!(thread.outcome().unwrap().to_string(), "finished");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The runnable has returned.
    Finished,
    /// The runnable has returned after a stop of the thread was requested, also with an error that says just that:
    /// [`StopRequested`](crate::StopRequested), [`WaitError::Stopped`](threadwork_sync::WaitError::Stopped) or
    /// [`GetError::Stopped`](threadwork_sync::GetError::Stopped). So `?` ends a thread that was asked to stop, and that is no failure,
    /// unless the thread owes a result ([`MyThread::fallible`](crate::MyThread::fallible)).
    Stopped,
    /// The runnable has panicked.
    Panicked(Panic),
    /// The runnable has returned an error.
    Failed(Failure),
}

impl fmt::Display for Outcome {
    /// One word, and what the thread says of it: `finished`, `stopped`, `panicked: no number in line 7`, `failed: no such file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Finished => f.write_str("finished"),
            Outcome::Stopped => f.write_str("stopped"),
            Outcome::Panicked(panic) => write!(f, "panicked: {}", panic.message()),
            Outcome::Failed(failure) => write!(f, "failed: {}", failure.message()),
        }
    }
}
