//! What a function of a scope returns, on its way to those who ask for it.

use std::sync::{Arc, OnceLock};

use threadwork_sync::{Lock, internal::lock::own_lock};

use super::work::Notes;
use crate::error::ResultError;

/// What a thread or a job of a scope has returned, until it is asked for.
pub(super) struct Returned<R> {
    result: Arc<Lock<Option<R>>>,
    /// The result, once it is lent. It is set with `result` locked, so nobody waits for that.
    lent: OnceLock<R>,
    notes: Arc<Notes>,
}

impl<R> Returned<R> {
    pub(super) fn new() -> Returned<R> {
        Returned {
            result: Arc::new(own_lock("the result of a scoped thread", None)),
            lent: OnceLock::new(),
            notes: Arc::new(Notes::new()),
        }
    }

    /// Returns the place for the result. Whoever fills it drops this before the end is announced.
    pub(super) fn place(&self) -> Arc<Lock<Option<R>>> {
        Arc::clone(&self.result)
    }

    pub(super) fn notes(&self) -> &Arc<Notes> {
        &self.notes
    }

    /// Notes that a panic, a failure or a refusal is told to the caller.
    fn see(&self, joined: &Result<(), ResultError>) {
        use ResultError::{Failed, Panicked, Refused};
        if let Err(Panicked(_) | Failed(_) | Refused(_)) = joined {
            self.notes.see();
        }
    }

    /// Lends the result once the end was waited for. All who ask lend the same one.
    pub(super) fn lend(&self, joined: Result<(), ResultError>) -> Result<&R, ResultError> {
        self.see(&joined);
        joined?;
        let mut result = self.result.acquire();
        if let Some(result) = result.take() {
            // It is there once, so it is not lent yet.
            let _ = self.lent.set(result);
        }
        drop(result);
        self.lent.get().ok_or(ResultError::Taken)
    }

    /// Gives the result away once the end was waited for.
    pub(super) fn give(self, joined: Result<(), ResultError>) -> Result<R, ResultError> {
        self.see(&joined);
        joined?;
        self.take()
    }

    /// Gives the result away, without a note that a panic or a failure was told to somebody.
    pub(super) fn give_unseen(self, joined: Result<(), ResultError>) -> Result<R, ResultError> {
        joined?;
        self.take()
    }

    fn take(self) -> Result<R, ResultError> {
        let result = self.result.acquire().take();
        result.or(self.lent.into_inner()).ok_or(ResultError::Taken)
    }
}
