//! Points in time that one thread writes and others read.
#![expect(unsafe_code, reason = "the epoch is read through a pointer")]

use std::{
    ptr,
    sync::atomic::{AtomicPtr, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::floor::now;

#[cfg(not(threadwork_loom))]
mod pace;

#[cfg(not(threadwork_loom))]
pub(crate) use self::pace::Pace;

/// Returns how long ago `since` was; zero if it is in the future.
#[must_use]
#[inline]
pub fn elapsed(since: Instant) -> Duration {
    now().saturating_duration_since(since)
}

/// Returns the point in time from which all moments are counted; the first call sets it.
///
/// No thread waits for another one to set it: in the child of a fork at that moment it would wait for ever.
fn epoch() -> Instant {
    static EPOCH: AtomicPtr<Instant> = AtomicPtr::new(ptr::null_mut());
    // SAFETY: null, or a time that is never freed.
    if let Some(epoch) = unsafe { EPOCH.load(Ordering::Acquire).as_ref() } {
        return *epoch;
    }
    let new = Box::into_raw(Box::new(now()));
    let set = EPOCH.compare_exchange(ptr::null_mut(), new, Ordering::AcqRel, Ordering::Acquire);
    // SAFETY: as above; if another thread was first, this thread's own time is leaked.
    unsafe { *set.err().unwrap_or(new) }
}

/// A point in time, or none: because there was none, or because it is still to come.
#[derive(Debug)]
pub(crate) struct Moment(
    /// Nanoseconds since the epoch, plus one; zero for none; [`TO_COME`] for one that is still to come.
    AtomicU64,
);

const TO_COME: u64 = u64::MAX;

impl Moment {
    pub(crate) const fn none() -> Moment {
        Moment(AtomicU64::new(0))
    }

    pub(crate) fn set(&self, time: Instant) {
        let since = time.saturating_duration_since(epoch()).as_nanos();
        // 584 years.
        let since = u64::try_from(since).unwrap_or(u64::MAX).min(TO_COME - 2);
        self.0.store(since + 1, Ordering::Release);
    }

    /// Says that the point in time is still to come.
    pub(crate) fn set_to_come(&self) {
        self.0.store(TO_COME, Ordering::Release);
    }

    #[cfg(not(threadwork_loom))]
    pub(crate) fn is_to_come(&self) -> bool {
        self.0.load(Ordering::Acquire) == TO_COME
    }

    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::Release);
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        let moment = self.0.load(Ordering::Acquire);
        let since = moment.checked_sub(1).filter(|_| moment != TO_COME)?;
        Some(epoch() + Duration::from_nanos(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_what_was_set() {
        let moment = Moment::none();
        assert_eq!(moment.get(), None);
        let earliest = epoch();
        for time in [earliest, now()] {
            moment.set(time);
            assert_eq!(moment.get(), Some(time));
            assert!(!moment.is_to_come());
        }
        moment.set_to_come();
        assert!(moment.get().is_none() && moment.is_to_come());
        moment.clear();
        assert_eq!(moment.get(), None);
    }
}
