//! The start of a timer.

use std::sync::Arc;

use super::{
    due::Due,
    plan::{Phase, Plan},
    service::serve,
};
use crate::{context::TraceContext, error::StartError, exit};

impl Plan {
    pub(super) fn start(self: &Arc<Self>) -> Result<(), StartError> {
        let now = Due::now();
        if self.is_started() {
            return Err(StartError::AlreadyStarted);
        }
        self.check()?;
        serve(self.queue())?;
        if !self.is_daemon() {
            exit::watch();
        }
        // Declared before the lock, so that what is not used is dropped after the unlock.
        let mut inheritance = self.inheritance(TraceContext::here().map(Arc::new));
        let _work = {
            let mut progress = self.progress.acquire();
            if !progress.phase.is_new() {
                return Err(StartError::AlreadyStarted);
            }
            self.begins();
            match progress.phase {
                Phase::New(interval) if !self.stop_requested() => {
                    if let Some(thread) = self.handle() {
                        thread.life().set_started();
                    }
                    progress.inheritance = inheritance.take();
                    self.arm(&mut progress, now.plus(interval));
                    return Ok(());
                }
                _ => {
                    progress.phase = Phase::Ended;
                    progress.work.take()
                }
            }
        };
        self.end();
        Ok(())
    }
}
