//! The result of a thread or of a job in a scope.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use threadwork_sync::Wait;

use super::{
    returned::Returned,
    state::ScopeState,
    work::{Notes, Work},
};
use crate::{error::ResultError, life::ThreadHandle};

/// The result of work that goes on in a [`Scope`](crate::Scope): a [`Task`](crate::Task) that borrows.
///
/// Its type names the result alone, whatever the function. It comes from [`Scope::spawn`](crate::Scope::spawn),
/// [`Scope::submit`](crate::Scope::submit) and [`ScopedThread::into_task`](crate::ScopedThread::into_task).
/// [`wait_any`](threadwork_sync::wait_any), [`as_completed`](crate::as_completed) and [`wait`](crate::wait()) take it.
/// Dropping it neither stops the work nor waits for it: the scope does, at its end.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::as_completed;
///
/// let words = ["one", "two", "three"];
/// let longest = threadwork::scope(|scope| {
///     let tasks = words.each_ref().map(|word| scope.spawn(|| word.len()).unwrap());
///     as_completed(&tasks).unwrap().map(|task| *task.wait_result().unwrap()).max()
/// });
/// assert_eq!(longest, Some(5));
/// ```
#[must_use = "to let the scope alone wait for it, drop the task"]
pub struct ScopedTask<'scope, R> {
    pub(crate) work: Work,
    pub(super) returned: Returned<R>,
    pub(super) state: Arc<ScopeState>,
    /// The result may borrow for as long as the scope.
    pub(super) scope: PhantomData<&'scope ()>,
}

impl<R> ScopedTask<'_, R> {
    /// Returns the thread that was started for the work, if there is one. The workers of an executor run many jobs.
    #[must_use]
    pub fn thread(&self) -> Option<&ThreadHandle> {
        self.work.thread()
    }

    /// Returns `true` if the work has ended, in whichever way.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.work.has_ended()
    }

    /// Requests the work to stop. Returns `true` if this was the first request.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    ///
    /// let stopped = threadwork::scope(|scope| {
    ///     let task = scope.spawn(|| threadwork::sleep(Duration::MAX).is_err()).unwrap();
    ///     task.request_stop();
    ///     task.into_result()
    /// });
    /// assert_eq!(stopped, Ok(true));
    /// ```
    pub fn request_stop(&self) -> bool {
        self.work.request_stop()
    }

    /// Ends a job that waits for a worker of its executor. Returns `true` if it is cancelled, now or since an earlier call.
    ///
    /// Returns `false` once the work has begun, as it has in a thread of its own. The function is dropped here.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, ResultError};
    /// # use threadwork_sync::Event;
    ///
    /// let (executor, go) = (Executor::new(1), Event::new());
    /// threadwork::scope(|scope| {
    ///     let running = scope.submit(&executor, || go.wait());
    ///     let pending = scope.submit(&executor, || unreachable!("it was cancelled"));
    ///     assert!(pending.cancel());
    ///     assert_eq!(pending.into_result(), Err(ResultError::Cancelled));
    ///     go.set();
    ///     running.into_result().unwrap();
    /// });
    /// ```
    pub fn cancel(&self) -> bool {
        self.work.cancel()
    }

    /// Waits until the work has ended, and returns its result. A panic or a failure is returned here, and no longer by the scope.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::Panicked`] or [`ResultError::Failed`] if the work has panicked or failed, and [`ResultError::CurrentThread`] if
    /// it waits for its own result.
    #[track_caller]
    pub fn into_result(self) -> Result<R, ResultError> {
        let joined = self.join();
        self.returned.give(joined)
    }

    /// Blocks the current thread until the work has ended, and lends its result. A panic or a failure is returned here, and no longer by the
    /// scope.
    ///
    /// # Errors
    ///
    /// As [`into_result`](Self::into_result).
    #[track_caller]
    pub fn wait_result(&self) -> Result<&R, ResultError> {
        let joined = self.join();
        self.returned.lend(joined)
    }

    /// Blocks the current thread until the work has ended or `timeout` has elapsed, and lends its result.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::StillRunning`] if the time is up; otherwise as [`wait_result`](Self::wait_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ResultError, sleep};
    ///
    /// threadwork::scope(|scope| {
    ///     let task = scope.spawn(|| sleep(Duration::MAX).is_err()).unwrap();
    ///     let soon = Duration::from_millis(1);
    ///     assert_eq!(task.wait_result_timeout(soon), Err(ResultError::StillRunning));
    ///     task.request_stop();
    ///     assert_eq!(task.wait_result(), Ok(&true));
    /// });
    /// ```
    #[track_caller]
    pub fn wait_result_timeout(&self, timeout: Duration) -> Result<&R, ResultError> {
        self.wait_result_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the work has ended or `wait` ends, and lends its result. The
    /// [time limit](crate::ScopeBuilder::timeout) of the scope is not checked here: `wait` has its own.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::StillRunning`] or [`ResultError::WaitStopped`] if `wait` ends first; otherwise as
    /// [`wait_result`](Self::wait_result).
    #[track_caller]
    pub fn wait_result_with(&self, wait: &Wait) -> Result<&R, ResultError> {
        self.returned.lend(self.work.join(wait))
    }

    #[track_caller]
    fn join(&self) -> Result<(), ResultError> {
        self.state.join(&self.work)
    }

    /// Waits until the work has ended, however it ends.
    #[track_caller]
    pub(super) fn settle(&self) {
        let _ = self.join();
    }

    /// Waits until the work has ended, and returns its result. The scope still tells a panic or a failure.
    #[track_caller]
    pub(super) fn into_result_unseen(self) -> Result<R, ResultError> {
        let joined = self.join();
        self.returned.give_unseen(joined)
    }

    pub(super) fn notes(&self) -> &Notes {
        self.returned.notes()
    }
}

impl<R> fmt::Debug for ScopedTask<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedTask")
            .field("thread", &self.thread())
            .field("is_done", &self.is_done())
            .finish()
    }
}
