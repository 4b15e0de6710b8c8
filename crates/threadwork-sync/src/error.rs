//! What can go wrong: one small type per operation.

use std::{error::Error, fmt};

/// Why a wait ended without what it waited for.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, Wait, WaitError};
/// use std::time::Duration;
///
/// let event = Event::new();
/// assert_eq!(event.wait_with(&Wait::timeout(Duration::ZERO)), Err(WaitError::TimedOut));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitError {
    /// The deadline passed first.
    TimedOut,
    /// A stop was requested first.
    Stopped,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WaitError::TimedOut => "timed out while waiting",
            WaitError::Stopped => "stopped while waiting, because a stop was requested",
        })
    }
}

impl Error for WaitError {}

/// A release that cannot be: nothing is changed by it.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{RawLock, ReleaseError};
///
/// let lock = RawLock::new();
/// assert_eq!(lock.release(), Err(ReleaseError::NotAcquired));
/// lock.acquire();
/// assert_eq!(lock.release(), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReleaseError {
    /// Nobody holds the lock.
    NotAcquired,
    /// The current thread does not hold the re-entrant lock.
    NotHolder,
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReleaseError::NotAcquired => {
                "cannot release a lock that is not acquired; release it once per acquire"
            }
            ReleaseError::NotHolder => {
                "cannot release a re-entrant lock that the current thread does not hold; \
                 release it in the thread that acquired it, once per acquire"
            }
        })
    }
}

impl Error for ReleaseError {}
