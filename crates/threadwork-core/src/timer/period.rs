//! How a repeating timer computes its next run.

use std::time::Duration;

use super::due::Due;

/// How [`Timer::every`](crate::Timer::every) repeats its function. A plain `Duration` means a fixed delay.
///
/// In both cases the first run is due one period after the start, and a run never begins before the previous run has returned.
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
    /// The next run is due this long after the end of a run: Java's `scheduleWithFixedDelay`.
    FixedDelay(Duration),
    /// The next run is due this long after the time at which a run was due, no matter how long the run takes.
    /// If runs are missed because one takes longer than the period, a single run makes up for all of them, at once. After that, runs are
    /// due at the same times as before.
    ///
    /// Java's `scheduleAtFixedRate` makes up for each missed run, back to back.
    FixedRate(Duration),
}

impl Period {
    pub(crate) fn duration(self) -> Duration {
        match self {
            Period::FixedDelay(duration) | Period::FixedRate(duration) => duration,
        }
    }

    /// Returns when the next run is due, after a run that was due at `due` and has returned at `now`.
    pub(crate) fn next(self, due: Due, now: Due) -> Due {
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
