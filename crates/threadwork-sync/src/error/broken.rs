//! The error of a barrier.

use std::{
    error::Error,
    fmt,
    hash::{Hash, Hasher},
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use crate::error::WaitError;

/// The error for a round of a barrier that did not complete.
///
/// Errors are equal if they have the same reason and, in the party whose action failed, the same failure.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Barrier, BrokenReason};
///
/// let barrier = Barrier::new(2);
/// barrier.abort();
/// assert_eq!(barrier.wait().unwrap_err().reason(), BrokenReason::Aborted);
/// barrier.reset();
/// assert!(!barrier.is_broken());
/// ```
#[derive(Clone, Debug)]
pub struct BrokenBarrierError {
    reason: BrokenReason,
    failure: Option<Arc<Failure>>,
}

/// What the action of a barrier failed with.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Why a round of a barrier did not complete: a part of [`BrokenBarrierError`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{Barrier, BrokenReason};
///
/// let broken = Barrier::new(2).wait_timeout(Duration::ZERO).unwrap_err();
/// assert_eq!(broken.reason(), BrokenReason::TimedOut);
/// assert_eq!(broken.reason().to_string(), "a party timed out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BrokenReason {
    /// A party's wait timed out.
    TimedOut = 1,
    /// A stop request ended a party's wait.
    Stopped = 2,
    /// The barrier was aborted.
    Aborted = 3,
    /// The barrier was reset.
    Reset = 4,
    /// The action panicked.
    ActionPanicked = 5,
    /// The action returned an error.
    ActionFailed = 6,
}

impl BrokenBarrierError {
    /// Returns the error for the reason with this number.
    pub(crate) fn of(number: usize) -> BrokenBarrierError {
        let reason = match number {
            1 => BrokenReason::TimedOut,
            2 => BrokenReason::Stopped,
            3 => BrokenReason::Aborted,
            4 => BrokenReason::Reset,
            5 => BrokenReason::ActionPanicked,
            6 => BrokenReason::ActionFailed,
            _ => unreachable!("no reason has this number"),
        };
        BrokenBarrierError { reason, failure: None }
    }

    /// Returns the error for the party whose action failed.
    pub(crate) fn failed(failure: Failure) -> BrokenBarrierError {
        BrokenBarrierError { reason: BrokenReason::ActionFailed, failure: Some(Arc::new(failure)) }
    }

    /// Returns why the round did not complete.
    #[must_use]
    pub const fn reason(&self) -> BrokenReason {
        self.reason
    }

    /// Returns what the action failed with, in the party that ran it. The other parties learn only that it failed.
    ///
    /// The failure is also the [`source`](Error::source) of the error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::num::ParseIntError;
    /// use threadwork::Barrier;
    ///
    /// let barrier = Barrier::new(1).with_fallible_action(|| {
    ///     "seven".parse::<u32>()?;
    ///     Ok(())
    /// });
    /// let broken = barrier.wait().unwrap_err();
    /// assert!(broken.failure().unwrap().is::<ParseIntError>());
    /// ```
    #[must_use]
    pub fn failure(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.failure.as_ref().map(|it| &***it)
    }
}

// A failure is only lent, as the payload of a panic is.
impl UnwindSafe for BrokenBarrierError {}
impl RefUnwindSafe for BrokenBarrierError {}

impl PartialEq for BrokenBarrierError {
    fn eq(&self, other: &Self) -> bool {
        let [one, other_one] = [self, other].map(|it| it.failure.as_ref().map(Arc::as_ptr));
        (self.reason, one) == (other.reason, other_one)
    }
}

impl Eq for BrokenBarrierError {}

impl Hash for BrokenBarrierError {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.reason.hash(hasher);
    }
}

impl From<WaitError> for BrokenReason {
    fn from(error: WaitError) -> Self {
        match error {
            // A wait at a barrier is never impossible.
            WaitError::TimedOut | WaitError::Impossible => BrokenReason::TimedOut,
            WaitError::Stopped => BrokenReason::Stopped,
        }
    }
}

impl From<WaitError> for BrokenBarrierError {
    fn from(error: WaitError) -> Self {
        BrokenBarrierError { reason: error.into(), failure: None }
    }
}

impl fmt::Display for BrokenReason {
    /// Formats the reason as words that can follow "because": `a party timed out`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            BrokenReason::TimedOut => "a party timed out",
            BrokenReason::Stopped => "a party was stopped",
            BrokenReason::Aborted => "it was aborted",
            BrokenReason::Reset => "it was reset",
            BrokenReason::ActionPanicked => "its action panicked",
            BrokenReason::ActionFailed => "its action failed",
        })
    }
}

impl fmt::Display for BrokenBarrierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reason == BrokenReason::Reset {
            return f.write_str(
                "barrier was reset while this party waited; wait again for the new round",
            );
        }
        write!(f, "barrier is broken, because {}; reset it for a new round", self.reason)
    }
}

impl Error for BrokenBarrierError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure().map(|failure| failure as &(dyn Error + 'static))
    }
}
