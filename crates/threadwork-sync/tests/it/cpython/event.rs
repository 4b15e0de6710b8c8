//! `EventTests`.

use std::{sync::Arc, time::Duration};

use threadwork_sync::{Event, WaitError, WaitKind};

use crate::{objects::start_waiting, support::Helper};

#[track_caller]
fn waiters(event: &Arc<Event>) -> Vec<Helper<Result<(), WaitError>>> {
    (0..5)
        .map(|_| {
            let event = Arc::clone(event);
            start_waiting(WaitKind::Event, move || event.wait_timeout(Duration::MAX))
        })
        .collect()
}

/// After `EventTests.test_is_set`.
#[test]
fn it_is_set_from_a_set_to_a_clear() {
    let event = Event::new();
    assert!(!event.is_set());
    event.set();
    assert!(event.is_set());
    event.set();
    assert!(event.is_set());
    event.clear();
    assert!(!event.is_set());
    event.clear();
    assert!(!event.is_set());
}

/// After `EventTests.test_notify`.
#[test]
fn a_set_releases_all_waiters_and_later_ones_until_it_is_cleared() {
    let event = Arc::new(Event::new());
    for _ in 0..2 {
        let waiting = waiters(&event);
        event.set();
        assert!(waiting.into_iter().all(|it| it.join().is_ok()));
        let late = Arc::clone(&event);
        assert_eq!(Helper::start(move || late.wait_timeout(Duration::MAX)).join(), Ok(()));
        event.clear();
    }
}

/// After `EventTests.test_set_and_clear`.
#[test]
fn a_set_followed_by_a_clear_releases_all_waiters() {
    let event = Arc::new(Event::new());
    let waiting = waiters(&event);
    event.set();
    event.clear();
    assert!(waiting.into_iter().all(|it| it.join().is_ok()));
    assert!(!event.is_set());
}

/// After `EventTests.test_repr`.
#[test]
fn debug_shows_whether_it_is_set() {
    let event = Event::new();
    assert!(format!("{event:?}").contains("is_set: false"));
    event.set();
    assert!(format!("{event:?}").contains("is_set: true"));
}
