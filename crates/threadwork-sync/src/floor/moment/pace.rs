//! How often something is done at most.

use std::time::Duration;
#[cfg(test)]
use std::time::Instant;

use crate::floor::{
    moment::{Moment, elapsed},
    now,
};

/// When something was done last, if ever.
#[derive(Debug)]
pub(crate) struct Pace(Moment);

impl Pace {
    pub(crate) const fn new() -> Pace {
        Pace(Moment::none())
    }

    /// Notes that it is done now.
    pub(crate) fn step(&self) {
        self.0.set(now());
    }

    /// Lets it have been done at `time` last, or never.
    #[cfg(test)]
    pub(crate) fn set(&self, time: Option<Instant>) {
        match time {
            Some(time) => self.0.set(time),
            None => self.0.clear(),
        }
    }

    /// Returns when it was done last, if ever.
    #[cfg(test)]
    pub(crate) fn last(&self) -> Option<Instant> {
        self.0.get()
    }

    /// Returns `true` if `time` has passed since it was done last.
    pub(crate) fn allows(&self, time: Duration) -> bool {
        self.0.get().is_none_or(|last| elapsed(last) >= time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn what_was_never_done_may_be_done() {
        assert!(Pace::new().allows(Duration::ZERO));
        assert!(Pace::new().allows(Duration::MAX));
    }

    #[test]
    fn what_was_just_done_may_be_done_again_once_the_time_has_passed() {
        let pace = Pace::new();
        for _ in 0..2 {
            let before = now();
            pace.step();
            assert!(!pace.allows(HOUR));
            assert!(pace.allows(Duration::ZERO));
            let time = Duration::from_millis(2);
            while !pace.allows(time) {
                assert!(elapsed(before) < HOUR);
                std::thread::yield_now();
            }
            assert!(elapsed(before) >= time, "it was allowed too early");
        }
    }

    #[test]
    fn a_step_in_another_thread_counts() {
        let pace = Pace::new();
        std::thread::scope(|scope| scope.spawn(|| pace.step()).join().unwrap());
        assert!(!pace.allows(HOUR));
    }
}
