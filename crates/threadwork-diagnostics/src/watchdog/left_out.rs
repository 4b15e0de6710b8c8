//! What a watchdog leaves out.

use std::sync::Arc;

use threadwork_core::main_thread;

use super::sighting::Sighting;
use crate::dump::ThreadDump;

/// Whether a thread is left out.
type Choice = Arc<dyn Fn(&ThreadDump) -> bool + Send + Sync>;

/// The threads of which a watchdog does not report that they wait or run for a long time.
#[derive(Clone, Default)]
pub(super) struct LeftOut {
    pub(super) main: bool,
    pub(super) daemons: bool,
    /// Waits for the end of a sleep.
    pub(super) sleeps: bool,
    pub(super) chosen: Vec<Choice>,
}

impl LeftOut {
    /// Whether this is left out. Deadlocks and tasks never are.
    pub(super) fn has(&self, sighting: &Sighting) -> bool {
        match sighting {
            Sighting::WaitsLong(thread) => self.has_thread(thread) || self.has_wait(thread),
            Sighting::RunsLong(thread) => self.has_thread(thread),
            Sighting::Deadlock(_) | Sighting::TaskWaitsLong(_) => false,
        }
    }

    fn has_thread(&self, thread: &ThreadDump) -> bool {
        let is_main = || main_thread().ident().is_some_and(|it| it.get() == thread.ident);
        (self.daemons && thread.daemon)
            || (self.main && is_main())
            || self.chosen.iter().any(|is_chosen| is_chosen(thread))
    }

    fn has_wait(&self, thread: &ThreadDump) -> bool {
        self.sleeps && thread.waits_for.as_ref().is_some_and(|it| it.kind == "Sleep")
    }
}
