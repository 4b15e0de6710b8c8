//! Waiting for the end of any of several threads.

use std::panic::Location;

use threadwork_sync::{
    WaitKind, Waitable, get_ident,
    internal::{any::Target, door::Subject},
};

use crate::{
    life::ThreadHandle,
    scope::ScopedThread,
    thread::{MyThread, Thread},
    timer::Timer,
};

mod as_completed;

pub use self::as_completed::{AsCompleted, as_completed};

/// A thread is ready once it has ended. One that is not started has not ended, and the current one never does.
impl Waitable for ThreadHandle {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        let (life, ident) = (self.life(), self.life().ident());
        let subject = match ident {
            Some(ident) => Subject::join(ident, location),
            None => Subject::of(WaitKind::Join, None, location),
        };
        let target = Target::event(&life.end.ended, subject);
        if ident == Some(get_ident()) {
            target.answering(false)
        } else if life.is_left_behind() {
            // In the child of a fork nothing announces the end of the other threads.
            target.answering(true)
        } else {
            target
        }
    }
}

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

/// A timer is ready once it has ended: it has run for the last time, or was cancelled.
impl Waitable for Timer {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        self.handle().target(location)
    }
}
