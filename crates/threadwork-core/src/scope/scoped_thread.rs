//! The handle of a thread in a scope.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc, time::Duration};

use threadwork_sync::Wait;

use super::{returned::Returned, scoped_task::ScopedTask, state::ScopeState, work::Work};
use crate::{error::ResultError, life::ThreadHandle};

/// A thread of a [`Scope`](crate::Scope), with its result: the return value of its function, or its runnable.
///
/// It dereferences to [`ThreadHandle`], which has the methods of a thread's life.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::ResultError;
///
/// threadwork::scope(|scope| {
///     let good = scope.call(|| 7).unwrap();
///     let bad = scope.call(|| panic!("out of paper")).unwrap();
///     assert_eq!(good.into_result().unwrap(), 7);
///     let Err(ResultError::Panicked(panic)) = bad.into_result() else { unreachable!() };
///     assert_eq!(panic.message(), "out of paper");
/// });
/// ```
pub struct ScopedThread<'scope, R> {
    pub(super) thread: ThreadHandle,
    pub(super) returned: Returned<R>,
    pub(super) state: Arc<ScopeState>,
    /// The result may borrow for as long as the scope.
    pub(super) scope: PhantomData<&'scope ()>,
}

impl<'scope, R> ScopedThread<'scope, R> {
    /// Waits until the thread has ended, and returns its result. A panic or failure of the thread is returned here, and no longer by the scope.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::Panicked`] if the thread has panicked, [`ResultError::Failed`] if its runnable has returned an error, and
    /// [`ResultError::CurrentThread`] if it is the current thread.
    #[track_caller]
    pub fn into_result(self) -> Result<R, ResultError> {
        let joined = self.state.join(&self.work());
        self.returned.give(joined)
    }

    /// Blocks the current thread until the thread has ended, and lends its result. A panic or a failure of the thread is returned here, and no
    /// longer by the scope.
    ///
    /// # Errors
    ///
    /// As [`into_result`](Self::into_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// threadwork::scope(|scope| {
    ///     let thread = scope.call(|| 7).unwrap();
    ///     assert_eq!(thread.wait_result().unwrap(), &7);
    ///     assert_eq!(thread.into_result().unwrap(), 7);
    /// });
    /// ```
    #[track_caller]
    pub fn wait_result(&self) -> Result<&R, ResultError> {
        let joined = self.state.join(&self.work());
        self.returned.lend(joined)
    }

    /// Blocks the current thread until the thread has ended or `timeout` has elapsed, and lends its result.
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
    ///
    /// threadwork::scope(|scope| {
    ///     let thread = scope.call(|| 7).unwrap();
    ///     assert_eq!(thread.wait_result_timeout(Duration::from_secs(60)).unwrap(), &7);
    /// });
    /// ```
    #[track_caller]
    pub fn wait_result_timeout(&self, timeout: Duration) -> Result<&R, ResultError> {
        self.wait_result_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the thread has ended or `wait` ends, and lends its result. The
    /// [time limit](crate::ScopeBuilder::timeout) of the scope is not checked here: `wait` has its own.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::StillRunning`] or [`ResultError::WaitStopped`] if `wait` ends first; otherwise as
    /// [`wait_result`](Self::wait_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ResultError;
    /// # use threadwork_sync::{StopSource, Wait};
    ///
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// threadwork::scope(|scope| {
    ///     let thread = scope.call(|| threadwork::sleep(std::time::Duration::MAX).is_err()).unwrap();
    ///     let wait = Wait::forever().or_stop(&stop.token());
    ///     assert!(matches!(thread.wait_result_with(&wait), Err(ResultError::WaitStopped)));
    ///     thread.request_stop();
    ///     assert_eq!(thread.wait_result().unwrap(), &true);
    /// });
    /// ```
    #[track_caller]
    pub fn wait_result_with(&self, wait: &Wait) -> Result<&R, ResultError> {
        self.returned.lend(self.work().join(wait))
    }

    /// Returns the result that is on its way, without the methods of the thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let seven = threadwork::scope(|scope| scope.call(|| 7).unwrap().into_task().into_result());
    /// assert_eq!(seven, Ok(7));
    /// ```
    pub fn into_task(self) -> ScopedTask<'scope, R> {
        let ScopedThread { thread, returned, state, scope } = self;
        ScopedTask { work: Work::Thread(thread), returned, state, scope }
    }

    fn work(&self) -> Work {
        Work::Thread(self.thread.clone())
    }

    /// Returns the handle of the thread, without its result. The handle can be cloned and may outlive the scope.
    #[must_use]
    pub fn handle(&self) -> &ThreadHandle {
        &self.thread
    }
}

impl<R> Deref for ScopedThread<'_, R> {
    type Target = ThreadHandle;

    fn deref(&self) -> &ThreadHandle {
        &self.thread
    }
}

impl<R> AsRef<ThreadHandle> for ScopedThread<'_, R> {
    fn as_ref(&self) -> &ThreadHandle {
        &self.thread
    }
}

impl<R> fmt::Debug for ScopedThread<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thread.fmt(f)
    }
}
