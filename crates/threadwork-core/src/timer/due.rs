//! The time at which a timer is due.

use std::time::{Duration, Instant};

use threadwork_sync::{Deadline, internal::clock};

use crate::life::beginning;

/// A point in time, as nanoseconds since [`beginning`]: half the size of an `Instant`, and enough for five centuries.
///
/// It is a time of the monotonic clock, so timers are not affected when the system clock is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due(u64);

impl Due {
    /// A time that never comes: anything too far away for the clock.
    pub(super) const NEVER: Due = Due(u64::MAX);

    /// A time before all others.
    pub(super) const EARLIEST: Due = Due(0);

    pub(crate) fn now() -> Due {
        Due::at(clock::now())
    }

    pub(super) fn at(instant: Instant) -> Due {
        Due(0).plus(instant.saturating_duration_since(beginning()))
    }

    pub(crate) fn plus(self, interval: Duration) -> Due {
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        Due(self.0.saturating_add(interval))
    }

    /// Returns the time from `earlier` until this one, or zero if `earlier` is the later one.
    pub(crate) fn since(self, earlier: Due) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Returns the last of `self`, `self + period`, `self + 2 * period` and so on that is not after `now`.
    pub(super) fn last_tick(self, period: Duration, now: Due) -> Due {
        let since = u128::from(now.0.saturating_sub(self.0));
        let late = since.checked_rem(period.as_nanos()).unwrap_or(0);
        Due(now.0.max(self.0) - u64::try_from(late).unwrap_or(0))
    }

    pub(super) fn deadline(self) -> Deadline {
        if self == Due::NEVER {
            return Deadline::NEVER;
        }
        beginning().checked_add(Duration::from_nanos(self.0)).map_or(Deadline::NEVER, Deadline::at)
    }
    /// Returns a time by its number, for tests.
    #[cfg(test)]
    pub(super) fn of(nanoseconds: u64) -> Due {
        Due(nanoseconds)
    }
}
