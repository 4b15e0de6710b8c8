//! Waiting for the end of any of several threads.

use std::panic::Location;

use threadwork_sync::{Waitable, internal::any::Target};

use crate::{
    scope::ScopedThread,
    task::Task,
    thread::{MyThread, Thread},
    timer::Timer,
};

mod ends;
mod as_completed;

pub use self::{
    as_completed::{AsCompleted, as_completed},
    ends::Ends,
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
