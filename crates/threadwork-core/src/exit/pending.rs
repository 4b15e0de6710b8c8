//! Pending runs: they have no thread yet, but the end of the program waits for them.

use once_cell::race::OnceRef;
use threadwork_sync::{Wait, WaitError};

use crate::life::ThreadHandle;

mod idle;

pub(in crate::exit) use self::idle::{Ending, stop_idle};
pub(crate) use self::idle::{Idle, is_ending, let_go_at_the_end};

/// Pending runs, which become threads later.
pub(crate) trait Pending: Sync {
    /// Counts them.
    fn census(&self) -> Census;

    /// Blocks until there has been a moment at which none was pending that the end of the program waits for.
    fn join(&self, wait: &Wait) -> Result<(), WaitError>;

    /// Asks all of them to stop, including daemons.
    fn stop_all(&self);

    /// Returns those that the end of the program waits for.
    fn waited_for(&self) -> Vec<ThreadHandle>;
}

/// How many pending runs the end of the program waits for, and how many were armed so far.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) n_waited_for: usize,
    pub(crate) n_armed: u64,
}

/// The registered source of pending runs.
static PENDING: OnceRef<'static, &dyn Pending> = OnceRef::new();

/// Registers runs that the end of the program waits for too. Must be called before a run becomes pending; it costs one load.
pub(crate) fn wait_for(pending: &'static &'static dyn Pending) {
    if PENDING.get().is_none() {
        // Another thread may have registered them in the meantime.
        let _ = PENDING.set(pending);
    }
}

pub(super) fn census() -> Census {
    PENDING.get().map(|it| it.census()).unwrap_or_default()
}

pub(super) fn join_pending(wait: &Wait) -> Result<(), WaitError> {
    PENDING.get().map_or(Ok(()), |it| it.join(wait))
}

pub(super) fn stop_pending() {
    if let Some(pending) = PENDING.get() {
        pending.stop_all();
    }
}

/// Returns the pending runs that the end of the program waits for.
pub(crate) fn pending_threads() -> Vec<ThreadHandle> {
    PENDING.get().map(|it| it.waited_for()).unwrap_or_default()
}
