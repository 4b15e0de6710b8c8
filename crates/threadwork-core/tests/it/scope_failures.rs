//! Runnables that fail in a scope.

use std::{
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use threadwork_core::{
    Builder, Failure, Outcome, ResultError, Runnable, ScopeBuilder, ScopeError, Thread,
    ThreadState, scope, sleep,
};
use threadwork_sync::Event;

use crate::support::{Drops, in_time, join};

/// A builder of threads whose panics and failures are not reported.
fn quiet() -> Builder {
    Thread::builder().on_panic(|_, _| ()).on_failure(|_, _| ())
}

fn fails() -> Result<(), &'static str> {
    Err("no paper")
}

#[test]
fn a_failure_is_the_result_of_its_thread_and_no_matter_of_the_scope_any_more() {
    in_time(|| {
        let [returned, stored] = scope(|scope| {
            let thread = scope.start_as(quiet().name("printer"), fails).unwrap();
            let handle = thread.handle().clone();
            let Err(ResultError::Failed(returned)) = thread.into_result() else {
                panic!("no failure")
            };
            assert_eq!(handle.state(), ThreadState::Failed);
            let Some(Outcome::Failed(stored)) = handle.outcome() else { panic!("no failure") };
            [returned, stored]
        });
        assert_eq!(returned, stored);
        assert_eq!(returned.to_string(), "thread 'printer' failed: no paper");
    });
}

#[test]
fn a_failure_that_nobody_has_asked_for_is_the_error_of_the_scope() {
    in_time(|| {
        let mut outcome = None;
        let error = ScopeBuilder::new()
            .run(|scope| {
                let thread = scope.start_as(quiet(), || -> std::io::Result<()> {
                    Err(std::io::ErrorKind::NotFound.into())
                });
                let thread = thread.unwrap();
                join(&thread).unwrap_err();
                outcome = thread.outcome();
            })
            .unwrap_err();
        let ScopeError::Failed(failure) = &error else { panic!("{error:?}") };
        assert_eq!(outcome, Some(Outcome::Failed(failure.clone())));
        assert_eq!(error, ScopeError::Failed(failure.clone()));
        assert_eq!(error.to_string(), failure.to_string());
        assert!(error.source().unwrap().is::<std::io::Error>());
    });
}

#[test]
fn a_scope_without_an_error_to_return_panics_with_the_message_of_the_failure() {
    in_time(|| {
        let run = || scope(|scope| _ = scope.start_as(quiet().name("printer"), fails).unwrap());
        let payload = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(
            payload.downcast_ref::<String>().map(String::as_str),
            Some("thread 'printer' failed: no paper")
        );
    });
}

#[test]
fn a_result_that_is_an_error_is_a_result() {
    in_time(|| {
        let (result, state) = scope(|scope| {
            let thread = scope.call(fails).unwrap();
            let handle = thread.handle().clone();
            (thread.into_result().unwrap(), handle.state())
        });
        assert_eq!((result, state), (Err("no paper"), ThreadState::Finished));
        scope(|scope| _ = scope.call(fails).unwrap());
    });
}

#[test]
fn of_panics_and_failures_the_earliest_counts() {
    for fails_first in [true, false] {
        in_time(move || {
            let first = Event::new();
            let error = ScopeBuilder::new()
                .run(|scope| {
                    let failing = scope.start_as(quiet(), || {
                        if !fails_first {
                            first.wait();
                        }
                        fails()
                    });
                    let panicking = scope.call_as(quiet(), || {
                        if fails_first {
                            first.wait();
                        }
                        panic!("no ink");
                    });
                    let (failing, panicking) = (failing.unwrap(), panicking.unwrap());
                    join(if fails_first { &failing } else { &panicking }).unwrap_err();
                    first.set();
                })
                .unwrap_err();
            assert_eq!(matches!(error, ScopeError::Failed(_)), fails_first, "{error:?}");
            assert_eq!(matches!(error, ScopeError::Panicked(_)), !fails_first, "{error:?}");
        });
    }
}

/// Runs a scope with a thread that sleeps until it is stopped, and one that ends at once.
fn stops_the_other(builder: ScopeBuilder, ends: fn() -> Result<(), &'static str>) -> bool {
    in_time(move || {
        let was_stopped = AtomicBool::new(false);
        let ended = builder.run(|scope| {
            let other =
                scope.call(|| was_stopped.store(sleep(Duration::MAX).is_err(), Ordering::Relaxed));
            join(&scope.start_as(quiet(), ends).unwrap()).unwrap_err();
            let is_asked = scope.stop_token().stop_requested();
            scope.request_stop();
            other.unwrap().into_result().unwrap();
            assert!(was_stopped.load(Ordering::Relaxed));
            was_stopped.store(is_asked, Ordering::Relaxed);
        });
        ended.unwrap_err();
        was_stopped.into_inner()
    })
}

#[test]
fn a_failure_stops_the_others_if_the_scope_was_told_so() {
    fn panics() -> Result<(), &'static str> {
        panic!("no ink");
    }
    assert!(stops_the_other(ScopeBuilder::new().stop_on_failure(), fails));
    assert!(stops_the_other(ScopeBuilder::new().stop_on_failure(), panics));
    assert!(stops_the_other(ScopeBuilder::new().stop_on_failure().stop_on_panic(), fails));
    assert!(!stops_the_other(ScopeBuilder::new().stop_on_panic(), fails));
    assert!(stops_the_other(ScopeBuilder::new().stop_on_panic(), panics));
    assert!(!stops_the_other(ScopeBuilder::new(), fails));
}

#[test]
fn a_runnable_that_fails_is_dropped_in_its_thread_and_a_panic_of_that_is_not_its_end() {
    struct Bomb(Drops);
    impl Runnable for Bomb {
        fn try_run(&mut self) -> Result<(), Failure> {
            Err("no paper".into())
        }
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            drop(self.0.runnable(|| ()));
            panic!("in the drop");
        }
    }
    let drops = Drops::default();
    let bomb = Bomb(drops.clone());
    in_time(move || {
        let ended = scope(|scope| {
            scope.start_as(quiet(), bomb).unwrap().into_result().map(std::mem::forget)
        });
        let Err(ResultError::Failed(failure)) = ended else { panic!("{ended:?}") };
        assert_eq!(failure.message(), "no paper");
    });
    assert_eq!(drops.count(), 1);
}
