//! The wait for threads at the end of the program.

use threadwork_sync::{Wait, get_ident};

use super::{
    pending::{Ending, census, join_pending},
    stops::stop_stragglers,
};
use crate::{
    life::{ThreadHandle, ThreadState},
    registry::{self, main_thread},
};

/// Marks the main thread as finished, and wakes the threads that join it.
pub(crate) fn main_has_ended() {
    if registry::is_main(get_ident()) {
        // A joiner could not observe any later moment.
        let main = main_thread();
        main.life().set_state(ThreadState::Finished);
        main.life().end.announce();
    }
}

/// Blocks until every non-daemon thread has left and no non-daemon timer is pending.
///
/// # Errors
///
/// Returns the threads that have not left when `wait` ends.
pub(crate) fn join_threads(wait: &Wait) -> Result<(), Vec<ThreadHandle>> {
    let here = get_ident();
    let is_waited_for = |it: &ThreadHandle| !it.is_daemon() && it.ident() != Some(here);
    let _ending = Ending::begin();
    loop {
        // A timer that is no longer pending is listed as a thread. If a thread that ends in the meantime arms one, the census shows it.
        // Scenario "the timer that becomes a thread" in docs/architecture.md.
        let before = census();
        registry::join_all(is_waited_for, wait).map_err(|(alive, _)| alive)?;
        let leaving = registry::leaving(is_waited_for);
        if !leaving.is_empty() {
            if wait.deadline().has_passed() {
                return Err(leaving);
            }
            // Threads that timers started after the join, and that have ended but not left.
            continue;
        }
        if before.n_waited_for > 0 {
            stop_stragglers();
            if join_pending(wait).is_err() {
                return Err(registry::all(is_waited_for));
            }
        } else if census() == before {
            return Ok(());
        }
    }
}
