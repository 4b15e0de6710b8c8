//! The state that the threads of a scope share.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use threadwork_sync::{Deadline, Lock, StopSource, Wait, internal::lock::own_lock};

use super::{error::ScopeError, notes::Notes};
use crate::{
    error::JoinError,
    life::{Ran, ThreadHandle},
    outcome::Outcome,
    panic::reported,
    registry::current,
};

/// The rule of a scope: what makes it ask its other threads to stop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StopsOn {
    pub(super) panic: bool,
    pub(super) failure: bool,
    pub(super) success: bool,
}

/// The threads of a scope, how they ended, and their stop source.
pub(super) struct ScopeState {
    pub(super) stop: StopSource,
    stops_on: StopsOn,
    deadline: Deadline,
    timed_out: AtomicBool,
    /// All threads that are alive, and some that have ended.
    threads: Lock<Vec<ThreadHandle>>,
    /// The threads that panicked or failed, in that order.
    faults: Lock<Vec<(ThreadHandle, Arc<Notes>)>>,
    /// How many have succeeded before a stop.
    n_successes: AtomicUsize,
}

impl ScopeState {
    /// Creates the state of a scope that the current thread opens. A stop of the current thread also stops the scope.
    ///
    /// Scenario "the stop that spreads" in docs/architecture.md.
    pub(super) fn new(stops_on: StopsOn, deadline: Deadline) -> ScopeState {
        ScopeState {
            stop: StopSource::child_of_all(current::stop_token().as_ref()),
            stops_on,
            deadline,
            timed_out: AtomicBool::new(false),
            threads: own_lock("the threads of a scope", Vec::new()),
            faults: own_lock("the faults of a scope", Vec::new()),
            n_successes: AtomicUsize::new(0),
        }
    }

    /// Asks all threads to stop. A panic of a stop callback is reported, and affects neither the threads nor the scope.
    pub(super) fn request_stop(&self) {
        reported("stop callback", || _ = self.stop.request_stop());
    }

    /// Notes how the run of a thread has ended, just before the thread ends.
    pub(super) fn has_run(&self, thread: &ThreadHandle, notes: Arc<Notes>, ran: &Ran) {
        let is_to_stop = match ran {
            Ok(Ok(())) => {
                self.has_succeeded(&notes, thread.stop_requested());
                self.stops_on.success
            }
            Ok(Err(_)) => self.stops_on.failure,
            Err(_) => self.stops_on.panic,
        };
        if !matches!(ran, Ok(Ok(()))) {
            self.faults.acquire().push((thread.clone(), notes));
        }
        if is_to_stop {
            self.request_stop();
        }
    }

    /// Notes that a function has returned. One that was asked to stop before may have given up, so it does not count.
    fn has_succeeded(&self, notes: &Notes, is_stopped: bool) {
        if self.stops_on.success && !is_stopped {
            notes.succeeds(self.n_successes.fetch_add(1, Ordering::Relaxed));
        }
    }

    /// Returns how the first thread has ended that panicked or failed and whose result was not asked for. All have ended.
    pub(super) fn unseen_fault(&self) -> Option<ScopeError> {
        let faults = mem::take(&mut *self.faults.acquire());
        let (thread, _) = faults.into_iter().find(|(_, notes)| !notes.is_seen())?;
        match thread.outcome()? {
            Outcome::Panicked(panic) => Some(ScopeError::Panicked(panic)),
            Outcome::Failed(failure) => Some(ScopeError::Failed(failure)),
            Outcome::Finished | Outcome::Stopped => None,
        }
    }

    /// Returns the error of the scope, if there is one. All have ended.
    pub(super) fn checked(&self) -> Result<(), ScopeError> {
        match self.unseen_fault() {
            Some(error) => Err(error),
            None if self.timed_out.load(Ordering::Relaxed) => Err(ScopeError::TimedOut),
            None => Ok(()),
        }
    }

    #[track_caller]
    pub(super) fn join(&self, thread: &ThreadHandle) -> Result<(), JoinError> {
        match thread.join_with(&Wait::until(self.deadline)) {
            Err(JoinError::TimedOut) => {
                self.timed_out.store(true, Ordering::Relaxed);
                self.request_stop();
                thread.join()
            }
            joined => joined,
        }
    }

    /// Adds a thread that is joined at the end.
    pub(super) fn add(&self, thread: ThreadHandle) {
        let mut threads = self.threads.acquire();
        // When the list would grow, threads that have ended are removed first, so that a long-lived scope can start any number of threads.
        let is_full = threads.len() == threads.capacity();
        let has_ended = |it: &mut ThreadHandle| is_full && it.state().has_ended();
        let _ended: Vec<_> = threads.extract_if(.., has_ended).collect();
        threads.push(thread);
        // The removed handles are dropped after this, with nothing locked.
        drop(threads);
    }

    pub(super) fn join_all(&self) {
        // A thread may start others until it ends, and adds them before that.
        loop {
            let Some(thread) = self.threads.acquire().pop() else { return };
            // The outcome is checked later.
            let _ = self.join(&thread);
        }
    }
}
