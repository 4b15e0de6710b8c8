//! The result of a thread or of a job in a scope.

use std::{fmt, marker::PhantomData, panic::Location, sync::Arc, time::Duration};

use threadwork_sync::Wait;

use super::{notes::Notes, returned::Returned, state::ScopeState};
use crate::{
    error::{JoinError, ResultError},
    life::{Awaited, ThreadHandle},
};

/// The result of work that goes on in a [`Scope`](crate::Scope): a [`Task`](crate::Task) that borrows.
///
/// Its type names the result alone, whatever the function. It comes from [`Scope::spawn`](crate::Scope::spawn) and
/// [`ScopedThread::into_task`](crate::ScopedThread::into_task).
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
    pub(crate) thread: ThreadHandle,
    pub(super) returned: Returned<R>,
    pub(super) state: Arc<ScopeState>,
    /// The result may borrow for as long as the scope.
    pub(super) scope: PhantomData<&'scope ()>,
}

impl<R> ScopedTask<'_, R> {
    /// Returns the thread that does the work, if there is one already.
    #[must_use]
    pub fn thread(&self) -> Option<&ThreadHandle> {
        Some(&self.thread)
    }

    /// Returns `true` if the work has ended, in whichever way.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.thread.state().has_ended()
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
    #[expect(clippy::must_use_candidate, reason = "most callers do not care who was first")]
    pub fn request_stop(&self) -> bool {
        self.thread.request_stop()
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
        self.returned.lend(self.thread.join_with(wait))
    }

    #[track_caller]
    fn join(&self) -> Result<(), JoinError> {
        self.state.join(&self.thread)
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

    /// Returns the end of the work, for a wait at `location`.
    pub(crate) fn awaited(
        &self,
        location: &'static Location<'static>,
    ) -> Result<Awaited<'_>, JoinError> {
        self.thread.awaited(location)
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
