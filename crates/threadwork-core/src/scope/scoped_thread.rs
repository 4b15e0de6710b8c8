//! The handle of a thread in a scope.

use std::{
    fmt,
    marker::PhantomData,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use threadwork_sync::Lock;

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
    pub(super) result: Arc<Lock<Option<R>>>,
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
        match self.state.join(&self.thread) {
            Ok(()) => self.result.acquire().take().ok_or(ResultError::Taken),
            Err(error) => {
                if let JoinError::Panicked(_) | JoinError::Failed(_) = error {
                    self.seen.store(true, Ordering::Release);
                }
                Err(error.into())
            }
        }
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
