//! Deadlines and waits as values. `timeouts` tests them in real time.

use std::time::{Duration, Instant};

use threadwork_sync::{Deadline, Event, StopSource, Wait, WaitError};

use crate::support::Helper;

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
    let wait = Wait::until(deadline).or_stop(&stop.token());
    assert_eq!((wait.deadline(), wait.stop_token()), (deadline, Some(&stop.token())));
    assert!(!wait.stop_token().unwrap().stop_requested());
    stop.request_stop();
    assert!(wait.stop_token().unwrap().stop_requested());
    assert!(wait.clone().stop_token().unwrap().stop_requested());
    assert_eq!(Wait::timeout(Duration::MAX).deadline(), Deadline::NEVER);
}

#[test]
fn a_wait_that_was_given_several_tokens_ends_with_the_first_stop() {
    for stopped in 0..3 {
        let stops = [(); 3].map(|()| StopSource::new());
        let wait =
            stops.iter().fold(Wait::forever(), |wait, stop| wait.or_stop(&stop.token())).clone();
        assert!(!wait.stop_token().unwrap().stop_requested());
        let waiter = Helper::start_blocked(move || Event::new().wait_with(&wait));
        stops[stopped].request_stop();
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
        let n_requested = stops.iter().filter(|it| it.stop_requested()).count();
        assert_eq!(n_requested, 1, "a wait requests no stop");
    }
    // A stop that was requested before ends it too, and the deadline stays.
    let [first, second] = [(); 2].map(|()| StopSource::new());
    first.request_stop();
    let wait = Wait::timeout(Duration::MAX).or_stop(&first.token()).or_stop(&second.token());
    assert_eq!(Event::new().wait_with(&wait), Err(WaitError::Stopped));
    let wait = Wait::timeout(Duration::ZERO).or_stop(&second.token()).or_stop(&second.token());
    assert_eq!(wait.stop_token(), Some(&second.token()), "the same token twice is one token");
    assert_eq!(Event::new().wait_with(&wait), Err(WaitError::TimedOut));
}

#[test]
fn a_timeout_a_point_in_time_a_deadline_and_a_token_are_waits() {
    let (event, stop) = (Event::new(), StopSource::new());
    let (now, token) = (Instant::now(), stop.token());
    assert_eq!(event.wait_with(&Duration::from_millis(1).into()), Err(WaitError::TimedOut));
    assert_eq!(event.wait_with(&now.into()), Err(WaitError::TimedOut));
    assert_eq!(event.wait_with(&Deadline::at(now).into()), Err(WaitError::TimedOut));
    stop.request_stop();
    assert_eq!(event.wait_with(&token.clone().into()), Err(WaitError::Stopped));
    assert_eq!(event.wait_with(&Wait::from(&token)), Err(WaitError::Stopped));
    assert_eq!(Wait::from(Duration::MAX).deadline(), Deadline::NEVER);
    assert_eq!(Wait::from(&token).deadline(), Deadline::NEVER);
}

#[test]
fn deadlines_and_waits_are_shown_as_seen_from_now() {
    assert_eq!(format!("{} {0:?}", Deadline::NEVER), "never Deadline(never)");
    let passed = Deadline::at(Instant::now()).to_string();
    assert!(passed.starts_with("passed ") && passed.ends_with("s ago"), "{passed}");
    let later = Deadline::after(Duration::from_secs(3600)).to_string();
    assert!(later.starts_with("in 3") && later.ends_with('s'), "{later}");

    let stop = StopSource::new();
    let wait = Wait::forever().or_stop(&stop.token());
    assert_eq!(format!("{wait:?}"), "Wait { deadline: never, stop_requested: Some(false) }");
    assert_eq!(format!("{:?}", Wait::forever()), "Wait { deadline: never, stop_requested: None }");
}
