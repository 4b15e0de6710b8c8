//! How one thread sleeps, and how others wake it.
//!
//! The sleep itself is a library's: the futex of Linux by `rustix`, elsewhere a mutex and a condition variable of `std`.
//! `std::thread::park` is not used, because user code may use it too and would consume a wake-up.

#[cfg(not(all(target_os = "linux", not(any(miri, threadwork_portable)))))]
mod condvar;
#[cfg(all(target_os = "linux", not(any(miri, threadwork_portable))))]
mod shared;
#[cfg(all(target_os = "linux", not(any(miri, threadwork_portable))))]
mod futex;
#[cfg(all(target_os = "linux", not(any(miri, threadwork_portable))))]
mod slack;

/// On other systems a sleep ends as late as the system lets it: nothing is known that would make it end on time.
#[cfg(not(all(target_os = "linux", not(any(miri, threadwork_portable)))))]
mod slack {
    /// Calls `sleep`.
    pub fn on_time<R>(sleep: impl FnOnce() -> R) -> R {
        sleep()
    }
}

#[cfg(not(all(target_os = "linux", not(any(miri, threadwork_portable)))))]
pub(crate) use self::condvar::{Sleep, Wakes};
#[cfg(all(target_os = "linux", not(any(miri, threadwork_portable))))]
pub(crate) use self::futex::{Sleep, Wakes};
pub use self::slack::on_time;

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::{Duration, Instant},
    };

    use super::{Sleep, Wakes};

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
    fn those_who_sleep_at_a_shared_word_are_woken_one_by_one_or_together() {
        // More than a word has slots.
        let sleeps: Arc<Vec<Sleep>> = Arc::new((0..100).map(|_| Sleep::new()).collect());
        let woken = Arc::new(AtomicUsize::new(0));
        let sleepers: Vec<_> = (0..sleeps.len())
            .map(|number| {
                let (sleeps, woken) = (Arc::clone(&sleeps), Arc::clone(&woken));
                thread::spawn(move || {
                    for _ in 0..3 {
                        assert!(sleeps[number].suspend_shared());
                        woken.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let await_all = |count| {
            while woken.load(Ordering::Relaxed) < count {
                thread::yield_now();
            }
        };
        let wake_all = || {
            let mut wakes = Wakes::new();
            sleeps.iter().for_each(|it| wakes.add(it));
        };
        for (sleep, count) in sleeps.iter().zip(1..) {
            sleep.wake();
            await_all(count);
        }
        for round in 2..=3 {
            wake_all();
            await_all(round * sleeps.len());
        }
        sleepers.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(woken.load(Ordering::Relaxed), 300, "nobody was woken by another one's wake-up");
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
