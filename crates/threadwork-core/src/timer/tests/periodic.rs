//! Repeating timers.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use threadwork_sync::{Event, Lock};
use threadwork_test_support::patience::until;

use super::*;
use crate::{Local, current_thread};

/// Waits until the last run has returned and the next one is pending.
fn until_it_is_pending(service: &Service) {
    while service.timers.all().is_empty() {
        std::thread::yield_now();
    }
}

#[test]
fn fixed_delay_counts_from_the_end_of_a_run_and_fixed_rate_from_its_due_time() {
    let zero = Due::now();
    let at = |seconds: u32| zero.plus(seconds * SECOND);
    let (delay, rate) = (Period::FixedDelay(10 * SECOND), Period::FixedRate(10 * SECOND));
    for (due, now, next_by_delay, next_by_rate) in [
        (10, 10, 20, 20),
        (10, 13, 23, 20),
        (10, 20, 30, 20),
        // One run makes up for two missed ones at once. After that, runs are due at the same times as before.
        (10, 35, 45, 30),
        (30, 36, 46, 40),
    ] {
        assert_eq!(delay.next(at(due), at(now)), at(next_by_delay), "{due} {now}");
        assert_eq!(rate.next(at(due), at(now)), at(next_by_rate), "{due} {now}");
    }
    assert_eq!(Period::FixedRate(Duration::ZERO).next(at(1), at(5)), at(5));
    assert_eq!(Period::FixedRate(Duration::MAX).next(at(1), at(5)), Due::NEVER);
    assert_eq!(Period::FixedDelay(Duration::MAX).next(at(1), at(5)), Due::NEVER);
}

#[test]
fn each_run_of_a_periodic_timer_has_a_thread_of_its_own() {
    let service = Service::new();
    let seen = Arc::new(Lock::new(Vec::new()));
    let timer = service.every(HOUR, {
        let seen = Arc::clone(&seen);
        move || seen.acquire().push((current_thread(), current_thread().ident()))
    });
    timer.start().unwrap();
    for runs in 1..=3 {
        service.fire_one(runs * HOUR + LATE);
        until_it_is_pending(&service);
        assert_eq!(seen.acquire().len(), runs as usize);
        assert_eq!(timer.state(), ThreadState::Running);
        assert_eq!(timer.ident(), seen.acquire().last().unwrap().1);
    }
    assert!(timer.cancel() && !timer.cancel());
    timer.join().unwrap();
    assert!(matches!(timer.outcome(), Some(Outcome::Stopped)));
    let seen = seen.acquire();
    assert!(seen.iter().all(|(thread, _)| thread.name() == timer.name()));
    assert!(seen[0].1 < seen[1].1 && seen[1].1 < seen[2].1);
    assert!(!seen[2].0.is_alive(), "a join waits for the last run too");
}

#[test]
fn a_periodic_timer_continues_after_a_panic_and_each_panic_is_reported() {
    let (service, count, reports) = (Service::new(), Arc::default(), Arc::<AtomicU32>::default());
    let builder = Builder::default().on_panic({
        let reports = Arc::clone(&reports);
        move |_, _| _ = reports.fetch_add(1, Ordering::SeqCst)
    });
    let mut function = count_to(&count);
    let panics = move || {
        function();
        panic!("on purpose");
    };
    let timer = service.timer(builder, HOUR, Repeated { function: panics, period: HOUR.into() });
    timer.start().unwrap();
    for runs in 1..=2 {
        service.fire_one(runs * HOUR + LATE);
        until_it_is_pending(&service);
        assert_eq!(count.load(Ordering::SeqCst), runs);
    }
    timer.cancel();
    timer.join().unwrap();
    assert_eq!(reports.load(Ordering::SeqCst), 2);
}

#[test]
fn a_periodic_timer_continues_after_a_failure_and_each_failure_is_reported() {
    let (service, reports) = (Service::new(), Arc::<Lock<Vec<String>>>::default());
    let builder = Builder::default().on_failure({
        let reports = Arc::clone(&reports);
        move |_, failure| reports.acquire().push(failure.message().to_owned())
    });
    let mut runs = 0;
    let fails = move || {
        runs += 1;
        if runs == 2 { Ok(()) } else { Err(format!("run {runs}")) }
    };
    let timer = service.timer(builder, HOUR, Repeated { function: fails, period: HOUR.into() });
    timer.start().unwrap();
    for runs in 1..=3 {
        service.fire_one(runs * HOUR + LATE);
        until_it_is_pending(&service);
    }
    timer.cancel();
    timer.join().unwrap();
    // An earlier run need not have ended yet.
    until("a run has not been reported", || reports.acquire().len() == 2);
    reports.acquire().sort_unstable();
    assert_eq!(*reports.acquire(), ["run 1", "run 3"]);
}

#[test]
fn a_run_during_which_its_timer_is_cancelled_is_the_last_one_and_is_joined() {
    for by in [Timer::cancel, |it: &Timer| it.request_stop()] {
        let (go, arrived) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let service = Service::new();
        let timer = service.every(HOUR, {
            let (go, arrived) = (Arc::clone(&go), Arc::clone(&arrived));
            move || {
                arrived.set();
                go.wait();
            }
        });
        timer.start().unwrap();
        service.fire(2 * HOUR);
        arrived.wait();
        assert!(service.timers.all().is_empty(), "the next run is not armed during a run");
        assert!(by(&timer) && timer.is_alive());
        assert!(!timer.cancel());
        assert!(matches!(timer.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
        go.set();
        timer.join().unwrap();
        assert!(service.timers.all().is_empty());
        assert_eq!((timer.state(), Arc::strong_count(&go)), (ThreadState::Stopped, 1));
    }
}

#[test]
fn a_run_that_is_stopped_is_the_last_one() {
    let service = Service::new();
    let timer = service.every(HOUR, || _ = current_thread().request_stop());
    timer.start().unwrap();
    service.fire(2 * HOUR);
    timer.join().unwrap();
    assert_eq!(timer.state(), ThreadState::Stopped);
    assert!(service.timers.all().is_empty());
}

#[test]
fn the_function_of_a_timer_cannot_join_the_timer() {
    let service = Service::new();
    let slot = Arc::new(Lock::new(None::<Timer>));
    let joins = |slot: &Arc<Lock<Option<Timer>>>| {
        let slot = Arc::clone(slot);
        move || {
            let timer = slot.acquire().take().unwrap();
            assert!(matches!(timer.join(), Err(JoinError::CurrentThread)));
            assert!(matches!(timer.handle().join(), Err(JoinError::CurrentThread)));
            timer.cancel();
        }
    };
    for timer in [service.once(HOUR, joins(&slot)), service.every(HOUR, joins(&slot))] {
        *slot.acquire() = Some(timer.clone());
        timer.start().unwrap();
        service.fire(2 * HOUR);
        timer.join().unwrap();
        assert!(timer.handle().join().is_ok() && !timer.is_alive());
    }
}

#[test]
fn a_run_whose_thread_cannot_be_started_is_skipped() {
    let (service, count) = (Service::new(), Arc::default());
    let builder = Builder::default().name("beat").stack_size(ABSURD_STACK_SIZE);
    let work = Repeated { function: count_to(&count), period: Period::FixedRate(HOUR) };
    let timer = service.timer(builder, HOUR, work);
    timer.start().unwrap();
    for runs in 1..=2 {
        service.fire(runs * HOUR + LATE);
        assert_eq!((timer.is_alive(), service.timers.all().len()), (true, 1));
        assert_eq!(timer.ident().map(registry::find), Some(None));
    }
    assert!(timer.cancel() && service.timers.all().is_empty());
    timer.join().unwrap();
    assert_eq!((Arc::strong_count(&count), count.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn a_run_is_skipped_if_computing_an_inherited_value_panics() {
    let (service, count) = (Service::new(), Arc::default());
    let local = Local::inheritable(|| (), |()| panic!("no heir"));
    let timer = service.every(SECOND, count_to(&count));
    timer.start().unwrap();
    // The run inherits the values of the thread that serves the timers, here the test.
    local.with(|()| ());
    service.fire_one(HOUR);
    assert!(local.remove());
    assert_eq!((timer.is_alive(), count.load(Ordering::SeqCst)), (true, 0));
    assert!(timer.cancel());
    timer.join().unwrap();
    assert_eq!(service.n_waited_for(), 0);
}
