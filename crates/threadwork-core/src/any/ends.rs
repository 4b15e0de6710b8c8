//! What can be waited for in the order of the ends.

use std::panic::Location;

use threadwork_sync::internal::any::Target;

use crate::{
    error::JoinError,
    life::{ThreadHandle, ThreadState},
    scope::ScopedTask,
    task::Task,
};

/// What [`as_completed`](crate::as_completed) and [`wait`](crate::wait()) take: everything with `AsRef<ThreadHandle>`, [`Task`]s and [`ScopedTask`](crate::ScopedTask)s.
///
/// You implement it for a type of your own by implementing `AsRef<ThreadHandle>`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Ends, Task, Thread, as_completed};
///
/// fn count<T: Ends>(all: &[T]) -> usize {
///     as_completed(all).expect("they are started").count()
/// }
///
/// assert_eq!(count(&[Task::spawn(|| 1)?, Task::spawn(|| 2)?]), 2);
/// assert_eq!(count(&[Thread::spawn(|| ())?]), 1);
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a thread nor a task",
    label = "has no end that can be waited for",
    note = "a type of your own that contains a thread fits if it implements `AsRef<ThreadHandle>`"
)]
pub trait Ends {
    /// Describes the end, for a wait at `location`, or says why the current thread cannot wait for it.
    #[doc(hidden)]
    fn end(&self, location: &'static Location<'static>) -> Result<Target<'_>, JoinError>;

    #[doc(hidden)]
    fn has_ended(&self) -> bool;

    /// Returns `true` if it has ended with a panic or a failure.
    #[doc(hidden)]
    fn has_failed(&self) -> bool;
}

impl<T: AsRef<ThreadHandle> + ?Sized> Ends for T {
    fn end(&self, location: &'static Location<'static>) -> Result<Target<'_>, JoinError> {
        Ok(self.as_ref().awaited(location)?.target())
    }

    fn has_ended(&self) -> bool {
        self.as_ref().state().has_ended()
    }

    fn has_failed(&self) -> bool {
        matches!(self.as_ref().state(), ThreadState::Panicked | ThreadState::Failed)
    }
}

impl<R> Ends for Task<R> {
    fn end(&self, location: &'static Location<'static>) -> Result<Target<'_>, JoinError> {
        Ok(self.awaited(location)?.target())
    }

    fn has_ended(&self) -> bool {
        self.is_done()
    }

    fn has_failed(&self) -> bool {
        Task::has_failed(self)
    }
}

impl<R> Ends for ScopedTask<'_, R> {
    fn end(&self, location: &'static Location<'static>) -> Result<Target<'_>, JoinError> {
        Ok(self.work.awaited(location)?.target())
    }

    fn has_ended(&self) -> bool {
        self.is_done()
    }

    fn has_failed(&self) -> bool {
        self.work.has_failed()
    }
}
