//! The calls that an observer receives. There is one observer per process, so these tests have their own process.
//!
//! Scenario "the observer that stands in a queue" in docs/architecture.md.

use std::{
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    Condition, Event, Lock, get_ident,
    internal::observe::{Observer, Waited, observe, stop_observing},
    waits,
};

/// A wake-up: the address, the number of woken threads, when it began, and when the observer was called.
type Woke = (usize, usize, Instant, Instant);

#[derive(Default)]
struct Told {
    waits: Vec<Waited>,
    wakes: Vec<Woke>,
}

struct Listener(Mutex<Told>);

static LISTENER: Listener = Listener(Mutex::new(Told { waits: Vec::new(), wakes: Vec::new() }));

impl Observer for Listener {
    fn waited(&self, wait: &Waited) {
        self.0.lock().unwrap().waits.push(*wait);
    }

    fn woke(&self, address: usize, count: usize, since: Instant) {
        self.0.lock().unwrap().wakes.push((address, count, since, Instant::now()));
    }
}

fn take() -> Told {
    std::mem::take(&mut *LISTENER.0.lock().unwrap())
}

fn wait_until_blocked(name: &str) {
    while !waits().iter().any(|it| it.name == Some(name)) {
        thread::yield_now();
    }
}

#[test]
fn an_observer_is_told_of_waits_and_of_the_wake_ups_that_end_them() {
    static EVENT: Event = Event::new().named("event");
    let _ = EVENT.wait_timeout(Duration::from_micros(1));
    assert!(observe(&LISTENER));

    let ident = thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            EVENT.wait();
            get_ident()
        });
        wait_until_blocked("event");
        EVENT.set();
        waiting.join().unwrap()
    });
    let Told { waits, wakes } = take();
    let ([wait], [(address, count, since, told)]) = (&waits[..], &wakes[..]) else {
        panic!("{waits:?} {wakes:?}")
    };
    assert_eq!((wait.ident, wait.subject.name, wait.woken), (ident, Some("event"), true));
    assert_eq!((wait.address, 1), (*address, *count));
    assert!(wait.subject.location.file().ends_with("tests/observer.rs"));
    assert!(wait.since < *told, "the wait began before the wake-up was over");
    assert!(wait.until >= *since, "the wait ended after the wake-up had begun");

    // A wait whose deadline has passed before it sleeps is not reported.
    EVENT.clear();
    let Told { waits, wakes } = loop {
        let _ = EVENT.wait_timeout(Duration::from_millis(1));
        let told = take();
        if !told.waits.is_empty() {
            break told;
        }
    };
    assert!(!waits[0].woken && waits[0].until > waits[0].since && wakes.is_empty());

    // A notified thread moves to the queue of the lock. The notification is reported, and the record still names the condition.
    let (lock, condition) = (Lock::new(()), Condition::new().named("condition"));
    thread::scope(|scope| {
        scope.spawn(|| condition.wait(&mut lock.acquire()));
        wait_until_blocked("condition");
        condition.notify(&lock.acquire(), 1);
    });
    let Told { waits, wakes } = take();
    let wait =
        waits.iter().find(|it| it.subject.name == Some("condition")).expect("the wait is reported");
    let notified =
        wakes.iter().find(|it| it.0 == wait.address).expect("the notification is reported");
    assert!(wait.woken && notified.1 == 1);

    stop_observing();
    let _ = EVENT.wait_timeout(Duration::from_micros(1));
    EVENT.set();
    let Told { waits, wakes } = take();
    assert!(waits.is_empty() && wakes.is_empty());
}
