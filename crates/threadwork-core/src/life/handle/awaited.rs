//! The end of some work, as those see it who wait for it.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use threadwork_sync::{
    Event, EventWait, Wait, WaitError, WaitKind, Waitable, get_ident,
    internal::{any::Target, door::Subject},
};

use super::ThreadHandle;
use crate::error::JoinError;

/// The end of some work, which is ahead or over, and what the record of a wait for it says.
pub(crate) struct Awaited<'a> {
    ended: &'a Event,
    subject: Subject,
    /// Whether the work is that of a thread that is left behind by a fork: nothing announces its end here, and there is nothing to wait for.
    is_left_behind: bool,
}

impl<'a> Awaited<'a> {
    pub(crate) fn new(ended: &'a Event, subject: Subject, is_left_behind: bool) -> Awaited<'a> {
        Awaited { ended, subject, is_left_behind }
    }

    /// Blocks the current thread until the end, or until `wait` ends.
    pub(crate) fn wait(&self, wait: &Wait) -> Result<(), WaitError> {
        if self.is_left_behind { Ok(()) } else { self.ended.wait_as(&self.subject, wait) }
    }

    /// Polls the wait for the end, which begins with the first poll.
    pub(crate) fn poll(
        &self,
        mut begun: Pin<&mut Option<EventWait<'a>>>,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        if self.is_left_behind {
            return Poll::Ready(());
        }
        if begun.is_none() {
            begun.set(Some(self.ended.wait_as_async(self.subject)));
        }
        begun.as_pin_mut().map_or(Poll::Ready(()), |it| it.poll(context))
    }

    /// Returns it as one of several things to wait for.
    pub(crate) fn target(&self) -> Target<'a> {
        let target = Target::event(self.ended, self.subject);
        if self.is_left_behind { target.answering(true) } else { target }
    }
}

impl ThreadHandle {
    /// Returns the end of the thread, for a wait at `location`.
    ///
    /// # Errors
    ///
    /// Returns an error if the current thread cannot wait for it.
    pub(crate) fn awaited(
        &self,
        location: &'static Location<'static>,
    ) -> Result<Awaited<'_>, JoinError> {
        let subject = Subject::join(self.to_join()?, location);
        let life = self.life();
        Ok(Awaited { ended: &life.end.ended, subject, is_left_behind: life.is_left_behind() })
    }
}

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
