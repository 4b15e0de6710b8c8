//! Jobs that executors run later, and again and again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_core::{
    Executor, Period, Refusal, ResultError, ReturnWhen, Schedule, Task, WhenFull, current_thread,
    sleep, wait,
};
use threadwork_sync::{Event, Lock, WaitError};

use crate::support::{PATIENCE, eventually, in_time};

const SOON: Duration = Duration::from_millis(5);
const HOUR: Duration = Duration::from_secs(3600);

/// Waits until there have been at least `n` runs.
#[track_caller]
fn runs<R: Send + 'static>(schedule: &Schedule<R>, n: u64) {
    eventually("the function is not run again", || (schedule.n_runs() >= n).then_some(()));
}

#[track_caller]
fn is_over<R: Send + 'static>(schedule: &Schedule<R>) {
    schedule.join_timeout(PATIENCE).expect("it ends");
    assert!(schedule.is_over());
}

#[test]
fn a_later_job_is_run_by_a_worker_when_it_is_due() {
    in_time(|| {
        let executor = Executor::builder().name("later").workers(1).build();
        let begin = Instant::now();
        let task = executor.after(SOON, move || (begin.elapsed(), current_thread().name()));
        assert!(executor.workers().is_empty() || task.is_done(), "until then it takes no worker");
        let (elapsed, name) = task.into_result().unwrap();
        assert!(elapsed >= SOON);
        assert_eq!(name, "later-0");
    });
}

#[test]
fn a_later_job_tells_its_task_how_it_ended() {
    in_time(|| {
        let executor = Executor::new(1);
        let panics = executor.after(Duration::ZERO, || panic!("out of paper"));
        let fails = executor.after_fallible(Duration::ZERO, || Ok("seven".parse::<u32>()?));
        assert!(matches!(panics.into_result(), Err(ResultError::Panicked(_))));
        assert!(matches!(fails.into_result(), Err(ResultError::Failed(_))));
    });
}

#[test]
fn a_later_job_is_cancelled_before_it_is_due_and_its_function_dropped() {
    in_time(|| {
        let (executor, owned) = (Executor::new(1), Arc::new(()));
        let its = Arc::clone(&owned);
        let task = executor.after(HOUR, move || drop(its));
        assert!(!task.is_done());
        assert!(task.cancel() && task.cancel());
        assert_eq!((Arc::strong_count(&owned), task.is_cancelled()), (1, true));
        assert_eq!(task.into_result(), Err(ResultError::Cancelled));
    });
}

#[test]
fn a_task_that_is_dropped_leaves_its_later_job_alone() {
    in_time(|| {
        let (executor, ran) = (Executor::new(1), Arc::new(Event::new()));
        let its = Arc::clone(&ran);
        drop(executor.after(SOON, move || its.set()));
        ran.wait_timeout(PATIENCE).unwrap();
    });
}

#[test]
fn jobs_that_are_not_due_are_refused_when_the_executor_takes_no_more() {
    in_time(|| {
        let ends: [fn(Executor); 4] =
            [|it| it.close(), |it| it.shutdown().unwrap(), |it| _ = it.shutdown_now(), drop];
        for end in ends {
            let executor = Executor::new(1);
            let task = executor.after(HOUR, || ());
            end(executor);
            assert_eq!(task.into_result(), Err(ResultError::Refused(Refusal::ShutDown)));
        }
        let executor = Executor::new(1);
        executor.close();
        let late = executor.after(SOON, || ());
        assert_eq!(late.into_result(), Err(ResultError::Refused(Refusal::ShutDown)));
    });
}

#[test]
fn a_job_that_comes_due_while_the_backlog_is_full_is_refused_and_does_not_wait() {
    in_time(|| {
        let executor =
            Executor::builder().workers(1).backlog(0).when_full(WhenFull::RunHere).build();
        let gate = Arc::new(Event::new());
        let its_gate = Arc::clone(&gate);
        let busy = executor.submit(move || its_gate.wait());
        let refused = executor.after(SOON, || ());
        assert_eq!(refused.into_result(), Err(ResultError::Refused(Refusal::Full)));
        gate.set();
        busy.into_result().unwrap();
    });
}

#[test]
fn later_jobs_are_waited_for_with_others() {
    in_time(|| {
        let executor = Executor::new(1);
        let tasks: [Task<u32>; 3] =
            [executor.after(HOUR, || 1), executor.submit(|| 2), executor.after(SOON, || 3)];
        let waited = wait(&tasks, ReturnWhen::FirstCompleted).unwrap();
        assert!(waited.done.iter().all(|it| !std::ptr::eq(*it, &raw const tasks[0])));
        assert_eq!(tasks[2].wait_result(), Ok(&3));
        tasks[0].cancel();
        let waited = wait(&tasks, ReturnWhen::FirstFailure).unwrap();
        assert_eq!(
            (waited.done.len(), waited.ended),
            (3, Ok(())),
            "one that was cancelled has not failed"
        );
    });
}

#[test]
fn a_schedule_runs_its_function_again_and_again() {
    in_time(|| {
        let executor = Executor::builder().name("beat").workers(1).build();
        for period in [Period::FixedDelay(SOON), Period::FixedRate(SOON)] {
            let (begin, mut n) = (Instant::now(), 0);
            let schedule = executor.every(period, move || {
                n += 1;
                (n, begin.elapsed(), current_thread().name())
            });
            runs(&schedule, 3);
            schedule.cancel();
            is_over(&schedule);
            let (n, elapsed, name) = schedule.take_latest().unwrap();
            assert_eq!((n, name.as_str()), (schedule.n_runs(), "beat-0"));
            assert!(n >= 3 && elapsed >= SOON * 3 / 2, "{n} in {elapsed:?}");
            assert_eq!((schedule.take_latest(), schedule.n_faults()), (None, 0));
        }
    });
}

#[test]
fn runs_do_not_overlap() {
    in_time(|| {
        let (executor, inside) = (Executor::new(4), Arc::new(AtomicU32::new(0)));
        let its = Arc::clone(&inside);
        let schedule = executor.every(Period::FixedRate(Duration::from_micros(10)), move || {
            let before = its.fetch_add(1, Ordering::SeqCst);
            std::thread::yield_now();
            its.fetch_sub(1, Ordering::SeqCst);
            assert_eq!(before, 0);
        });
        runs(&schedule, 50);
        schedule.cancel();
        is_over(&schedule);
        assert_eq!(schedule.n_faults(), 0);
    });
}

#[test]
fn a_run_that_panics_or_fails_is_not_the_last_one() {
    in_time(|| {
        let executor = Executor::new(1);
        let mut n = 0;
        let schedule = executor.every_fallible(Duration::from_micros(100), move || {
            n += 1;
            match n {
                1 => panic!("out of paper"),
                2 => Err("out of ink".into()),
                n => Ok(n),
            }
        });
        runs(&schedule, 3);
        schedule.cancel();
        is_over(&schedule);
        assert_eq!(schedule.n_faults(), 2);
        let Some(ResultError::Failed(failure)) = schedule.last_fault() else { panic!("it failed") };
        assert_eq!(failure.message(), "out of ink");
        assert!(schedule.take_latest() >= Some(3));
    });
}

#[test]
fn a_schedule_is_cancelled_before_its_first_run() {
    in_time(|| {
        let (executor, owned) = (Executor::new(1), Arc::new(()));
        let its = Arc::clone(&owned);
        let schedule = executor.every(HOUR, move || _ = &its);
        assert_eq!(schedule.join_timeout(Duration::ZERO), Err(WaitError::TimedOut));
        assert!(schedule.cancel());
        assert!(!schedule.cancel());
        is_over(&schedule);
        assert_eq!((schedule.n_runs(), Arc::strong_count(&owned)), (0, 1));
    });
}

#[test]
fn the_run_that_is_going_on_is_the_last_one_after_a_cancel() {
    in_time(|| {
        let (begun, gate) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let (its_begun, its_gate) = (Arc::clone(&begun), Arc::clone(&gate));
        let executor = Executor::new(1);
        let schedule = executor.every(Duration::ZERO, move || {
            its_begun.set();
            its_gate.wait();
        });
        begun.wait();
        assert!(schedule.clone().cancel());
        assert!(!schedule.is_over());
        gate.set();
        is_over(&schedule);
        assert_eq!(schedule.n_runs(), 1);
    });
}

#[test]
fn a_stop_of_a_schedule_is_one_of_its_run() {
    in_time(|| {
        let begun = Arc::new(Event::new());
        let its_begun = Arc::clone(&begun);
        let executor = Executor::new(1);
        let schedule = executor.every(Duration::ZERO, move || {
            its_begun.set();
            sleep(Duration::MAX).is_err()
        });
        begun.wait();
        assert!(schedule.request_stop());
        is_over(&schedule);
        assert_eq!((schedule.n_runs(), schedule.take_latest()), (1, Some(true)));
    });
}

#[test]
fn a_schedule_ends_with_its_executor() {
    in_time(|| {
        let ends: [fn(Executor); 3] =
            [|it| it.shutdown().unwrap(), |it| _ = it.shutdown_now(), drop];
        for end in ends {
            for period in [Duration::ZERO, HOUR] {
                let executor = Executor::new(1);
                let schedule = executor.every(period, || ());
                if period.is_zero() {
                    runs(&schedule, 1);
                }
                end(executor);
                is_over(&schedule);
            }
        }
        let executor = Executor::new(1);
        executor.close();
        is_over(&executor.every(SOON, || ()));
    });
}

#[test]
fn a_run_that_finds_no_room_or_is_cancelled_with_others_is_left_out() {
    in_time(|| {
        let executor = Executor::builder().workers(1).backlog(0).build();
        let gate = Arc::new(Event::new());
        let its_gate = Arc::clone(&gate);
        let busy = executor.submit(move || its_gate.wait());
        let schedule = executor.every(Duration::from_micros(100), || ());
        sleep(SOON).unwrap();
        assert_eq!((schedule.n_runs(), schedule.is_over()), (0, false));
        gate.set();
        busy.into_result().unwrap();
        runs(&schedule, 1);
        schedule.cancel();
        is_over(&schedule);

        let executor = Executor::new(1);
        let gate = Arc::new(Event::new());
        let its_gate = Arc::clone(&gate);
        let busy = executor.submit(move || its_gate.wait());
        let schedule = executor.every(Duration::ZERO, || ());
        eventually("the run is not pending", || (executor.pending() == 1).then_some(()));
        executor.cancel_pending();
        gate.set();
        busy.into_result().unwrap();
        runs(&schedule, 1);
    });
}

#[test]
fn the_function_of_a_schedule_may_own_what_is_dropped_last() {
    in_time(|| {
        let order = Arc::new(Lock::new(Vec::new()));
        struct Owned(Arc<Lock<Vec<&'static str>>>);
        impl Drop for Owned {
            fn drop(&mut self) {
                self.0.acquire().push("dropped");
            }
        }
        let owned = Owned(Arc::clone(&order));
        let executor = Executor::new(1);
        let schedule = executor.every(Duration::ZERO, move || owned.0.acquire().push("run"));
        runs(&schedule, 1);
        executor.shutdown().unwrap();
        is_over(&schedule);
        let order = order.acquire();
        assert_eq!(order.last(), Some(&"dropped"), "the function is dropped once no run follows");
        assert_eq!(order.iter().filter(|it| **it == "dropped").count(), 1);
    });
}
