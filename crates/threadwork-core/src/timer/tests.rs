//! Timers that are served by the test itself, which decides what time it is and what happens between two steps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_sync::{Event, Lock, StopSource, Wait, WaitKind, waits};

use super::{
    Period, Timer,
    due::Due,
    plan::{Once, Plan, Repeated, Ring, Spec, Work},
    queue::Queue,
    service::{LOCKED, fire_due},
};
use crate::{Builder, JoinError, Outcome, StartError, ThreadState, exit::Pending, registry};

mod alarms;
mod periodic;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
/// Later than any delay between the creation of the service and the start of a timer: a service that looks this late fires what is due.
const LATE: Duration = Duration::from_secs(1800);
const ABSURD_STACK_SIZE: usize = usize::MAX >> 4;

/// Timers that only [`Service::fire`] serves.
struct Service {
    timers: &'static Queue<Plan>,
    since: Instant,
}

impl Service {
    fn new() -> Service {
        let timers = Box::leak(Box::new(Queue::new(true, &LOCKED)));
        Service { timers, since: Instant::now() }
    }

    fn timer(&self, builder: Builder, interval: Duration, work: impl Work + 'static) -> Timer {
        let spec = Spec::new(builder.inherit(), || "test::function");
        let plan = Plan::new(self.timers, spec, interval, Box::new(work));
        Timer { plan: Arc::new(plan) }
    }

    fn once(&self, interval: Duration, f: impl FnOnce() + Send + 'static) -> Timer {
        self.timer(Builder::default().daemon(false), interval, Once(Some(f)))
    }

    fn every(&self, period: impl Into<Period>, f: impl FnMut() + Send + 'static) -> Timer {
        let period = period.into();
        let work = Repeated { function: f, period };
        self.timer(Builder::default().daemon(false), period.duration(), work)
    }

    /// Does what the service does when this time has passed. Returns when it would look again.
    fn fire(&self, later: Duration) -> Due {
        fire_due(self.timers, Due::at(self.since).plus(later))
    }

    /// Like [`fire`](Self::fire), for a single timer, which may be armed again at once and be due at the same time.
    fn fire_one(&self, later: Duration) {
        self.timers.take_due(Due::at(self.since).plus(later)).expect("one is due").fire();
    }

    fn n_waited_for(&self) -> usize {
        self.timers.census().n_waited_for
    }
}

fn count_to(count: &Arc<AtomicU32>) -> impl FnMut() + Send + use<> {
    let count = Arc::clone(count);
    move || _ = count.fetch_add(1, Ordering::SeqCst)
}

#[test]
fn a_timer_fires_when_it_is_due_and_not_before() {
    let (service, count) = (Service::new(), Arc::default());
    let timer = service.once(HOUR, count_to(&count));
    assert_eq!((timer.state(), timer.is_alive()), (ThreadState::New, false));
    timer.start().unwrap();
    assert_eq!((timer.state(), timer.is_alive()), (ThreadState::Started, true));
    let next = service.fire(HOUR - SECOND);
    assert!(next >= Due::at(service.since).plus(HOUR) && next < Due::NEVER);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    assert_eq!(service.fire(HOUR + LATE), Due::NEVER);
    timer.join().unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!((timer.state(), timer.is_alive()), (ThreadState::Finished, false));
    assert!(matches!(timer.outcome(), Some(Outcome::Finished)));
}

#[test]
fn timers_fire_in_order_of_time_and_later_ones_stay_pending() {
    let (service, order) = (Service::new(), Arc::new(Lock::new(Vec::new())));
    let timers: Vec<_> = [3, 1, 2]
        .map(|hours| {
            let order = Arc::clone(&order);
            service.once(hours * HOUR, move || order.acquire().push(hours))
        })
        .into();
    timers.iter().for_each(|it| it.start().unwrap());
    for hours in 1..=3 {
        service.fire(hours * HOUR + LATE);
        assert_eq!(service.timers.all().len(), 3 - hours as usize);
        timers[[1, 2, 0][hours as usize - 1]].join().unwrap();
    }
    assert_eq!(*order.acquire(), [1, 2, 3]);
}

#[test]
fn the_service_is_woken_only_for_a_timer_that_it_would_miss() {
    let service = Service::new();
    let arm = |interval| {
        service.timers.news().clear();
        let timer = service.once(interval, || ());
        timer.start().unwrap();
        (timer, service.timers.news().is_set())
    };
    assert!(!arm(4 * HOUR).1, "it looks when it starts");
    service.fire(Duration::ZERO);
    let (first, woke) = arm(2 * HOUR);
    assert!(woke);
    assert!(!arm(3 * HOUR).1);
    // Both when it was woken for the first and has not looked since, and when it has.
    let (earlier, woke) = arm(HOUR + SECOND);
    assert!(woke);
    service.fire(SECOND);
    let (earliest, woke) = arm(HOUR);
    assert!(woke);
    service.timers.news().clear();
    assert!(earliest.cancel() && earlier.cancel());
    assert!(!service.timers.news().is_set(), "the service is not woken by a cancel");
    assert!(!arm(HOUR + 2 * SECOND).1, "it looks at the time of the cancelled one");
    assert!(service.fire(HOUR) > Due::at(service.since).plus(HOUR + SECOND));
    assert!(arm(HOUR).1, "it has looked, and would sleep for another two seconds");
    let taken = service.timers.take_due(Due::at(service.since).plus(HOUR + LATE)).unwrap();
    assert!(!arm(SECOND).1, "it looks again after a timer that was due");
    taken.fire();
    assert!(first.cancel());
}

#[test]
fn a_cancelled_timer_is_freed_at_once_with_its_function() {
    let (service, count) = (Service::new(), Arc::default());
    for made in [false, true] {
        let timer = service.once(HOUR, count_to(&count));
        timer.start().unwrap();
        if made {
            assert!(timer.ident().is_some());
        }
        assert_eq!((Arc::strong_count(&count), service.n_waited_for()), (2, 1));
        assert!(timer.cancel());
        assert_eq!((Arc::strong_count(&count), service.n_waited_for()), (1, 0));
        assert!(service.timers.all().is_empty());
        assert!(!timer.cancel() && !timer.is_alive());
        assert_eq!(timer.state(), ThreadState::Stopped);
        timer.join().unwrap();
        assert!(matches!(timer.outcome(), Some(Outcome::Stopped)));
        let plan = Arc::downgrade(&timer.plan);
        drop(timer);
        assert_eq!(plan.strong_count(), 0);
    }
}

#[test]
fn a_timer_that_is_cancelled_after_the_service_took_it_does_not_run() {
    let (service, count) = (Service::new(), Arc::default());
    let timer = service.once(Duration::ZERO, count_to(&count));
    timer.start().unwrap();
    let taken = service.timers.take_due(Due::at(service.since).plus(LATE)).unwrap();
    assert!(timer.cancel());
    assert_eq!(service.n_waited_for(), 0);
    taken.fire();
    assert_eq!((Arc::strong_count(&count), count.load(Ordering::SeqCst)), (1, 0));
    assert_eq!((timer.state(), service.n_waited_for()), (ThreadState::Stopped, 0));
    timer.join().unwrap();
}

#[test]
fn a_timer_that_has_fired_cannot_be_cancelled() {
    static GO: Event = Event::new();
    let service = Service::new();
    let timer = service.once(HOUR, || GO.wait());
    timer.start().unwrap();
    assert_eq!((service.n_waited_for(), timer.running_since()), (1, None));
    service.fire(2 * HOUR);
    assert_eq!(service.n_waited_for(), 0);
    while timer.running_since().is_none() {
        std::thread::yield_now();
    }
    let ident = timer.ident().unwrap();
    assert_eq!(
        registry::find(ident).as_ref(),
        Some(timer.handle()),
        "now its thread is waited for"
    );
    assert!(!timer.cancel() && timer.is_alive());
    assert!(matches!(timer.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    GO.set();
    timer.join().unwrap();
    assert_eq!(timer.state(), ThreadState::Finished);
    assert!(!timer.cancel());
}

#[test]
fn the_end_of_the_program_finds_a_timer_that_the_service_has_just_taken() {
    let service = Service::new();
    let timer = service.once(Duration::ZERO, || ());
    timer.start().unwrap();
    let before = service.timers.census();
    let taken = service.timers.take_due(Due::at(service.since).plus(LATE)).unwrap();
    assert_eq!(service.n_waited_for(), 1, "it is in no list, but it is counted");
    taken.fire();
    timer.join().unwrap();
    let daemon = service.timer(Builder::default().daemon(true), HOUR, Once(Some(|| ())));
    daemon.start().unwrap();
    assert_eq!(service.n_waited_for(), 0, "a daemon is not counted");
    assert!(service.timers.census() != before, "the census shows that one was armed");
    service.timers.join(&Wait::timeout(Duration::ZERO)).unwrap();
}

#[test]
fn a_timer_that_is_cancelled_before_its_start_has_ended_after_it() {
    let (service, count) = (Service::new(), Arc::default());
    for made in [false, true] {
        let timer = service.once(Duration::ZERO, count_to(&count));
        if made {
            assert_eq!(timer.ident(), None);
        }
        assert!(timer.cancel() && !timer.cancel());
        assert_eq!(Arc::strong_count(&count), 1);
        assert_eq!(timer.state(), ThreadState::New);
        assert!(matches!(timer.join(), Err(JoinError::NotStarted)));
        timer.start().unwrap();
        assert_eq!(timer.state(), ThreadState::Stopped);
        timer.join().unwrap();
        assert!(matches!(timer.start(), Err(StartError::AlreadyStarted)));
    }
    assert!(service.timers.all().is_empty());
    assert_eq!(service.fire(HOUR), Due::NEVER);
}

#[test]
fn cancelling_a_pending_timer_wakes_its_joiner() {
    let service = Service::new();
    let timer = service.once(HOUR, || ());
    timer.start().unwrap();
    std::thread::scope(|scope| {
        let joiner = scope.spawn(|| timer.join());
        while !waits().iter().any(|it| it.kind == WaitKind::Join && it.holder == timer.ident()) {
            std::thread::yield_now();
        }
        assert!(timer.cancel());
        joiner.join().unwrap().unwrap();
    });
}

#[test]
fn a_stop_cancels_a_pending_timer() {
    let (service, count) = (Service::new(), Arc::default());
    let timer = service.once(HOUR, count_to(&count));
    timer.start().unwrap();
    assert!(timer.request_stop());
    assert_eq!((timer.state(), Arc::strong_count(&count)), (ThreadState::Stopped, 1));
    assert!(service.timers.all().is_empty());

    let before = service.once(HOUR, count_to(&count));
    before.handle().request_stop();
    before.start().unwrap();
    assert_eq!((before.state(), Arc::strong_count(&count)), (ThreadState::Stopped, 1));
}

#[test]
fn a_stop_of_the_parent_cancels_an_observed_timer_at_once_and_another_when_it_is_due() {
    let (service, count) = (Service::new(), Arc::default());
    let parent = StopSource::new();
    let timers = [false, true, true].map(|starts| {
        let builder = Builder::default().stop_token(&parent.token());
        let count = count_to(&count);
        let timer = service.timer(builder, HOUR, Once(Some(count)));
        if starts {
            timer.start().unwrap();
        }
        timer
    });
    let [late, seen, unseen] = &timers;
    assert!(seen.ident().is_some());
    parent.request_stop();
    assert!(timers.iter().all(Timer::stop_requested));
    assert_eq!(seen.state(), ThreadState::Stopped);
    assert_eq!(unseen.state(), ThreadState::Started);
    service.fire(2 * HOUR);
    assert_eq!(unseen.state(), ThreadState::Stopped);
    late.start().unwrap();
    assert_eq!(late.state(), ThreadState::Stopped);
    assert_eq!((Arc::strong_count(&count), count.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn a_timer_whose_thread_cannot_be_started_has_ended_and_a_join_returns_the_reason() {
    let (service, count) = (Service::new(), Arc::default());
    let builder = Builder::default().name("tea").stack_size(ABSURD_STACK_SIZE);
    let function = count_to(&count);
    let timer = service.timer(builder, Duration::ZERO, Once(Some(function)));
    timer.start().unwrap();
    service.fire(LATE);
    assert_eq!((Arc::strong_count(&count), timer.state()), (1, ThreadState::Failed));
    let why = timer.join().unwrap_err().to_string();
    assert!(why.starts_with("thread 'tea' failed: its thread was not started when"), "{why}");
    assert_eq!(timer.running_since(), None);
    assert!(why.contains("the operating system refused"), "{why}");
    assert_eq!(service.n_waited_for(), 0);
}

#[test]
fn start_refuses_invalid_settings_and_leaves_the_timer_new() {
    let service = Service::new();
    for builder in [Builder::default().name("\0"), Builder::default().stack_size(1)] {
        let timer = service.timer(builder, HOUR, Once(Some(|| ())));
        assert!(matches!(timer.start(), Err(StartError::Name(_) | StartError::StackSize(_))));
        assert_eq!(timer.state(), ThreadState::New);
    }
    assert!(service.timers.all().is_empty());
}

#[test]
fn an_interval_too_long_for_the_clock_never_ends_and_can_be_cancelled() {
    let service = Service::new();
    let timers = [service.once(Duration::MAX, || ()), service.every(Duration::MAX, || ())];
    for timer in timers {
        timer.start().unwrap();
        assert_eq!(fire_due(service.timers, Due::NEVER), Due::NEVER);
        assert!(timer.is_alive() && timer.cancel() && !timer.is_alive());
    }
}

#[test]
fn the_function_of_a_cancelled_timer_is_dropped_with_nothing_locked() {
    struct Meddler(Timer, Arc<AtomicU32>);
    impl Drop for Meddler {
        fn drop(&mut self) {
            assert!(!self.0.cancel() && !self.0.name().is_empty());
            self.0.start().unwrap_err();
            self.0.join().unwrap();
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (service, count) = (Service::new(), Arc::<AtomicU32>::default());
    for by_stop in [false, true] {
        // A cycle: the function owns the timer, and the timer owns the function.
        let slot = Arc::new(Lock::new(None));
        let meddler = Arc::clone(&slot);
        let timer = service.once(HOUR, move || drop(meddler));
        *slot.acquire() = Some(Meddler(timer.clone(), Arc::clone(&count)));
        drop(slot);
        timer.start().unwrap();
        if by_stop {
            timer.request_stop()
        } else {
            timer.cancel()
        };
        assert!(!timer.is_alive());
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
