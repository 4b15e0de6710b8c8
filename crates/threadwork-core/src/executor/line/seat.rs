//! The place at which an idle worker waits to be called.

use threadwork_sync::{
    Event, Lock, Wait, WaitError,
    internal::{door::Subject, lock::own_lock},
};

/// The place at which an idle worker waits to be called: to run a job, or to leave.
pub(in crate::executor) struct Seat<J> {
    given: Lock<Option<J>>,
    called: Event,
}

impl<J> Seat<J> {
    pub(in crate::executor) fn new() -> Seat<J> {
        Seat { given: own_lock("the job for an idle worker", None), called: Event::new() }
    }

    /// Calls the worker, with a job or to look for itself. Only for a seat that the caller has taken from among the idle ones.
    pub(in crate::executor) fn call(&self, job: Option<J>) {
        *self.given.acquire() = job;
        self.called.set();
    }

    /// Waits until the worker is called, and returns the job that it is given.
    pub(in crate::executor) fn wait(
        &self,
        subject: &Subject,
        wait: &Wait,
    ) -> Result<Option<J>, WaitError> {
        self.called.wait_as(subject, wait)?;
        // Nobody calls it again before it is among the idle ones again.
        self.called.clear();
        Ok(self.given.acquire().take())
    }
}
