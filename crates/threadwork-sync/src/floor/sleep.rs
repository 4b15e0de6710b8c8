//! How one thread sleeps, and how others wake it.
//!
//! The sleep itself is a library's: the futex of Linux by `rustix`, elsewhere a mutex and a condition variable of `std`.
//! `std::thread::park` is not used, because user code may use it too and would consume a wake-up.

#[cfg(not(all(target_os = "linux", not(miri))))]
mod condvar;
#[cfg(all(target_os = "linux", not(miri)))]
mod futex;
#[cfg(all(target_os = "linux", not(miri)))]
mod slack;

/// Sleeps of other systems are as exact as they can be.
#[cfg(not(all(target_os = "linux", not(miri))))]
mod slack {
    pub fn on_time<R>(sleep: impl FnOnce() -> R) -> R {
        sleep()
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
pub(crate) use self::condvar::Sleep;
#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) use self::futex::Sleep;
pub use self::slack::on_time;

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        thread,
        time::{Duration, Instant},
    };

    use super::Sleep;

    #[test]
    fn a_wake_up_before_the_sleep_ends_it_at_once_and_only_once() {
        let sleep = Sleep::new();
        sleep.wake();
        sleep.wake();
        assert!(sleep.suspend(None));
        let since = Instant::now();
        let time = Duration::from_millis(20);
        assert!(!sleep.suspend(Some(since + time)));
        assert!(since.elapsed() >= time);
    }

    #[test]
    fn a_sleeper_is_woken() {
        let sleep = Arc::new(Sleep::new());
        for deadline in [None, Some(Instant::now() + Duration::from_secs(60))] {
            let sleeper = {
                let sleep = Arc::clone(&sleep);
                thread::spawn(move || sleep.suspend(deadline))
            };
            sleep.wake();
            assert!(sleeper.join().unwrap());
        }
    }

    #[test]
    fn a_deadline_that_is_past_or_too_far_away_is_no_fault() {
        let sleep = Sleep::new();
        assert!(!sleep.suspend(Some(Instant::now())));
        let far = Instant::now().checked_add(Duration::from_secs(u64::from(u32::MAX) * 60));
        sleep.wake();
        assert!(sleep.suspend(far));
    }
}
