//! Points in time that one thread writes and others read.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::floor::now;

/// Returns how long ago `since` was; zero if it is in the future.
#[must_use]
#[inline]
pub fn elapsed(since: Instant) -> Duration {
    now().saturating_duration_since(since)
}

/// The point in time from which all moments are counted.
static EPOCH: OnceLock<Instant> = OnceLock::new();

/// Returns the point in time from which all moments are counted; the first call sets it.
///
/// A thread calls this before the process can fork: if another thread's first call were interrupted by the fork, the child could never read
/// a moment.
pub(crate) fn begin_epoch() -> Instant {
    *EPOCH.get_or_init(now)
}

/// A point in time, or none.
#[derive(Debug)]
pub(crate) struct Moment(
    /// Nanoseconds since the epoch, plus one; zero for none.
    AtomicU64,
);

impl Moment {
    pub(crate) const fn none() -> Moment {
        Moment(AtomicU64::new(0))
    }

    pub(crate) fn set(&self, time: Instant) {
        let since = time.saturating_duration_since(begin_epoch()).as_nanos();
        // 584 years.
        let since = u64::try_from(since).unwrap_or(u64::MAX - 1);
        self.0.store(since + 1, Ordering::Release);
    }

    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::Release);
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        let since = self.0.load(Ordering::Acquire).checked_sub(1)?;
        Some(begin_epoch() + Duration::from_nanos(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_what_was_set() {
        let moment = Moment::none();
        assert_eq!(moment.get(), None);
        let earliest = begin_epoch();
        for time in [earliest, now()] {
            moment.set(time);
            assert_eq!(moment.get(), Some(time));
        }
        moment.clear();
        assert_eq!(moment.get(), None);
    }
}
