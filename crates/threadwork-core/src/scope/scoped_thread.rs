//! The handle of a thread in a scope.

use std::{
    fmt,
    marker::PhantomData,
    ops::Deref,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{Lock, Wait};

use super::state::ScopeState;
use crate::{
    error::{JoinError, ResultError},
    life::ThreadHandle,
};

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
    /// What the thread has returned, until it is asked for.
    pub(super) result: Arc<Lock<Option<R>>>,
    /// What the thread has returned, once it is lent. It is set with `result` locked, so nobody waits for that.
    pub(super) lent: OnceLock<R>,
    /// Whether the result was asked for.
    pub(super) seen: Arc<AtomicBool>,
    pub(super) state: Arc<ScopeState>,
    /// The result may borrow for as long as the scope.
    pub(super) scope: PhantomData<&'scope ()>,
}

impl<R> ScopedThread<'_, R> {
    /// Waits until the thread has ended, and returns its result. A panic or failure of the thread is returned here, and no longer by the scope.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::Panicked`] if the thread has panicked, [`ResultError::Failed`] if its runnable has returned an error, and
    /// [`ResultError::CurrentThread`] if it is the current thread.
    #[track_caller]
    pub fn into_result(self) -> Result<R, ResultError> {
        let joined = self.state.join(&self.thread);
        self.see(joined)?;
        let result = self.result.acquire().take();
        result.or(self.lent.into_inner()).ok_or(ResultError::Taken)
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
        let joined = self.state.join(&self.thread);
        self.lend(joined)
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
        self.lend(self.thread.join_with(wait))
    }

    /// Lends the result once the thread was joined. All who ask lend the same one.
    fn lend(&self, joined: Result<(), JoinError>) -> Result<&R, ResultError> {
        self.see(joined)?;
        let mut result = self.result.acquire();
        if let Some(result) = result.take() {
            // It is there once, so it is not lent yet.
            let _ = self.lent.set(result);
        }
        drop(result);
        self.lent.get().ok_or(ResultError::Taken)
    }

    /// Notes that a panic or a failure is told to the caller, and returns the error of a join.
    fn see(&self, joined: Result<(), JoinError>) -> Result<(), ResultError> {
        if let Err(JoinError::Panicked(_) | JoinError::Failed(_)) = joined {
            self.seen.store(true, Ordering::Release);
        }
        joined.map_err(Into::into)
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
