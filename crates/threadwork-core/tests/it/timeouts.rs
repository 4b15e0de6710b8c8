//! The only tests that use real time: lower bounds are tight, upper bounds loose.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_core::{JoinError, MyThread, ResultError, ThreadHandle};
use threadwork_sync::{Event, StopSource, Wait, WaitKind};

use crate::support::{Gated, blocked, join};

const SHORT: Duration = Duration::from_millis(20);
/// How much longer than its timeout a wait may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

#[track_caller]
fn check_takes<R>(timeout: Duration, f: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let returned = f();
    let taken = start.elapsed();
    assert!(taken >= timeout, "{taken:?} is less than {timeout:?}");
    assert!(taken < timeout + LONG, "{taken:?} is much more than {timeout:?}");
    returned
}

#[track_caller]
fn check_times_out(thread: &ThreadHandle) {
    let stop = StopSource::new();
    for timeout in [Duration::ZERO, Duration::from_nanos(1), SHORT] {
        let waits: [&dyn Fn() -> Result<(), JoinError>; 3] = [
            &|| thread.join_timeout(timeout),
            &|| thread.join_with(&Wait::timeout(timeout)),
            &|| thread.join_with(&Wait::timeout(timeout).or_stop(&stop.token())),
        ];
        for wait in waits {
            assert!(matches!(check_takes(timeout, wait), Err(JoinError::TimedOut)));
        }
    }
}

#[test]
fn a_join_takes_its_timeout() {
    let gated = Gated::started();
    check_times_out(&gated);
    assert!(gated.is_alive());
    gated.end().unwrap();
}

#[test]
fn a_join_with_a_deadline_returns_in_time_while_another_joins_without() {
    let gated = Gated::started();
    let handle = gated.handle().clone();
    let endless = MyThread::new(move || handle.join());
    endless.start().unwrap();
    assert_eq!(blocked(&endless).kind, WaitKind::Join);
    check_times_out(&gated);
    gated.end().unwrap();
    join(&endless).unwrap();
    endless.get_result().unwrap().clone().unwrap();
}

#[test]
fn a_wait_for_a_result_takes_its_timeout() {
    let gate = Arc::new(Event::new());
    let waiting = Arc::clone(&gate);
    let thread = MyThread::new(move || {
        waiting.wait();
        7
    });
    thread.start().unwrap();
    let error = check_takes(SHORT, || thread.wait_result_timeout(SHORT)).unwrap_err();
    assert!(matches!(error, ResultError::StillRunning));
    let error = check_takes(SHORT, || thread.wait_result_with(&Wait::timeout(SHORT))).unwrap_err();
    assert!(matches!(error, ResultError::StillRunning));
    gate.set();
    join(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &7);
}

#[test]
fn joins_that_share_a_deadline_share_the_time() {
    let threads: Vec<_> = (0..5).map(|_| Gated::started()).collect();
    let wait = Wait::timeout(SHORT);
    check_takes(SHORT, || {
        for thread in &threads {
            assert!(matches!(thread.join_with(&wait), Err(JoinError::TimedOut)));
        }
    });
    threads.into_iter().for_each(|it| it.end().unwrap());
}

#[test]
fn a_thread_that_ends_in_time_ends_the_join() {
    let gated = Gated::started();
    let handle = gated.handle().clone();
    // Far longer than this test waits for the joining thread.
    let joiner = MyThread::new(move || handle.join_timeout(LONG * 100));
    joiner.start().unwrap();
    blocked(&joiner);
    gated.open();
    join(&joiner).unwrap();
    joiner.get_result().unwrap().clone().unwrap();
}

#[test]
fn a_join_that_timed_out_can_be_tried_again() {
    let gated = Gated::started();
    for _ in 0..3 {
        assert!(matches!(gated.join_timeout(SHORT), Err(JoinError::TimedOut)));
    }
    gated.open();
    gated.join_timeout(LONG).unwrap();
    gated.join().unwrap();
}
