//! Waiting until a thread runs.

use std::time::Duration;

use threadwork_core::{Thread, ThreadState, Timer, current_thread, main_thread};
use threadwork_sync::{StopSource, Wait, WaitError, WaitKind};

use crate::support::{Gated, PATIENCE, blocked, eventually, in_time, join};

#[test]
fn a_started_thread_runs_and_then_has_a_native_id() {
    for _ in 0..50 {
        let thread = Thread::spawn(|| ()).unwrap();
        thread.wait_until_running_timeout(PATIENCE).unwrap();
        assert!(thread.state() >= ThreadState::Running);
        assert_eq!(thread.native_id().is_some(), threadwork_sync::get_native_id().is_some());
        join(&thread).unwrap();
        thread.wait_until_running();
    }
}

#[test]
fn a_waiter_is_there_before_the_start() {
    let gated = Gated::new();
    let handle = gated.handle().clone();
    let waiter = Thread::spawn(move || handle.wait_until_running()).unwrap();
    let record = blocked(&waiter);
    assert_eq!((record.kind, record.name), (WaitKind::Event, Some("the beginning of a thread")));
    assert_eq!(record.location.file(), file!());
    gated.start().unwrap();
    join(&waiter).unwrap();
    assert_eq!(gated.state(), ThreadState::Running);
    gated.end().unwrap();
}

#[test]
fn threads_of_others_and_the_current_one_run() {
    in_time(|| {
        current_thread().wait_until_running();
        main_thread().wait_until_running();
    });
    let foreign = std::thread::spawn(current_thread).join().unwrap();
    foreign.wait_until_running_timeout(Duration::ZERO).unwrap();
}

#[test]
fn the_wait_ends_with_its_time_or_its_stop() {
    let thread = Thread::new(|| ());
    assert_eq!(thread.wait_until_running_timeout(Duration::ZERO), Err(WaitError::TimedOut));
    let stop = StopSource::new();
    let (token, handle) = (stop.token(), thread.handle().clone());
    let waiter = Thread::spawn(move || {
        let waited = handle.wait_until_running_with(&Wait::forever().or_stop(&token));
        assert_eq!(waited, Err(WaitError::Stopped));
    });
    let waiter = waiter.unwrap();
    blocked(&waiter);
    stop.request_stop();
    join(&waiter).unwrap();
}

#[test]
fn a_timer_runs_once_it_is_due_and_a_cancelled_one_keeps_nobody() {
    let waiting_for = |timer: &Timer| {
        let handle = timer.handle().clone();
        let waiter = Thread::spawn(move || handle.wait_until_running()).unwrap();
        blocked(&waiter);
        waiter
    };
    let due = Timer::new(Duration::from_millis(1), || ());
    let waiter = waiting_for(&due);
    due.start().unwrap();
    join(&waiter).unwrap();

    let again = Timer::every(Duration::from_millis(1), || ());
    let waiter = waiting_for(&again);
    again.start().unwrap();
    join(&waiter).unwrap();
    again.cancel();
    eventually("the timer does not end", || again.outcome());

    let cancelled = Timer::new(Duration::MAX, || ());
    let waiter = waiting_for(&cancelled);
    cancelled.start().unwrap();
    cancelled.cancel();
    join(&waiter).unwrap();
}
