//! How a function is repeated.

use std::time::Duration;

use super::due::Due;

/// How [`Timer::every`](crate::Timer::every) repeats its function. A `Duration` alone means a fixed delay.
///
/// Either way the first run is due one period after the start, and a run never begins before the one before it has returned.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::Period;
///
/// let second = Duration::from_secs(1);
/// assert_eq!(Period::from(second), Period::FixedDelay(second));
/// assert_ne!(Period::from(second), Period::FixedRate(second));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Period {
    /// So long after the end of one run the next is due: Java's `scheduleWithFixedDelay`.
    FixedDelay(Duration),
    /// So long after one run was due the next is, however long it takes. If runs are missed because one takes longer than the period,
    /// one run makes up for all of them, at once; after that the rhythm is what it was.
    ///
    /// Java's `scheduleAtFixedRate` makes up for each of them, back to back.
    FixedRate(Duration),
}

impl Period {
    pub(crate) fn duration(self) -> Duration {
        match self {
            Period::FixedDelay(duration) | Period::FixedRate(duration) => duration,
        }
    }

    /// When the next run is due, after one that was due at `due` and has returned `now`.
    pub(super) fn next(self, due: Due, now: Due) -> Due {
        match self {
            Period::FixedDelay(delay) => now.plus(delay),
            Period::FixedRate(period) => due.plus(period).max(due.last_tick(period, now)),
        }
    }
}

impl From<Duration> for Period {
    fn from(delay: Duration) -> Self {
        Period::FixedDelay(delay)
    }
}
