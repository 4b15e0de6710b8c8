//! What has no thread yet, and is waited for at the end of the program all the same.

use once_cell::race::OnceRef;
use threadwork_sync::{Wait, WaitError};

use crate::life::ThreadHandle;

/// Runs that are pending: they become threads later.
pub(crate) trait Pending: Sync {
    /// How many there are.
    fn census(&self) -> Census;

    /// Waits until there was a moment without one that the end of the program waits for.
    fn join(&self, wait: &Wait) -> Result<(), WaitError>;

    /// Asks all of them to stop, daemons too.
    fn stop_all(&self);

    /// Those that the end of the program waits for.
    fn waited_for(&self) -> Vec<ThreadHandle>;
}

/// How many runs the end of the program waits for, and how many there were until then.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) n_waited_for: usize,
    pub(crate) n_armed: u64,
}

/// What has registered.
static PENDING: OnceRef<'static, &dyn Pending> = OnceRef::new();

/// From now on the end of the program waits for these too. Whoever is about to have something pending says so first: it costs a load.
pub(crate) fn wait_for(pending: &'static &'static dyn Pending) {
    if PENDING.get().is_none() {
        // Another thread may have said it meanwhile.
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

/// Those that are pending and that the end of the program waits for.
pub(crate) fn pending_threads() -> Vec<ThreadHandle> {
    PENDING.get().map(|it| it.waited_for()).unwrap_or_default()
}
