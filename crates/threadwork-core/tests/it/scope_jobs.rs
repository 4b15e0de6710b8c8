//! Jobs of executors that borrow, in scopes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    Executor, MyThread, Refusal, ResultError, ReturnWhen, ScopeBuilder, ScopeError, as_completed,
    current_thread, scope, sleep, stop_requested, wait,
};
use threadwork_sync::{Event, Wait, Waitable, wait_any};

use crate::support::{blocked, eventually, in_time, join};

/// An executor whose workers are all busy until the gate is set.
fn busy(workers: usize) -> (Executor, Arc<Event>) {
    let (executor, gate) = (Executor::new(workers), Arc::new(Event::new()));
    for _ in 0..workers {
        let gate = Arc::clone(&gate);
        drop(executor.submit(move || gate.wait()));
    }
    (executor, gate)
}

fn until_stopped() -> bool {
    sleep(Duration::MAX).is_err()
}

#[test]
fn jobs_borrow_from_outside_the_scope() {
    in_time(|| {
        let executor = Executor::new(2);
        for _ in 0..20 {
            let mut words = [String::from("one"), String::from("two")];
            let lengths = scope(|scope| {
                let tasks = words.iter_mut().map(|word| {
                    scope.submit(&executor, || {
                        word.push('!');
                        word.len()
                    })
                });
                let tasks: Vec<_> = tasks.collect();
                tasks.into_iter().map(|it| it.into_result().unwrap()).sum::<usize>()
            });
            assert_eq!((lengths, words.concat()), (8, "one!two!".to_owned()));
        }
    });
}

#[test]
fn results_of_jobs_may_borrow() {
    in_time(|| {
        let (executor, text) = (Executor::new(2), String::from("one two"));
        let words = ScopeBuilder::new().run_all(|scope| {
            Ok(text.split(' ').map(|word| scope.submit(&executor, move || word)).collect())
        });
        assert_eq!(words, Ok(vec!["one", "two"]));
    });
}

#[test]
fn the_scope_waits_for_jobs_whose_tasks_are_dropped() {
    in_time(|| {
        let (executor, count) = (Executor::new(2), AtomicU32::new(0));
        scope(|scope| {
            for _ in 0..100 {
                drop(scope.submit(&executor, || {
                    std::thread::yield_now();
                    count.fetch_add(1, Ordering::Relaxed);
                }));
            }
        });
        assert_eq!(count.into_inner(), 100);
    });
}

#[test]
fn a_panic_of_the_closure_waits_for_running_jobs_and_cancels_the_others() {
    in_time(|| {
        let (executor, begun, ended) = (Executor::new(1), Event::new(), AtomicU32::new(0));
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            scope(|scope| {
                for _ in 0..2 {
                    drop(scope.submit(&executor, || {
                        begun.set();
                        ended.fetch_add(u32::from(until_stopped()), Ordering::Relaxed);
                    }));
                }
                begun.wait();
                panic!("out of paper")
            })
        }));
        assert!(unwound.is_err());
        assert_eq!(ended.into_inner(), 1);
    });
}

#[test]
fn a_panic_of_a_job_is_one_of_the_scope_unless_it_was_asked_for() {
    in_time(|| {
        let executor = Executor::new(1);
        let error = ScopeBuilder::new().run(|scope| {
            drop(scope.submit(&executor, || panic!("out of paper")));
        });
        let Err(ScopeError::Panicked(panic)) = error else { panic!("{error:?}") };
        assert_eq!(panic.message(), "out of paper");
        let seen = ScopeBuilder::new().run(|scope| {
            let bad = scope.submit(&executor, || panic!("out of paper"));
            assert!(matches!(bad.into_result(), Err(ResultError::Panicked(_))));
            let failing = scope.submit_fallible(&executor, || Ok("seven".parse::<u32>()?));
            assert!(matches!(failing.into_result(), Err(ResultError::Failed(_))));
        });
        assert_eq!(seen, Ok(()));
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            scope(|scope| drop(scope.submit(&executor, || std::panic::panic_any(7_u8))));
        }));
        assert_eq!(unwound.unwrap_err().downcast_ref::<u8>(), Some(&7));
    });
}

#[test]
fn a_cancelled_job_is_gone_before_the_scope_ends() {
    in_time(|| {
        struct Borrows<'a>(&'a AtomicU32);
        impl Drop for Borrows<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (executor, gate) = busy(1);
        let drops = AtomicU32::new(0);
        scope(|scope| {
            let borrows = Borrows(&drops);
            let task = scope.submit(&executor, move || drop(borrows));
            assert!(task.cancel());
            assert_eq!(drops.load(Ordering::Relaxed), 1);
            assert_eq!(task.into_result(), Err(ResultError::Cancelled));
            let borrows = Borrows(&drops);
            drop(scope.submit(&executor, move || drop(borrows)));
            executor.cancel_pending();
        });
        assert_eq!(drops.into_inner(), 2);
        gate.set();
    });
}

#[test]
fn jobs_that_an_executor_refuses_are_errors_of_the_scope() {
    in_time(|| {
        let executor = Executor::new(1);
        executor.close();
        let error = ScopeBuilder::new().run(|scope| drop(scope.submit(&executor, || ())));
        let Err(ScopeError::Failed(failure)) = error else { panic!("{error:?}") };
        assert!(failure.message().contains("shut down"), "{failure}");
        let seen = ScopeBuilder::new().run(|scope| scope.submit(&executor, || ()).into_result());
        assert_eq!(seen, Ok(Err(ResultError::Refused(Refusal::ShutDown))));
        let error = ScopeBuilder::new()
            .run_all(|scope| Ok(vec![scope.submit(&executor, || 7), scope.spawn(|| 8)?]));
        assert!(matches!(error, Err(ScopeError::Failed(_))), "{error:?}");
    });
}

#[test]
fn an_executor_that_is_shut_down_meanwhile_leaves_no_job_behind() {
    in_time(|| {
        let (executor, gate) = busy(1);
        let ran = AtomicU32::new(0);
        scope(|scope| {
            let task = scope.submit(&executor, || ran.fetch_add(1, Ordering::Relaxed));
            executor.shutdown_now();
            gate.set();
            assert_eq!(task.into_result(), Err(ResultError::Cancelled));
        });
        assert_eq!(ran.into_inner(), 0);
        // Or it is dropped: then what is pending is run.
        let (executor, gate) = busy(1);
        let ran = AtomicU32::new(0);
        scope(|scope| {
            drop(scope.submit(&executor, || ran.fetch_add(1, Ordering::Relaxed)));
            drop(executor);
            gate.set();
        });
        assert_eq!(ran.into_inner(), 1);
    });
}

#[test]
fn the_first_failure_cancels_jobs_that_have_not_begun_and_stops_the_others() {
    in_time(|| {
        let (executor, begun, stopped) = (Executor::new(2), Event::new(), AtomicU32::new(0));
        let error = ScopeBuilder::new().stop_on_failure().run_all(|scope| {
            let waits = || {
                begun.set();
                stopped.fetch_add(u32::from(until_stopped()), Ordering::Relaxed)
            };
            let waiting = scope.submit(&executor, waits);
            begun.wait();
            let failing = scope.submit_fallible(&executor, || Err("out of paper".into()));
            Ok(vec![waiting, failing, scope.submit(&executor, waits)])
        });
        let Err(ScopeError::Failed(failure)) = error else { panic!("{error:?}") };
        assert_eq!(failure.message(), "out of paper");
        assert!((1..=2).contains(&stopped.load(Ordering::Relaxed)));
        // A job that comes after the stop does not begin.
        let late = ScopeBuilder::new().run(|scope| {
            let (executor, _gate) = busy(1);
            scope.request_stop();
            let task = scope.submit(&executor, || ());
            executor.cancel_pending();
            _gate.set();
            task.into_result()
        });
        assert_eq!(late, Ok(Err(ResultError::Cancelled)));
    });
}

#[test]
fn a_stop_reaches_a_job_for_which_the_scope_waits_already() {
    in_time(|| {
        let executor = Executor::new(2);
        let gate = Event::new();
        let error = ScopeBuilder::new().stop_on_failure().run(|scope| {
            // The last one is waited for first.
            drop(scope.submit_fallible(&executor, || {
                gate.wait();
                Err::<(), _>("out of paper".into())
            }));
            drop(scope.submit(&executor, || {
                gate.set();
                assert!(until_stopped());
            }));
        });
        assert!(matches!(error, Err(ScopeError::Failed(_))), "{error:?}");
    });
}

#[test]
fn the_first_success_counts_among_jobs_and_threads() {
    in_time(|| {
        let executor = Executor::new(1);
        let first = ScopeBuilder::new().run_first(|scope| {
            let waits = || {
                until_stopped();
                "a loser"
            };
            let thread = scope.spawn(waits)?;
            let quick = scope.submit(&executor, || "the winner");
            Ok(vec![thread, quick, scope.submit(&executor, waits)])
        });
        assert_eq!(first, Ok("the winner"));
    });
}

#[test]
fn a_time_limit_stops_jobs() {
    in_time(|| {
        let executor = Executor::new(1);
        let late = ScopeBuilder::new().timeout(Duration::from_millis(5)).run(|scope| {
            drop(scope.submit(&executor, || assert!(until_stopped())));
        });
        assert_eq!(late, Err(ScopeError::TimedOut));
    });
}

#[test]
fn a_stop_of_the_thread_of_the_scope_stops_the_jobs() {
    let executor = Arc::new(Executor::new(1));
    let its = Arc::clone(&executor);
    let thread =
        MyThread::spawn(move || scope(|scope| scope.submit(&its, until_stopped).into_result()));
    let thread = thread.unwrap();
    eventually("the job does not begin", || {
        let workers = executor.workers();
        workers.first().map(|it| _ = blocked(it))
    });
    blocked(&thread);
    thread.request_stop();
    join(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &Ok(true));
}

#[test]
fn tasks_of_jobs_are_waited_for_like_others() {
    in_time(|| {
        let (executor, gate) = (Executor::new(2), Event::new());
        scope(|scope| {
            let late = scope.submit(&executor, || gate.wait());
            assert!(!late.is_done() && late.thread().is_none());
            assert_eq!(late.wait_result_timeout(Duration::ZERO), Err(ResultError::StillRunning));
            let objects: [&dyn Waitable; 1] = [&late];
            assert!(wait_any(&objects, &Wait::timeout(Duration::ZERO)).is_err());
            let early = scope.submit(&executor, || assert!(!stop_requested()));
            let tasks = [late, early];
            let waited = wait(&tasks, ReturnWhen::FirstCompleted).unwrap();
            assert!(std::ptr::eq(waited.done[0], &raw const tasks[1]));
            gate.set();
            assert_eq!(as_completed(&tasks).unwrap().count(), 2);
            assert!(tasks.iter().all(|it| it.wait_result() == Ok(&())));
        });
    });
}

#[test]
fn a_job_may_submit_jobs_and_start_threads_of_its_scope() {
    in_time(|| {
        let (executor, count) = (Executor::new(2), AtomicU32::new(0));
        scope(|scope| {
            let (inner, count, executor) = (scope.clone(), &count, &executor);
            drop(scope.submit(executor, move || {
                let add = move || _ = count.fetch_add(1, Ordering::Relaxed);
                drop(inner.submit(executor, add));
                inner.call(add).unwrap();
                add();
            }));
        });
        assert_eq!(count.into_inner(), 3);
    });
}

#[test]
fn jobs_run_in_the_workers_of_their_executor() {
    in_time(|| {
        let executor = Executor::builder().name("pool").workers(1).build();
        let name = scope(|scope| scope.submit(&executor, || current_thread().name()).into_result());
        assert_eq!(name.as_deref(), Ok("pool-0"));
    });
}
