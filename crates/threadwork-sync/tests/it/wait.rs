//! Deadlines and waits as values. `timeouts` tests them in real time.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use threadwork_sync::{Deadline, RawLock, StopSource, Wait, WaitError};

#[test]
fn a_deadline_too_far_for_the_clock_never_comes() {
    assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
    assert_eq!(Deadline::after(Duration::from_secs(u64::MAX)), Deadline::NEVER);
    assert_eq!(Deadline::NEVER.instant(), None);
    assert_eq!(Deadline::NEVER.remaining(), None);
    assert!(!Deadline::NEVER.has_passed());
    assert_eq!(Deadline::default(), Deadline::NEVER);
}

#[test]
fn a_deadline_that_has_passed_leaves_no_time() {
    let now = Instant::now();
    let passed = Deadline::at(now);
    assert!(passed.has_passed());
    assert_eq!(passed.remaining(), Some(Duration::ZERO));
    assert_eq!(passed, Deadline::from(now));
    assert!(Deadline::after(Duration::ZERO).has_passed());
}

#[test]
fn a_deadline_in_the_future_leaves_at_most_its_timeout() {
    let hour = Duration::from_secs(3600);
    let before = Instant::now();
    let deadline = Deadline::after(hour);
    let after = Instant::now();
    assert!(!deadline.has_passed());
    assert!(deadline.remaining().is_some_and(|left| left <= hour && left > hour / 2));
    assert!(deadline.instant().is_some_and(|it| (before + hour..=after + hour).contains(&it)));
}

#[test]
fn a_wait_has_the_deadline_and_the_stop_it_was_given() {
    let forever = Wait::forever();
    assert_eq!(forever.deadline(), Deadline::NEVER);
    assert!(forever.stop_token().is_none());
    assert_eq!(Wait::default().deadline(), Deadline::NEVER);

    let deadline = Deadline::after(Duration::from_secs(1));
    let stop = StopSource::new();
    let before = StopSource::new();
    let wait = Wait::until(deadline).or_stop(&before.token()).or_stop(&stop.token());
    before.request_stop();
    assert_eq!(wait.deadline(), deadline);
    assert!(!wait.stop_token().unwrap().stop_requested());
    stop.request_stop();
    assert!(wait.stop_token().unwrap().stop_requested());
    assert!(wait.clone().stop_token().unwrap().stop_requested());
    assert_eq!(Wait::timeout(Duration::MAX).deadline(), Deadline::NEVER);
}

#[test]
fn errors_say_what_happened_and_what_to_do() {
    assert_eq!(WaitError::TimedOut.to_string(), "timed out while waiting");
    assert_eq!(
        WaitError::Stopped.to_string(),
        "stopped while waiting, because a stop was requested"
    );
    let release = RawLock::new().release().unwrap_err();
    assert_eq!(
        release.to_string(),
        "cannot release a lock that is not acquired; release it once per acquire"
    );
    assert!(release.source().is_none() && WaitError::Stopped.source().is_none());
}
