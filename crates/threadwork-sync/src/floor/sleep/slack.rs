//! The slack of a thread: how much longer than asked the system may let it sleep.

use std::num::NonZeroU64;

use rustix::thread::{current_timer_slack, set_current_timer_slack};

/// The slack that threads have by default, in nanoseconds. A program that has given a thread more wants few wake-ups rather than exact ones.
const USUAL: u64 = 50_000;

/// Calls `sleep` with the least slack, so that its sleep ends on time. Slack saves processor time where several sleeps end at once.
///
/// Threads inherit the slack of the thread that starts them, so the current thread has its own again when this returns.
/// Scenario "the sleep that ends on time" in docs/architecture.md.
pub fn on_time<R>(sleep: impl FnOnce() -> R) -> R {
    let _before = current_timer_slack().ok().filter(|&it| it <= USUAL).map(|slack| {
        set(1);
        Restored(slack)
    });
    sleep()
}

/// Gives the thread its slack back on drop.
struct Restored(u64);

impl Drop for Restored {
    fn drop(&mut self) {
        set(self.0);
    }
}

fn set(slack: u64) {
    // An error would be that the system has no slack at all.
    let _ = set_current_timer_slack(NonZeroU64::new(slack));
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{USUAL, current_timer_slack, on_time, set};
    use crate::payload::catch;

    fn slack() -> u64 {
        current_timer_slack().unwrap()
    }

    #[test]
    fn a_sleep_on_time_has_no_slack_and_the_thread_has_its_own_again_after_it() {
        for before in [USUAL, 7_000] {
            set(before);
            assert_eq!(on_time(slack), 1);
            assert_eq!(slack(), before);
            assert!(catch(|| on_time(|| panic!("on purpose"))).is_err());
            assert_eq!(slack(), before);
            assert_eq!(thread::spawn(slack).join().unwrap(), before, "it is inherited");
        }
    }

    #[test]
    fn a_thread_with_more_slack_than_usual_keeps_it() {
        set(10 * USUAL);
        assert_eq!(on_time(slack), 10 * USUAL);
    }
}
