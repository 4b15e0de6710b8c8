//! The rules of scopes: all succeed, the first failure stops the rest, the first success stops the rest.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use threadwork_core::{
    Builder, ResultError, ReturnWhen, ScopeBuilder, ScopeError, StartError, Thread, as_completed,
    scope, sleep, stop_requested, wait,
};
use threadwork_sync::{Event, StopSource, Wait, Waitable, wait_any};

use crate::support::{ABSURD_STACK_SIZE, eventually, in_time};

/// A builder of threads whose panics and failures are not reported.
fn quiet() -> Builder {
    Thread::builder().on_panic(|_, _| ()).on_failure(|_, _| ())
}

/// What `sleep` returns when it is stopped.
fn until_stopped() -> bool {
    sleep(Duration::MAX).is_err()
}

#[test]
fn the_results_of_all_come_in_the_order_of_their_tasks() {
    in_time(|| {
        let gates = [const { Event::new() }; 3];
        let results = ScopeBuilder::new().run_all(|scope| {
            let wait_for = |at: usize| {
                let gates = &gates;
                scope.spawn(move || {
                    // The last one ends first.
                    if let Some(next) = gates.get(at + 1) {
                        next.wait();
                    }
                    gates[at].set();
                    at
                })
            };
            (0..3).map(wait_for).collect()
        });
        assert_eq!(results, Ok(vec![0, 1, 2]));
    });
}

#[test]
fn results_may_borrow_from_outside_the_scope() {
    let text = String::from("one two");
    let words = ScopeBuilder::new()
        .run_all(|scope| text.split(' ').map(|word| scope.spawn(move || word)).collect());
    assert_eq!(words, Ok(vec!["one", "two"]));
    let nothing: Result<Vec<u32>, _> = ScopeBuilder::new().run_all(|_| Ok(Vec::new()));
    assert_eq!(nothing, Ok(Vec::new()));
}

#[test]
fn the_first_failure_stops_the_rest() {
    in_time(|| {
        let stopped = AtomicU32::new(0);
        let error = ScopeBuilder::new().stop_on_failure().run_all(|scope| {
            let counted = || stopped.fetch_add(u32::from(until_stopped()), Ordering::Relaxed);
            let first = scope.spawn(counted)?;
            let failing = scope.call_fallible_as(quiet(), || Ok("seven".parse::<u32>()?))?;
            Ok(vec![first, failing.into_task(), scope.spawn(counted)?])
        });
        let Err(ScopeError::Failed(failure)) = error else { panic!("{error:?}") };
        assert!(failure.error().is::<std::num::ParseIntError>());
        assert_eq!(stopped.into_inner(), 2);
    });
}

#[test]
fn without_that_rule_the_others_run_to_their_ends() {
    in_time(|| {
        let (gate, ended) = (Event::new(), AtomicBool::new(false));
        let error = ScopeBuilder::new().run_all(|scope| {
            let failing =
                scope.call_fallible_as(quiet(), || Err::<(), _>("out of paper".into()))?;
            let other = scope.spawn(|| {
                gate.wait();
                ended.store(!stop_requested(), Ordering::Relaxed);
            })?;
            failing.join().unwrap_err();
            gate.set();
            Ok(vec![failing.into_task(), other])
        });
        let Err(ScopeError::Failed(failure)) = error else { panic!("{error:?}") };
        assert_eq!(failure.message(), "out of paper");
        assert!(ended.into_inner());
    });
}

#[test]
fn the_first_fault_in_time_is_the_error() {
    in_time(|| {
        let gate = Event::new();
        let error = ScopeBuilder::new().run_all(|scope| {
            let late = scope.call_as(quiet(), || {
                gate.wait();
                panic!("late")
            })?;
            let early = scope.call_as(quiet(), || panic!("early"))?;
            early.join().unwrap_err();
            gate.set();
            Ok(vec![late.into_task(), early.into_task()])
        });
        let Err(ScopeError::Panicked(panic)) = error else { panic!("{error:?}") };
        assert_eq!(panic.message(), "early");
    });
}

#[test]
fn a_fault_that_was_asked_for_before_is_still_the_error_of_all() {
    in_time(|| {
        let error = ScopeBuilder::new().run_all(|scope| {
            let bad = scope.call_as(quiet(), || -> u32 { panic!("out of paper") })?.into_task();
            assert!(matches!(bad.wait_result(), Err(ResultError::Panicked(_))));
            Ok(vec![scope.spawn(|| 7)?, bad])
        });
        assert!(matches!(error, Err(ScopeError::Panicked(_))), "{error:?}");
    });
}

#[test]
fn a_thread_that_is_not_started_ends_all() {
    in_time(|| {
        let stopped = AtomicBool::new(false);
        let absurd = || Thread::builder().stack_size(ABSURD_STACK_SIZE);
        let error = ScopeBuilder::new().run_all(|scope| {
            drop(scope.spawn(|| stopped.store(until_stopped(), Ordering::Relaxed))?);
            Ok(vec![scope.call_as(absurd(), || ())?.into_task()])
        });
        let Err(ScopeError::Failed(failure)) = error else { panic!("{error:?}") };
        assert!(failure.error().is::<StartError>(), "{failure}");
        assert!(stopped.into_inner(), "the others are asked to stop");
        let error = ScopeBuilder::new()
            .run_first(|scope| Ok(vec![scope.call_as(absurd(), || ())?.into_task()]));
        assert!(matches!(error, Err(ScopeError::Failed(_))));
    });
}

#[test]
fn the_first_success_counts_and_stops_the_rest() {
    in_time(|| {
        let stopped = AtomicU32::new(0);
        let first = ScopeBuilder::new().run_first(|scope| {
            let loses = || {
                stopped.fetch_add(u32::from(until_stopped()), Ordering::Relaxed);
                "a loser"
            };
            let failing = scope.call_fallible_as(quiet(), || Err("out of paper".into()))?;
            let panicking = scope.call_as(quiet(), || panic!("out of ink"))?;
            failing.join().unwrap_err();
            panicking.join().unwrap_err();
            let tasks = [scope.spawn(loses)?, failing.into_task(), panicking.into_task()];
            Ok(tasks
                .into_iter()
                .chain([scope.spawn(|| "the winner")?, scope.spawn(loses)?])
                .collect())
        });
        assert_eq!(first, Ok("the winner"));
        assert_eq!(stopped.into_inner(), 2);
    });
}

#[test]
fn of_several_successes_the_first_in_time_counts() {
    in_time(|| {
        let (second_may_end, first_has_ended) = (Event::new(), Event::new());
        let first = ScopeBuilder::new().run_first(|scope| {
            let token = scope.stop_token();
            let second = scope.spawn(|| {
                second_may_end.wait();
                "second"
            })?;
            let first = scope.spawn(|| "first")?;
            // The stop follows the first success, and the second thread ends after that.
            wait_any(&[&token], &Wait::forever()).unwrap();
            first.wait_result().unwrap();
            first_has_ended.set();
            second_may_end.set();
            Ok(vec![second, first])
        });
        assert_eq!(first, Ok("first"));
    });
}

#[test]
fn without_a_success_the_first_fault_is_the_error() {
    in_time(|| {
        let error: Result<(), _> = ScopeBuilder::new().run_first(|scope| {
            let bad = scope.call_as(quiet(), || panic!("early"))?;
            bad.join().unwrap_err();
            let failing = scope.call_fallible_as(quiet(), || Err("late".into()))?;
            Ok(vec![failing.into_task(), bad.into_task()])
        });
        let Err(ScopeError::Panicked(panic)) = error else { panic!("{error:?}") };
        assert_eq!(panic.message(), "early");
        let nobody: Result<(), _> = ScopeBuilder::new().run_first(|_| Ok(Vec::new()));
        assert_eq!(nobody, Err(ScopeError::NoSuccess));
    });
}

#[test]
fn one_that_was_asked_to_stop_has_not_succeeded() {
    in_time(|| {
        let none = ScopeBuilder::new().run_first(|scope| {
            let tasks = vec![scope.spawn(until_stopped)?, scope.spawn(until_stopped)?];
            scope.request_stop();
            Ok(tasks)
        });
        assert_eq!(none, Err(ScopeError::NoSuccess));
        let late = ScopeBuilder::new()
            .timeout(Duration::ZERO)
            .run_first(|scope| Ok(vec![scope.spawn(until_stopped)?]));
        assert_eq!(late, Err(ScopeError::TimedOut));
    });
}

#[test]
fn a_fault_beside_the_tasks_is_not_swallowed_by_a_success() {
    in_time(|| {
        let error = ScopeBuilder::new().run_first(|scope| {
            let helper = scope.call_as(quiet(), || panic!("the helper"))?;
            helper.join().unwrap_err();
            Ok(vec![scope.spawn(|| 7)?])
        });
        let Err(ScopeError::Panicked(panic)) = error else { panic!("{error:?}") };
        assert_eq!(panic.message(), "the helper");
    });
}

#[test]
fn a_scoped_task_is_waited_for_like_a_task() {
    in_time(|| {
        let gate = Event::new();
        scope(|scope| {
            let late = scope
                .spawn(|| {
                    gate.wait();
                    7
                })
                .unwrap();
            assert!(!late.is_done());
            assert_eq!(late.wait_result_timeout(Duration::ZERO), Err(ResultError::StillRunning));
            let stop = StopSource::new();
            stop.request_stop();
            let stopped = late.wait_result_with(&stop.token().into());
            assert_eq!(stopped, Err(ResultError::WaitStopped));
            let objects: [&dyn Waitable; 1] = [&late];
            assert!(wait_any(&objects, &Wait::timeout(Duration::ZERO)).is_err());
            gate.set();
            let early = scope.spawn(|| 8).unwrap();
            let tasks = [early, late];
            let waited = wait(&tasks, ReturnWhen::AllCompleted).unwrap();
            assert_eq!((waited.done.len(), waited.not_done.len()), (2, 0));
            assert_eq!(as_completed(&tasks).unwrap().count(), 2);
            assert_eq!(wait_any(&[&tasks[1] as &dyn Waitable], &Wait::forever()), Ok(0));
            assert_eq!(tasks.map(|it| it.into_result().unwrap()), [8, 7]);
        });
    });
}

#[test]
fn a_dropped_scoped_task_is_waited_for_by_the_scope() {
    in_time(|| {
        let (gate, ended) = (Event::new(), AtomicBool::new(false));
        scope(|scope| {
            drop(scope.spawn(|| {
                gate.wait();
                ended.store(true, Ordering::Relaxed);
            }));
            gate.set();
        });
        assert!(ended.into_inner());
        let bad = ScopeBuilder::new().run(|scope| {
            drop(scope.call_as(quiet(), || panic!("out of paper")).unwrap().into_task());
        });
        assert!(matches!(bad, Err(ScopeError::Panicked(_))), "{bad:?}");
    });
}

#[test]
fn a_thread_of_the_scope_may_spawn_tasks() {
    let count = AtomicU32::new(0);
    let sum = ScopeBuilder::new().run_all(|scope| {
        let (count, inner) = (&count, scope.clone());
        Ok(vec![scope.spawn(move || {
            let tasks: Vec<_> = (0..3).map(|n| inner.spawn(move || n).unwrap()).collect();
            drop(inner.spawn(|| _ = count.fetch_add(1, Ordering::Relaxed)));
            tasks.into_iter().map(|it| it.into_result().unwrap()).sum::<u32>()
        })?])
    });
    assert_eq!(sum, Ok(vec![3]));
    eventually("the scope waits for the task of its thread", || {
        (count.load(Ordering::Relaxed) == 1).then_some(())
    });
}
