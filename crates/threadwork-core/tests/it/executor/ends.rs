//! How an executor ends.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use threadwork_core::{Executor, Refusal, ResultError, ThreadGroup, ThreadState};
use threadwork_sync::{Event, StopSource};

use super::{block, busy, result, shut_down};
use crate::support::{PATIENCE, eventually, join};

/// The last handle may be dropped by a worker, which does not wait for itself.
#[test]
fn a_dropped_executor_runs_what_is_pending() {
    let (executor, go, running) = busy();
    let executor = Arc::new(executor);
    let workers = executor.workers();
    let inside = Arc::clone(&executor);
    let pending = executor.submit(move || drop(inside));
    let last = executor.submit(|| 7);
    drop(executor);
    go.set();
    assert_eq!((result(running), result(pending), result(last)), (Ok(()), Ok(()), Ok(7)));
    workers.iter().for_each(|it| join(it).unwrap());
}

#[test]
fn a_stop_of_the_group_or_of_the_given_token_is_a_stop_of_the_executor() {
    for is_of_group in [false, true] {
        let (stop, group) = (StopSource::new(), ThreadGroup::new("all"));
        let executor =
            Executor::builder().workers(2).stop_token(&stop.token()).group(&group).build();
        // One worker is idle, and the other one sleeps.
        let begun = Arc::new(Event::new());
        let inside = Arc::clone(&begun);
        let sleeping = executor.submit(move || {
            inside.set();
            threadwork_core::sleep(std::time::Duration::MAX).is_err()
        });
        begun.wait_timeout(PATIENCE).unwrap();
        result(executor.submit(|| ())).unwrap();
        if is_of_group {
            group.request_stop();
        } else {
            stop.request_stop();
        }
        assert_eq!(result(sleeping), Ok(true));
        shut_down(&executor);
        assert_eq!(result(executor.submit(|| ())), Err(ResultError::Refused(Refusal::ShutDown)));
    }
}

#[test]
fn a_stop_of_the_executor_cancels_what_is_pending() {
    let (executor, go, running) = busy();
    let pending = executor.submit(|| ());
    executor.group().unwrap().request_stop();
    assert!(executor.is_shut_down());
    go.set();
    assert_eq!((result(running), result(pending)), (Ok(()), Err(ResultError::Cancelled)));
    shut_down(&executor);
    assert_eq!(executor.workers()[0].state(), ThreadState::Stopped);
}

/// A worker that is stopped alone ends after its job. Another one takes its place while there is something to do.
#[test]
fn a_worker_that_is_stopped_alone_is_replaced() {
    let (executor, go, running) = busy();
    let unstopped = |it| move || (!threadwork_core::stop_requested()).then_some(it);
    let pending: Vec<_> = (0..3).map(|it| executor.submit(unstopped(it))).collect();
    let first = &executor.workers()[0];
    first.request_stop();
    go.set();
    result(running).unwrap();
    for (task, number) in pending.into_iter().zip(0..) {
        assert_eq!(result(task), Ok(Some(number)));
    }
    join(first).unwrap();
    assert_eq!(result(executor.submit(|| 7)), Ok(7));
    shut_down(&executor);
}

#[test]
fn an_idle_worker_that_is_stopped_alone_leaves() {
    let executor = Executor::new(1);
    result(executor.submit(|| ())).unwrap();
    let first = executor.workers().remove(0);
    first.request_stop();
    join(&first).unwrap();
    assert_eq!(result(executor.submit(|| 7)), Ok(7));
    shut_down(&executor);
}

#[test]
fn an_initializer_that_panics_breaks_the_executor() {
    let tries = Arc::new(AtomicUsize::new(0));
    let inside = Arc::clone(&tries);
    let executor = Executor::builder()
        .workers(2)
        .initializer(move || {
            if inside.fetch_add(1, Ordering::Relaxed) > 0 {
                panic!("the second one");
            }
        })
        .build();
    let go = Arc::new(Event::new());
    let running = block(&executor, &go);
    let second = result(executor.submit(|| ())).unwrap_err();
    let ResultError::Refused(Refusal::Broken(failure)) = &second else { panic!("{second}") };
    assert_eq!(failure.message(), "the initializer panicked: the second one");
    assert_eq!(result(executor.submit(|| ())), Err(second.clone()));
    go.set();
    assert_eq!(result(running), Ok(()));
    shut_down(&executor);
    let states: Vec<_> = executor.workers().iter().map(|it| it.state()).collect();
    assert_eq!(states, [ThreadState::Finished, ThreadState::Failed]);
}

/// Many jobs and few workers: all are run exactly once, and a result says so before the next job is given to a second worker.
#[test]
fn every_job_is_run_once() {
    let executor = Executor::new(3);
    let seen = Arc::new(Mutex::new(vec![0_u8; 3000]));
    let tasks: Vec<_> = (0..3000)
        .map(|number| {
            let seen = Arc::clone(&seen);
            executor.submit(move || seen.lock().unwrap()[number] += 1)
        })
        .collect();
    tasks.into_iter().for_each(|it| result(it).unwrap());
    assert!(seen.lock().unwrap().iter().all(|it| *it == 1));
    eventually("all are idle", || (executor.pending() == 0).then_some(()));
    for _ in 0..100 {
        let one = Executor::new(4);
        for _ in 0..20 {
            result(one.submit(|| ())).unwrap();
        }
        assert_eq!(one.workers().len(), 1);
    }
}
