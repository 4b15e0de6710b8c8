//! What becomes of a job.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use threadwork_core::{
    Executor, Failure, JoinError, Refusal, ResultError, Task, ThreadGroup, WhenFull,
};
use threadwork_sync::{Event, Queue, StopSource, Wait};

use super::{SOON, block, busy, result, shut_down};
use crate::support::{ABSURD_STACK_SIZE, PATIENCE, eventually};

#[test]
fn a_job_that_panics_or_fails_tells_its_task_and_loses_no_worker() {
    let executor = Executor::builder().name("solid").workers(1).build();
    let panicking = executor.submit(|| panic!("on purpose"));
    let Err(ResultError::Panicked(panic)) = result(panicking) else { panic!("it has panicked") };
    assert_eq!((panic.message(), panic.thread_name()), ("on purpose", "solid-0"));
    assert!(panic.place().is_some());
    let failing = executor.submit_fallible(|| -> Result<(), Failure> { Err("no luck".into()) });
    let Err(ResultError::Failed(failure)) = result(failing) else { panic!("it has failed") };
    assert_eq!(failure.to_string(), "thread 'solid-0' failed: no luck");
    assert_eq!(result(executor.submit(|| 7)), Ok(7));
    assert_eq!(executor.workers().len(), 1);
}

#[test]
fn a_cancelled_job_is_not_run_and_drops_its_function_at_once() {
    let (executor, go, running) = busy();
    let held = Arc::new(());
    let inside = Arc::clone(&held);
    let pending = executor.submit(move || drop(inside));
    assert!(!pending.is_cancelled() && !pending.is_done());
    assert!(pending.cancel() && pending.cancel());
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(pending.is_cancelled() && pending.is_done());
    assert!(!running.cancel() && !running.is_cancelled());
    go.set();
    assert_eq!(result(pending), Err(ResultError::Cancelled));
    assert_eq!(result(running), Ok(()));
    shut_down(&executor);
}

#[test]
fn a_stop_of_a_task_ends_the_waits_of_its_job_and_of_no_other() {
    let executor = Executor::new(1);
    let begun = Arc::new(Event::new());
    let inside = Arc::clone(&begun);
    let task = executor.submit(move || {
        let token = threadwork_core::current_stop_token();
        inside.set();
        let stopped = Event::new().wait_with(&Wait::forever().or_stop(&token)).is_err();
        stopped && threadwork_core::stop_requested() && threadwork_core::checkpoint().is_err()
    });
    begun.wait_timeout(PATIENCE).unwrap();
    assert!(task.request_stop() && !task.request_stop());
    assert_eq!(result(task), Ok(true));
    assert_eq!(result(executor.submit(threadwork_core::stop_requested)), Ok(false));
    assert_eq!(executor.workers().len(), 1);
}

#[test]
fn a_job_can_be_asked_to_stop_before_it_begins() {
    let (executor, go, _running) = busy();
    let pending = executor.submit(threadwork_core::stop_requested);
    assert!(pending.request_stop());
    go.set();
    assert_eq!(result(pending), Ok(true));
}

#[test]
fn a_job_cannot_wait_for_its_own_result() {
    let executor = Executor::new(1);
    let (tasks, inside) = (Arc::new(Queue::new()), Arc::new(Queue::<Task<bool>>::new()));
    let own = Arc::clone(&inside);
    let said = Arc::clone(&tasks);
    let task = executor.submit(move || {
        let own = own.get().unwrap();
        said.put(matches!(own.wait_result(), Err(ResultError::CurrentThread))).unwrap();
        true
    });
    inside.put(task).unwrap();
    assert_eq!(tasks.get_timeout(PATIENCE), Ok(true));
}

#[test]
fn a_full_backlog_refuses_runs_here_or_waits() {
    for when_full in [WhenFull::Refuse, WhenFull::RunHere, WhenFull::Wait] {
        let executor = Executor::builder().workers(1).backlog(1).when_full(when_full).build();
        let go = Arc::new(Event::new());
        let running = block(&executor, &go);
        let pending = executor.submit(|| 1);
        assert_eq!(executor.pending(), 1);
        assert_eq!(executor.try_submit(|| 2).unwrap_err().refusal(), &Refusal::Full);
        let here = threadwork_sync::get_ident();
        let soon = Wait::timeout(SOON);
        let third = executor.job().wait(&soon).submit(threadwork_sync::get_ident);
        match when_full {
            WhenFull::Refuse => assert_eq!(result(third), Err(ResultError::Refused(Refusal::Full))),
            WhenFull::RunHere => assert_eq!(third.get_result(), Ok(&here)),
            _ => assert_eq!(result(third), Err(ResultError::Refused(Refusal::TimedOut))),
        }
        go.set();
        assert_eq!((result(running), result(pending)), (Ok(()), Ok(1)));
        shut_down(&executor);
    }
}

#[test]
fn whoever_waits_for_room_gets_it_in_turn() {
    let executor = Arc::new(Executor::builder().workers(1).backlog(1).build());
    let go = Arc::new(Event::new());
    let running = block(&executor, &go);
    let pending = executor.submit(|| ());
    let submitting: Vec<_> = (0..3)
        .map(|number| {
            let executor = Arc::clone(&executor);
            Task::spawn(move || executor.submit(move || number)).unwrap()
        })
        .collect();
    eventually("they wait for room", || {
        let waits = threadwork_sync::waits();
        let here = |it: &&threadwork_sync::Waiting| {
            it.kind == threadwork_sync::WaitKind::QueuePut && it.location.file() == file!()
        };
        (waits.iter().filter(here).count() >= 3).then_some(())
    });
    go.set();
    for (submitting, number) in submitting.into_iter().zip(0..) {
        assert_eq!(result(result(submitting).unwrap()), Ok(number));
    }
    assert_eq!((result(running), result(pending)), (Ok(()), Ok(())));
}

#[test]
fn a_wait_for_room_is_ended_by_a_stop_and_by_a_shutdown() {
    let executor = Executor::builder().workers(1).backlog(0).build();
    let go = Arc::new(Event::new());
    let running = block(&executor, &go);
    let stop = StopSource::new();
    stop.request_stop();
    let stopped = executor.job().wait(&Wait::forever().or_stop(&stop.token())).submit(|| ());
    assert_eq!(result(stopped), Err(ResultError::Refused(Refusal::WaitStopped)));
    executor.close();
    assert_eq!(result(executor.submit(|| ())), Err(ResultError::Refused(Refusal::ShutDown)));
    go.set();
    result(running).unwrap();
}

#[test]
fn a_worker_that_the_system_refuses_is_the_error_of_the_task() {
    let executor = Executor::builder().workers(2).stack_size(ABSURD_STACK_SIZE).build();
    let refused = result(executor.submit(|| ())).unwrap_err();
    assert!(matches!(refused, ResultError::Refused(Refusal::NoWorker(_))), "{refused}");
    let calls = Arc::new(AtomicUsize::new(0));
    let inside = Arc::clone(&calls);
    let error = executor.try_submit(move || inside.fetch_add(1, Ordering::Relaxed)).unwrap_err();
    assert!(matches!(error.refusal(), Refusal::NoWorker(_)));
    error.into_function()();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    shut_down(&executor);
}

/// The group is full, so the second worker is not started: the first one runs all jobs.
#[test]
fn the_workers_that_there_are_run_the_jobs_of_one_that_was_refused() {
    let group = ThreadGroup::new("narrow");
    group.set_limit(1);
    let executor = Executor::builder().workers(4).group(&group).build();
    let go = Arc::new(Event::new());
    let running = block(&executor, &go);
    let pending: Vec<_> = (0..8).map(|it| executor.submit(move || it)).collect();
    assert_eq!(executor.pending(), 8);
    go.set();
    for (task, number) in pending.into_iter().zip(0..) {
        assert_eq!(result(task), Ok(number));
    }
    result(running).unwrap();
    assert_eq!(executor.workers().len(), 1);
}

#[test]
fn a_worker_cannot_wait_for_its_own_end() {
    let executor = Arc::new(Executor::new(1));
    let inside = Arc::clone(&executor);
    let task = executor.submit(move || inside.shutdown());
    assert_eq!(result(task), Ok(Err(JoinError::CurrentThread)));
    assert!(executor.is_shut_down());
    shut_down(&executor);
}
