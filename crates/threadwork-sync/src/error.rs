//! Errors: one small type per operation.

use std::{error::Error, fmt};

mod broken;

pub(crate) use self::broken::Failure;
pub use self::broken::{BrokenBarrierError, BrokenReason};

/// Implements `Display`, `Error` and `From` for an enum in which each variant holds another error.
macro_rules! one_of {
    ($error:ident: $($variant:ident($inner:ident)),+) => {
        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($error::$variant(error) => error.fmt(f),)+
                }
            }
        }

        impl Error for $error {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                match self {
                    $($error::$variant(error) => Some(error),)+
                }
            }
        }

        $(
            impl From<$inner> for $error {
                fn from(error: $inner) -> Self {
                    $error::$variant(error)
                }
            }
        )+
    };
}

/// Why a wait ended without success.
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
    /// The wait could never succeed, so the thread did not wait: more permits were requested than there can ever be.
    Impossible,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WaitError::TimedOut => "timed out while waiting; wait again, or for longer",
            WaitError::Stopped => {
                "stopped while waiting, because a stop was requested; end what the wait was for"
            }
            WaitError::Impossible => {
                "cannot acquire more permits than there can ever be; \
                 request fewer, or create the semaphore with more"
            }
        })
    }
}

impl Error for WaitError {}

/// A release or count-down that is not possible; the state is unchanged.
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
    /// No thread holds the lock.
    NotAcquired,
    /// The current thread does not hold the re-entrant lock.
    NotHolder,
    /// The release would make more permits than there can be.
    TooMany,
    /// The count-down would bring the count below zero.
    BelowZero,
    /// The call would release no permits at all.
    Nothing,
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
            ReleaseError::TooMany => {
                "cannot release more than was acquired; release each permit once"
            }
            ReleaseError::BelowZero => {
                "cannot count a latch down below zero; \
                 count down once per arrival, or create the latch with a larger count"
            }
            ReleaseError::Nothing => "cannot release zero permits; release one or more",
        })
    }
}

impl Error for ReleaseError {}

/// A wait on, or notification of, a condition whose lock the current thread does not hold.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// let condition = threadwork::RawCondition::new();
/// assert!(condition.notify_all().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotHolderError(pub(crate) ());

impl fmt::Display for NotHolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot wait on or notify a condition without holding its lock; acquire it first",
        )
    }
}

impl Error for NotHolderError {}

/// Why a wait on a [`RawCondition`](crate::RawCondition) ended without a notification.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{ConditionWaitError, RawCondition, WaitError};
///
/// let condition = RawCondition::new();
/// let refused = condition.wait_timeout(Duration::ZERO).unwrap_err();
/// assert!(matches!(refused, ConditionWaitError::NotHolder(_)));
/// condition.acquire();
/// let timed_out = ConditionWaitError::Wait(WaitError::TimedOut);
/// assert_eq!(condition.wait_timeout(Duration::ZERO), Err(timed_out));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConditionWaitError {
    /// The current thread does not hold the lock, so it did not wait.
    NotHolder(NotHolderError),
    /// The wait ended early; the current thread holds the lock again.
    Wait(WaitError),
}

one_of! { ConditionWaitError: NotHolder(NotHolderError), Wait(WaitError) }

/// Why an arrival at a [`Latch`](crate::Latch) failed.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{ArriveError, Latch, ReleaseError, WaitError};
///
/// let latch = Latch::new(2);
/// let arrive = || latch.arrive_and_wait_timeout(Duration::ZERO);
/// assert_eq!(arrive(), Err(ArriveError::Wait(WaitError::TimedOut)));
/// assert_eq!(arrive(), Ok(()));
/// assert_eq!(arrive(), Err(ArriveError::CountDown(ReleaseError::BelowZero)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArriveError {
    /// The count was already zero, so the thread neither counted down nor waited.
    CountDown(ReleaseError),
    /// The thread counted down, and its wait ended before the count reached zero.
    Wait(WaitError),
}

one_of! { ArriveError: CountDown(ReleaseError), Wait(WaitError) }
