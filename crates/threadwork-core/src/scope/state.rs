//! What the threads of a scope have in common.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use threadwork_sync::{Deadline, Lock, StopSource, Wait, internal::lock::own_lock};

use crate::{error::JoinError, life::ThreadHandle, panic::reported, registry::current};

/// Its threads, how they end, and what stops them.
pub(super) struct ScopeState {
    pub(super) stop: StopSource,
    pub(super) stops_on_panic: bool,
    pub(super) deadline: Deadline,
    pub(super) timed_out: AtomicBool,
    /// All that are alive, and some that have ended.
    pub(super) threads: Lock<Vec<ThreadHandle>>,
    /// In order of the panics; whether somebody has asked for the result.
    pub(super) panics: Lock<Vec<(ThreadHandle, Arc<AtomicBool>)>>,
}

impl ScopeState {
    /// The state of a scope that the current thread opens. A stop of that thread stops the scope too.
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

    /// Asks all threads to stop. A panic of what is called then is not theirs, nor that of the scope.
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

    /// Adds a thread to those that are joined at the end.
    pub(super) fn add(&self, thread: ThreadHandle) {
        let mut threads = self.threads.acquire();
        // Where the list would grow, those that have ended make room, so that a scope may last and start many.
        let is_full = threads.len() == threads.capacity();
        let has_ended = |it: &mut ThreadHandle| is_full && it.state().has_ended();
        let _ended: Vec<_> = threads.extract_if(.., has_ended).collect();
        threads.push(thread);
        // What belongs to them is dropped after this.
        drop(threads);
    }

    pub(super) fn join_all(&self) {
        // A thread starts others before it ends.
        loop {
            let Some(thread) = self.threads.acquire().pop() else { return };
            // How it has ended is seen later.
            let _ = self.join(&thread);
        }
    }
}
