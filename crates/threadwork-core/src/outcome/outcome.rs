//! How a thread has ended.

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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The runnable has returned.
    Finished,
    /// The runnable has returned after a stop of the thread was requested.
    Stopped,
    /// The runnable has panicked.
    Panicked(Panic),
    /// The runnable has returned an error.
    Failed(Failure),
}
