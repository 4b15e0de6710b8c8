//! The join of many threads.

use std::panic::Location;

use threadwork_sync::{Deadline, Wait, WaitError, internal::door::Subject};

use super::list;
use crate::{error::JoinError, life::ThreadHandle};

/// Joins the threads that `wanted` wants, also those that are started meanwhile; an error says who is alive when `wait` ends, and what has ended it.
///
/// Those that have ended are given what is left of the time to drop their thread-local values.
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
                Err(JoinError::Stopped) => WaitError::Stopped,
                // A panic is told to those who handle it.
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
        // The join may have been that of the operating system's thread, and over with it; in a scope there is none to join.
        let subject = Subject::join(ident, Location::caller());
        if thread.life().ending.leaving.wait(&subject, wait).is_err() {
            return Ok(());
        }
    }
}
