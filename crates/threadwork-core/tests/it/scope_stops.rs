//! A scope that is stopped, by a request or by its time limit.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use threadwork_core::{
    MyThread, ScopeBuilder, ScopeError, Thread, ThreadState, current_thread, scope, sleep,
};
use threadwork_sync::{Event, StopSource};

use crate::support::{blocked, in_time, join};

#[test]
fn at_the_time_limit_the_threads_are_stopped_and_waited_for() {
    in_time(|| {
        let ended = AtomicBool::new(false);
        let error = ScopeBuilder::new().timeout(Duration::ZERO).run(|scope| {
            scope
                .call(|| {
                    sleep(Duration::MAX).unwrap_err();
                    (0..10).for_each(|_| std::thread::yield_now());
                    ended.store(true, Ordering::Relaxed);
                })
                .unwrap();
        });
        assert!(ended.into_inner());
        let Err(error @ ScopeError::TimedOut) = error else { panic!("{error:?}") };
        assert_eq!(
            error.to_string(),
            "the scope timed out, and its threads were asked to stop; \
             allow it more time, or give its threads less to do"
        );
    });
}

#[test]
fn a_request_for_a_result_checks_the_time_limit() {
    in_time(|| {
        let error = ScopeBuilder::new().timeout(Duration::ZERO).run(|scope| {
            let thread = scope.call(|| sleep(Duration::MAX)).unwrap();
            let handle = thread.handle().clone();
            assert!(thread.into_result().unwrap().is_err(), "the result is available nevertheless");
            assert_eq!(handle.state(), ThreadState::Stopped);
            assert!(scope.stop_token().stop_requested());
        });
        assert!(matches!(error, Err(ScopeError::TimedOut)));
    });
}

#[test]
fn threads_that_have_ended_in_time_are_not_late() {
    in_time(|| {
        let in_time = ScopeBuilder::new().timeout(Duration::ZERO).run(|scope| {
            let thread = scope.call(|| 7).unwrap();
            thread.handle().join().unwrap();
            thread.into_result().unwrap()
        });
        assert_eq!(in_time.unwrap(), 7);
        let endless = ScopeBuilder::new().timeout(Duration::MAX).run(|scope| {
            scope.call(|| ()).unwrap();
        });
        endless.unwrap();
    });
}

#[test]
fn a_panic_goes_before_the_time_limit() {
    in_time(|| {
        let error = ScopeBuilder::new().timeout(Duration::ZERO).run(|scope| {
            let quiet = Thread::builder().on_panic(|_, _| ());
            scope
                .call_as(quiet, || {
                    sleep(Duration::MAX).unwrap_err();
                    panic!("stopped");
                })
                .unwrap();
        });
        let Err(ScopeError::Panicked(panic)) = error else { panic!("{error:?}") };
        assert_eq!(panic.message(), "stopped");
    });
}

#[test]
fn a_stop_of_the_thread_of_the_scope_stops_the_scoped_threads() {
    let thread = MyThread::new(|| {
        scope(|scope| scope.call(|| sleep(Duration::MAX)).unwrap().into_result().unwrap())
    });
    thread.start().unwrap();
    blocked(&thread);
    thread.request_stop();
    join(&thread).unwrap();
    assert!(thread.get_result().unwrap().is_err());
}

#[test]
fn a_stop_of_a_scope_does_not_stop_its_thread() {
    let stopped = in_time(|| {
        scope(|scope| _ = scope.request_stop());
        current_thread().stop_requested()
    });
    assert!(!stopped);
}

#[test]
fn a_thread_with_a_given_token_is_not_stopped_with_the_scope() {
    in_time(|| {
        let (own, gate) = (StopSource::new(), Event::new());
        let waits = &gate;
        scope(|scope| {
            let builder = Thread::builder().stop_token(&own.token());
            let thread = scope.call_as(builder, move || waits.wait()).unwrap();
            scope.request_stop();
            assert!(!thread.stop_requested());
            own.request_stop();
            assert!(thread.stop_requested());
            gate.set();
        });
    });
}

#[test]
fn a_scope_in_a_thread_that_was_stopped_is_stopped_from_its_start() {
    let thread = MyThread::new(|| {
        current_thread().request_stop();
        scope(|scope| {
            let stopped = scope.stop_token().stop_requested();
            (stopped, scope.call(|| sleep(Duration::MAX)).unwrap().into_result().unwrap().is_err())
        })
    });
    thread.start().unwrap();
    join(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &(true, true));
}
