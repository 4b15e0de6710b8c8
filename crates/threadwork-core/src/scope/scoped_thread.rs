//! One thread of a scope.

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

/// A thread of a [`Scope`](crate::Scope), which gives its result: what its function has returned, or its runnable.
///
/// The methods of its life are those of [`ThreadHandle`], to which it dereferences.
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
    /// Whether somebody has asked for the result.
    pub(super) seen: Arc<AtomicBool>,
    pub(super) state: Arc<ScopeState>,
    /// The result may borrow for so long.
    pub(super) scope: PhantomData<&'scope ()>,
}

impl<R> ScopedThread<'_, R> {
    /// Waits until the thread has ended, and gives its result. A panic of the thread is told here, and nowhere else any more.
    ///
    /// # Errors
    ///
    /// [`ResultError::Panicked`] if it has panicked, [`ResultError::CurrentThread`] if it is this one.
    #[track_caller]
    pub fn into_result(self) -> Result<R, ResultError> {
        match self.state.join(&self.thread) {
            Ok(()) => self.result.acquire().take().ok_or(ResultError::Taken),
            Err(error) => {
                if let JoinError::Panicked(_) = error {
                    self.seen.store(true, Ordering::Release);
                }
                Err(error.into())
            }
        }
    }

    /// The thread without its result, which can be cloned and may outlive the scope.
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

impl<R> fmt::Debug for ScopedThread<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thread.fmt(f)
    }
}
