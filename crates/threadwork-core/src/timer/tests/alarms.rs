//! Alarms: functions that the service itself calls.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use super::*;

impl Service {
    /// Creates an alarm like [`Alarm::new`](crate::timer::Alarm::new).
    fn alarm(&self, daemon: bool, delay: Duration, f: impl FnOnce() + Send + 'static) -> Timer {
        self.timer(Builder::default().name("bell").daemon(daemon), delay, Ring(Some(f)))
    }
}

#[test]
fn an_alarm_rings_once_in_the_thread_of_the_service() {
    let (service, rang) = (Service::new(), Arc::new(Lock::new(Vec::new())));
    let its = Arc::clone(&rang);
    let alarm = service.alarm(false, HOUR, move || its.acquire().push(thread::current().id()));
    alarm.start().unwrap();
    service.fire(LATE);
    assert!(rang.acquire().is_empty());
    assert_eq!(service.n_waited_for(), 1);
    service.fire(HOUR + LATE);
    service.fire(HOUR * 2);
    assert_eq!(*rang.acquire(), [thread::current().id()]);
    assert_eq!(service.n_waited_for(), 0);
    assert!(!alarm.cancel());
}

#[test]
fn a_cancelled_alarm_drops_its_function_at_once_and_does_not_ring() {
    let (service, owned) = (Service::new(), Arc::new(()));
    for is_set in [false, true] {
        let its = Arc::clone(&owned);
        let alarm = service.alarm(false, SECOND, move || drop(its));
        if is_set {
            alarm.start().unwrap();
        }
        assert!(alarm.cancel());
        assert_eq!(Arc::strong_count(&owned), 1);
        if !is_set {
            alarm.start().unwrap();
        }
        assert_eq!(service.n_waited_for(), 0);
        service.fire(LATE);
    }
}

#[test]
fn the_end_of_the_program_waits_for_an_alarm_until_its_function_has_returned() {
    let service = Service::new();
    let timers = service.timers;
    let counted = Arc::new(AtomicU32::new(0));
    let its = Arc::clone(&counted);
    let ring = move || _ = its.fetch_add(timers.census().n_waited_for as u32, Ordering::SeqCst);
    service.alarm(false, SECOND, ring).start().unwrap();
    service.alarm(true, HOUR, || ()).start().unwrap();
    let named = service.timers.waited_for();
    assert_eq!(named.iter().map(|it| it.name()).collect::<Vec<_>>(), ["bell"]);
    service.fire(LATE);
    assert_eq!((counted.load(Ordering::SeqCst), service.n_waited_for()), (1, 0));
    assert!(service.timers.join(&Wait::timeout(Duration::ZERO)).is_ok());
}

#[test]
fn a_stop_at_the_end_of_the_program_cancels_alarms() {
    let (service, owned) = (Service::new(), Arc::new(()));
    let its = Arc::clone(&owned);
    service.alarm(false, HOUR, move || drop(its)).start().unwrap();
    service.timers.stop_all();
    assert_eq!((Arc::strong_count(&owned), service.n_waited_for()), (1, 0));
}

#[test]
fn a_panic_in_an_alarm_leaves_nothing_to_wait_for() {
    let service = Service::new();
    service.alarm(false, SECOND, || panic!("out of paper")).start().unwrap();
    let alarm = service.timers.all().remove(0);
    // The service itself reports it and goes on.
    let rung = catch_unwind(AssertUnwindSafe(|| service.fire_one(LATE)));
    assert!(rung.is_err());
    assert_eq!(service.n_waited_for(), 0);
    assert!(!alarm.cancel());
}
