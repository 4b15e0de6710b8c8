//! Executors.

mod cpython;
mod ends;
mod jobs;

use std::{sync::Arc, time::Duration};

use threadwork_core::{Executor, ResultError, Task};
use threadwork_sync::{Event, Wait};

use crate::support::PATIENCE;

/// An executor with one worker, which is busy until the event is set.
fn busy() -> (Executor, Arc<Event>, Task<()>) {
    let (executor, go) = (Executor::new(1), Arc::new(Event::new()));
    let running = block(&executor, &go);
    (executor, go, running)
}

/// Submits a job that waits for the event, and returns once it runs.
fn block(executor: &Executor, go: &Arc<Event>) -> Task<()> {
    let (begun, go) = (Arc::new(Event::new()), Arc::clone(go));
    let inside = Arc::clone(&begun);
    let task = executor.submit(move || {
        inside.set();
        go.wait();
    });
    begun.wait_timeout(PATIENCE).expect("the job begins");
    task
}

/// Waits for the result, and fails the test if there is none in time.
#[track_caller]
fn result<R>(mut task: Task<R>) -> Result<R, ResultError> {
    let ended = threadwork_sync::wait_any(&[&task], &Wait::timeout(PATIENCE));
    ended.expect("the task ends");
    task.take_result()
}

#[track_caller]
fn shut_down(executor: &Executor) {
    executor.shutdown_timeout(PATIENCE).expect("the workers end");
}

const SOON: Duration = Duration::from_millis(1);
