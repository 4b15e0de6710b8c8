//! `Event`: which waiters a set releases, and what a clear changes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{
    Event, StopSource, Wait, WaitError, WaitKind, get_ident, internal::door::Subject,
};

use crate::support::Helper;

#[track_caller]
fn waiter(event: &Arc<Event>) -> Helper<()> {
    let event = Arc::clone(event);
    Helper::start_blocked(move || event.wait())
}

#[test]
fn a_wait_for_a_set_event_returns_at_once() {
    let event = Event::new();
    event.set();
    event.wait();
    assert!(event.wait_timeout(Duration::ZERO).is_ok());
    assert_eq!(event.wait_with(&Wait::forever()), Ok(()));
    assert!(event.is_set(), "a wait does not clear the event");
}

#[test]
fn setting_and_clearing_twice_changes_nothing() {
    let event = Event::new();
    event.clear();
    assert!(!event.is_set());
    event.set();
    event.set();
    assert!(event.is_set());
    event.clear();
    assert!(!event.is_set(), "one clear is enough after two sets");
    event.clear();
    assert!(!event.is_set());
    assert_eq!(event.wait_timeout(Duration::ZERO), Err(WaitError::TimedOut));
}

#[test]
fn a_set_releases_all_waiters() {
    let event = Arc::new(Event::new());
    let waiters: Vec<_> = (0..16).map(|_| waiter(&event)).collect();
    event.set();
    waiters.into_iter().for_each(Helper::join);
    assert!(event.is_set());
}

#[test]
fn what_was_written_before_the_set_is_seen_after_the_wait() {
    static VALUE: AtomicU32 = AtomicU32::new(0);
    let event = Arc::new(Event::new());
    let reader = {
        let event = Arc::clone(&event);
        Helper::start_blocked(move || {
            event.wait();
            VALUE.load(Ordering::Relaxed)
        })
    };
    VALUE.store(7, Ordering::Relaxed);
    event.set();
    assert_eq!(reader.join(), 7);
}

#[test]
fn clear_does_not_swallow_the_set_before_it() {
    let event = Arc::new(Event::new());
    for _ in 0..50 {
        let waiters: Vec<_> = (0..4).map(|_| waiter(&event)).collect();
        event.set();
        event.clear();
        waiters.into_iter().for_each(Helper::join);
        assert!(!event.is_set());
    }
}

#[test]
fn a_wait_after_set_and_clear_blocks_again() {
    let event = Arc::new(Event::new());
    let early = waiter(&event);
    event.set();
    event.clear();
    early.join();
    let late = waiter(&event);
    event.clear();
    late.blocked();
    event.set();
    late.join();
}

#[test]
fn a_thread_waits_again_and_again_for_the_same_event() {
    const ROUNDS: u32 = 50;
    static ROUND: AtomicU32 = AtomicU32::new(0);
    let event = Arc::new(Event::new());
    let runner = {
        let event = Arc::clone(&event);
        Helper::start(move || {
            for round in 0..ROUNDS {
                event.wait();
                event.clear();
                ROUND.store(round + 1, Ordering::Relaxed);
            }
        })
    };
    for round in 0..ROUNDS {
        runner.blocked();
        assert_eq!(ROUND.load(Ordering::Relaxed), round);
        event.set();
        crate::support::eventually("the round does not end", || {
            (ROUND.load(Ordering::Relaxed) == round + 1).then_some(())
        });
    }
    runner.join();
}

#[test]
fn a_stop_ends_a_wait_and_leaves_the_others_waiting() {
    let event = Arc::new(Event::new());
    let stop = StopSource::new();
    let before = waiter(&event);
    let stopped = {
        let (event, token) = (Arc::clone(&event), stop.token());
        Helper::start_blocked(move || event.wait_with(&Wait::forever().or_stop(&token)))
    };
    let behind = waiter(&event);
    stop.request_stop();
    assert_eq!(stopped.join(), Err(WaitError::Stopped));
    assert!(!event.is_set());
    before.blocked();
    behind.blocked();
    event.set();
    before.join();
    behind.join();
}

#[test]
fn a_stopped_token_does_not_matter_where_the_event_is_set() {
    let stop = StopSource::new();
    stop.request_stop();
    let wait = Wait::forever().or_stop(&stop.token());
    let event = Event::new();
    assert_eq!(event.wait_with(&wait), Err(WaitError::Stopped));
    event.set();
    assert_eq!(event.wait_with(&wait), Ok(()));
    event.clear();
    assert_eq!(event.wait_with(&wait), Err(WaitError::Stopped));
}

#[test]
fn a_set_still_works_after_the_only_waiter_was_stopped() {
    let event = Arc::new(Event::new());
    let stop = StopSource::new();
    let stopped = {
        let (event, token) = (Arc::clone(&event), stop.token());
        Helper::start_blocked(move || event.wait_with(&Wait::forever().or_stop(&token)))
    };
    stop.request_stop();
    assert_eq!(stopped.join(), Err(WaitError::Stopped));
    let next = waiter(&event);
    event.set();
    next.join();
    event.clear();
    assert!(!event.is_set());
}

#[test]
fn debug_shows_the_name_and_whether_it_is_set() {
    let event = Event::new().named("ready");
    assert_eq!(event.name(), Some("ready"));
    assert_eq!(format!("{event:?}"), r#"Event { name: Some("ready"), is_set: false }"#);
    event.set();
    assert_eq!(format!("{event:?}"), r#"Event { name: Some("ready"), is_set: true }"#);
    assert_eq!(format!("{:?}", Event::default()), "Event { name: None, is_set: false }");
}

#[test]
fn the_record_of_a_waiter_names_a_static_event() {
    static READY: Event = Event::new().named("ready to go");
    let waiter = Helper::start(|| READY.wait());
    let record = waiter.blocked();
    assert_eq!(record.kind, WaitKind::Event);
    assert_eq!(record.name, Some("ready to go"));
    assert_eq!(record.holder, None, "an event has no holder");
    READY.set();
    waiter.join();
}

#[test]
fn a_wait_can_leave_the_record_of_an_object_built_on_the_event() {
    let ended = Arc::new(Event::new());
    let here = std::panic::Location::caller();
    let subject = Subject::join(get_ident(), here);
    let joiner = {
        let ended = Arc::clone(&ended);
        Helper::start(move || ended.wait_as(&subject, &Wait::forever()))
    };
    let record = joiner.blocked();
    assert_eq!(record.kind, WaitKind::Join);
    assert_eq!(record.holder, Some(get_ident()));
    assert_eq!(record.location, here);
    ended.set();
    assert_eq!(joiner.join(), Ok(()));
    assert_eq!(ended.wait_as(&subject, &Wait::timeout(Duration::ZERO)), Ok(()));
}

#[test]
fn an_event_may_be_dropped_by_the_last_thread_that_waited_for_it() {
    for _ in 0..50 {
        let event = Arc::new(Event::new());
        let waiter = waiter(&event);
        event.set();
        drop(event);
        waiter.join();
    }
}
