//! Joining many threads.

use std::panic::Location;

use threadwork_sync::{Deadline, Wait, WaitError, internal::door::Subject};

use super::list;
use crate::{error::JoinError, life::ThreadHandle};

/// Joins all threads that `wanted` selects, including those that are started meanwhile. If `wait` ends first, the error has the threads
/// that are still alive and the reason why `wait` ended.
///
/// Threads that have ended are given the rest of the time to drop their thread-local values.
#[track_caller]
pub(crate) fn join_all(
    wanted: impl Fn(&ThreadHandle) -> bool,
    wait: &Wait,
) -> Result<(), (Vec<ThreadHandle>, WaitError)> {
    let is_endless = wait.deadline() == Deadline::NEVER && wait.stop_token().is_none();
    loop {
        let (alive, leaving) = list::one_of_each(&wanted);
        if let Some(thread) = alive {
            let why = match thread.join_with(wait) {
                Err(JoinError::TimedOut) => WaitError::TimedOut,
                Err(JoinError::WaitStopped) => WaitError::Stopped,
                // A panic is not reported here; the thread's handler has had it.
                _ => continue,
            };
            let alive = list::all(&wanted);
            return if alive.is_empty() { Ok(()) } else { Err((alive, why)) };
        }
        let Some(thread) = leaving else { return Ok(()) };
        let Some(ident) = thread.ident() else { return Ok(()) };
        if is_endless {
            let _ = thread.join();
        }
        // The join may already have included this (the operating system's thread is gone). In a scope there is no such thread to join.
        let subject = Subject::join(ident, Location::caller());
        if thread.life().end.leaving.wait(&subject, wait).is_err() {
            return Ok(());
        }
    }
}
