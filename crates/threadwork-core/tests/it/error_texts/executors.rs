//! Errors of executors and of scopes with a rule.

use std::time::Duration;

use threadwork_core::{
    Executor, Refusal, ResultError, ScopeBuilder, ScopeError, ScopedTask, SubmitError, sleep,
};
use threadwork_sync::Wait;
use threadwork_test_support::says;

use super::ends::stopped;
use crate::support::ABSURD_STACK_SIZE;

/// An executor whose only worker is busy until it is asked to stop, and which takes no pending job.
fn full() -> Executor {
    let executor = Executor::builder().workers(1).backlog(0).build();
    drop(executor.submit(|| sleep(Duration::MAX).is_ok()));
    executor
}

#[test]
fn of_a_full_backlog() {
    let executor = full();
    let text = "the executor's backlog is full; submit again once jobs have ended, or allow more pending jobs";
    says!(executor.try_submit(|| ()), SubmitError { .. }, text);
    says!(executor.try_submit(|| ()).map_err(|it| it.refusal().clone()), Refusal::Full, text);
    says!(
        executor.job().wait(&Wait::timeout(Duration::ZERO)).submit(|| ()).into_result(),
        ResultError::Refused(Refusal::TimedOut),
        "there is no result: the executor's backlog was still full when the time was up; wait longer, or allow more pending jobs"
    );
    says!(
        executor.job().wait(&stopped()).submit(|| ()).into_result(),
        ResultError::Refused(Refusal::WaitStopped),
        "there is no result: the wait for room in the executor's backlog was stopped; submit the job again if it is still wanted"
    );
    executor.shutdown_now();
}

#[test]
fn of_an_executor_that_takes_no_jobs() {
    let executor = Executor::builder().workers(1).build();
    drop(executor.submit(|| sleep(Duration::MAX).is_ok()));
    let pending = executor.submit(|| ());
    executor.shutdown_now();
    says!(
        executor.submit(|| ()).into_result(),
        ResultError::Refused(Refusal::ShutDown),
        "there is no result: the executor was shut down and takes no more jobs; make a new one"
    );
    says!(
        pending.into_result(),
        ResultError::Cancelled,
        "there is no result, because the task was cancelled before it began; submit it again if its result is wanted"
    );
}

#[test]
fn of_workers() {
    let executor = Executor::builder().stack_size(ABSURD_STACK_SIZE).build();
    says!(
        executor.submit(|| ()).into_result(),
        ResultError::Refused(Refusal::NoWorker(_)),
        "there is no result: the executor has no worker, and cannot start one: …"
    );
    let broken = Executor::builder().initializer(|| Err::<(), _>("no license")).build();
    says!(
        broken.submit(|| ()).into_result(),
        ResultError::Refused(Refusal::Broken(_)),
        "there is no result: the executor is broken, since the initializer of a worker has failed; \
         make a new one whose initializer succeeds: no license"
    );
}

#[test]
fn of_a_scope_without_a_success() {
    says!(
        ScopeBuilder::new().run_first(|_| Ok(Vec::<ScopedTask<'_, ()>>::new())),
        ScopeError::NoSuccess,
        "no thread of the scope succeeded before it was asked to stop; run the scope again if the result is still wanted"
    );
}
