//! The state that the threads of a scope share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use threadwork_sync::{Deadline, Lock, StopSource, Wait, internal::lock::own_lock};

use crate::{error::JoinError, life::ThreadHandle, panic::reported, registry::current};

/// The threads of a scope, how they ended, and their stop source.
pub(super) struct ScopeState {
    pub(super) stop: StopSource,
    pub(super) stops_on_panic: bool,
    pub(super) deadline: Deadline,
    pub(super) timed_out: AtomicBool,
    /// All threads that are alive, and some that have ended.
    pub(super) threads: Lock<Vec<ThreadHandle>>,
    /// The threads that panicked, in that order, each with the flag whether its result was asked for.
    pub(super) panics: Lock<Vec<(ThreadHandle, Arc<AtomicBool>)>>,
}

impl ScopeState {
    /// Creates the state of a scope that the current thread opens. A stop of the current thread also stops the scope.
    ///
    /// Scenario "the stop that spreads" in docs/architecture.md.
    pub(super) fn new(stops_on_panic: bool, deadline: Deadline) -> ScopeState {
        ScopeState {
            stop: StopSource::child_of_all(current::stop_token().as_ref()),
            stops_on_panic,
            deadline,
            timed_out: AtomicBool::new(false),
            threads: own_lock("the threads of a scope", Vec::new()),
            panics: own_lock("the panics of a scope", Vec::new()),
        }
    }

    /// Asks all threads to stop. A panic of a stop callback is reported, and affects neither the threads nor the scope.
    pub(super) fn request_stop(&self) {
        reported("stop callback", || _ = self.stop.request_stop());
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
