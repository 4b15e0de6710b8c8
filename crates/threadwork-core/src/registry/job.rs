//! The job that the current thread runs, for an executor or in its place.

use std::{cell::RefCell, ptr, sync::Arc};

use once_cell::race::OnceBox;
use threadwork_sync::{StopSource, StopToken};

/// Work that can be stopped alone, whichever thread does it.
pub(crate) trait OwnStop: Send + Sync {
    /// Returns the place of its stop source, which is created on first use.
    fn own_stop(&self) -> &OnceBox<StopSource>;
}

thread_local! {
    static JOB: RefCell<Option<Arc<dyn OwnStop>>> = const { RefCell::new(None) };
}

/// Calls `f`, during which the current thread runs this job.
pub(crate) fn run_as<R>(job: Arc<dyn OwnStop>, f: impl FnOnce() -> R) -> R {
    let _before = Before(JOB.try_with(|it| it.replace(Some(job))).ok().flatten());
    f()
}

/// The job that the current thread goes back to on drop: a job may run another one in its own thread.
struct Before(Option<Arc<dyn OwnStop>>);

impl Drop for Before {
    fn drop(&mut self) {
        let before = self.0.take();
        // The job may be dropped here, with nothing borrowed.
        drop(JOB.try_with(|it| it.replace(before)));
    }
}

/// Returns the current job.
fn current() -> Option<Arc<dyn OwnStop>> {
    JOB.try_with(|it| it.borrow().clone()).ok().flatten()
}

/// Returns `true` if the current thread runs the work with this stop.
pub(crate) fn is_current(stop: &OnceBox<StopSource>) -> bool {
    current().is_some_and(|it| ptr::eq(it.own_stop(), stop))
}

/// Returns the stop token of the current job. A stop of the thread that runs it is a stop of the job too.
pub(super) fn stop_token(thread: impl FnOnce() -> Option<StopToken>) -> Option<StopToken> {
    let Some(job) = current() else { return thread() };
    // A source that is there already was made by somebody who stops the job, or by the job itself, here.
    let stop = job.own_stop();
    let source = stop.get().unwrap_or_else(|| {
        let thread = thread();
        stop.get_or_init(|| Box::new(StopSource::child_of_all(&thread)))
    });
    Some(source.token())
}

/// Returns `true` if the current job was asked to stop.
pub(super) fn stop_requested() -> bool {
    let is_stopped =
        |it: &Arc<dyn OwnStop>| it.own_stop().get().is_some_and(StopSource::stop_requested);
    JOB.try_with(|it| it.borrow().as_ref().is_some_and(is_stopped)).unwrap_or(false)
}
