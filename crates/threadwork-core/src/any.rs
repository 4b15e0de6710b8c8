//! Waiting for the ends of several threads and tasks.

use std::panic::Location;

use threadwork_sync::{Waitable, internal::any::Target};

use crate::{
    scope::{ScopedTask, ScopedThread},
    task::Task,
    thread::{MyThread, Thread},
    timer::Timer,
};

mod ends;
mod as_completed;
mod wait;

pub use self::{
    as_completed::{AsCompleted, as_completed},
    ends::Ends,
    wait::{ReturnWhen, Waited, wait, wait_timeout, wait_with},
};

impl<T: ?Sized> Waitable for Thread<T> {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.handle().target(location)
    }
}

impl<F, R> Waitable for MyThread<F, R> {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.handle().target(location)
    }
}

impl<R> Waitable for ScopedThread<'_, R> {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.handle().target(location)
    }
}

impl<R> Waitable for ScopedTask<'_, R> {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.work.target(location)
    }
}

/// A task is ready once its work has ended. One that is not started has not ended, and one that the current thread does never does.
impl<R> Waitable for Task<R> {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.as_waitable().target(location)
    }
}

/// A timer is ready once it has ended: it has run for the last time, or was cancelled.
impl Waitable for Timer {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.handle().target(location)
    }
}
