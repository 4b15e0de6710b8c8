//! Threads that wait for work, and would wait for ever at the end of the program.

use std::sync::atomic::{AtomicUsize, Ordering};

use once_cell::race::OnceRef;

/// Threads that wait for work.
pub(crate) trait Idle: Sync {
    /// Makes those that are idle look whether the program [is ending](is_ending).
    fn let_go(&self);

    /// Asks all of them to stop, and those that would be started in their place.
    fn stop_all(&self);
}

/// The registered threads.
static IDLE: OnceRef<'static, &dyn Idle> = OnceRef::new();

/// How many calls wait for the threads of the program.
static N_ENDING: AtomicUsize = AtomicUsize::new(0);

/// Registers threads that leave at the end of the program when they have nothing more to do.
pub(crate) fn let_go_at_the_end(idle: &'static &'static dyn Idle) {
    if IDLE.get().is_none() {
        // Another thread may have registered them in the meantime.
        let _ = IDLE.set(idle);
    }
}

/// Returns `true` while the end of the program waits for threads: nobody may wait for further work.
pub(crate) fn is_ending() -> bool {
    N_ENDING.load(Ordering::SeqCst) > 0
}

/// The end of the program waits for threads until this is dropped.
pub(in crate::exit) struct Ending(());

impl Ending {
    /// A thread that becomes idle after this sees that the program is ending; those that are idle already are let go.
    ///
    /// Scenario "the worker that would wait for further jobs" in docs/architecture.md.
    pub(in crate::exit) fn begin() -> Ending {
        N_ENDING.fetch_add(1, Ordering::SeqCst);
        if let Some(idle) = IDLE.get() {
            idle.let_go();
        }
        Ending(())
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        N_ENDING.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(in crate::exit) fn stop_idle() {
    if let Some(idle) = IDLE.get() {
        idle.stop_all();
    }
}
