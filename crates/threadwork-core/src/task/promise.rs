//! Where the result of a task comes from.

use std::panic::Location;

use threadwork_sync::Waitable;

use crate::{
    error::{JoinError, ResultError},
    life::{Awaited, ThreadHandle, ThreadState},
    thread::MyThread,
};

/// Some work that will have a result, whoever does it.
pub(crate) trait Promise<R>: Send + Sync {
    /// Returns the thread that does the work, if there is one already.
    fn thread(&self) -> Option<&ThreadHandle>;

    /// Returns the end of the work, for a wait at `location`, or an error if the current thread cannot wait for it.
    fn awaited(&self, location: &'static Location<'static>) -> Result<Awaited<'_>, JoinError>;

    /// Returns it as one of several things to wait for, whether or not the current thread could wait for it alone.
    fn as_waitable(&self) -> &dyn Waitable;

    /// Returns `true` if the work has ended.
    fn has_ended(&self) -> bool;

    /// Requests the work to stop. Returns `true` if this was the first request.
    fn request_stop(&self) -> bool;

    /// Ends the work if it has not begun, and returns `true` if it was ended in this way, now or before.
    fn cancel(&self) -> bool {
        false
    }

    /// Returns `true` if the work was ended before it had begun.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Returns `true` if the work has ended with a panic or a failure, or was refused.
    fn has_failed(&self) -> bool {
        let state = self.thread().map(ThreadHandle::state);
        matches!(state, Some(ThreadState::Panicked | ThreadState::Failed))
    }

    fn result(&self) -> Result<&R, ResultError>
    where
        R: Sync;

    fn take_result(&mut self) -> Result<R, ResultError>;
}

impl<F: Send, R: Send> Promise<R> for MyThread<F, R> {
    fn thread(&self) -> Option<&ThreadHandle> {
        Some(self.handle())
    }

    fn awaited(&self, location: &'static Location<'static>) -> Result<Awaited<'_>, JoinError> {
        self.handle().awaited(location)
    }

    fn as_waitable(&self) -> &dyn Waitable {
        self.handle()
    }

    fn has_ended(&self) -> bool {
        self.state().has_ended()
    }

    fn request_stop(&self) -> bool {
        self.handle().request_stop()
    }

    fn result(&self) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        self.get_result()
    }

    fn take_result(&mut self) -> Result<R, ResultError> {
        MyThread::take_result(self)
    }
}
