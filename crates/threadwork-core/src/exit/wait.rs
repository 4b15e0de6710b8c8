//! The wait for threads at the end of the program.

use threadwork_sync::{Wait, get_ident};

use super::{
    pending::{census, join_pending},
    stops::stop_stragglers,
};
use crate::{
    life::{ThreadHandle, ThreadState},
    registry::{self, main_thread},
};

/// The main thread is done with what it had to do; whoever joins it goes on.
pub(crate) fn main_has_ended() {
    if registry::is_main(get_ident()) {
        // There is no later moment that a joiner could see.
        let main = main_thread();
        main.life().set_state(ThreadState::Finished);
        main.life().ending.ended.set();
    }
}

/// Waits until every thread that is not a daemon has left, and no timer is pending that is none; otherwise returns the threads
/// that have not when `wait` ends.
pub(crate) fn join_threads(wait: &Wait) -> Result<(), Vec<ThreadHandle>> {
    let here = get_ident();
    let is_waited_for = |it: &ThreadHandle| !it.is_daemon() && it.ident() != Some(here);
    loop {
        // A timer that is not pending any more is among the threads; one that is armed by a thread that ends meanwhile shows in the census.
        let before = census();
        registry::join_all(is_waited_for, wait).map_err(|(alive, _)| alive)?;
        let leaving = registry::leaving(is_waited_for);
        if !leaving.is_empty() {
            if wait.deadline().has_passed() {
                return Err(leaving);
            }
            // Threads of timers that have come and gone meanwhile.
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
