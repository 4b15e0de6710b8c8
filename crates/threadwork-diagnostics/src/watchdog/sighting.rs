//! What a watchdog reports.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    deadlock::Deadlock,
    dump::{TaskDump, ThreadDump},
};

/// What a [`Watchdog`](crate::Watchdog) reports.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::Sighting;
///
/// fn is_serious(sighting: &Sighting) -> bool {
///     matches!(sighting, Sighting::Deadlock(_))
/// }
/// # let _ = is_serious;
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Sighting {
    /// Threads wait for each other, so that none goes on.
    Deadlock(Deadlock),
    /// A thread has been waiting for longer than the limit.
    WaitsLong(ThreadDump),
    /// A task of an async program has been waiting for longer than the limit.
    TaskWaitsLong(TaskDump),
    /// A thread has been alive for longer than the limit.
    RunsLong(ThreadDump),
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sighting::Deadlock(deadlock) => deadlock.fmt(f),
            Sighting::WaitsLong(thread) => {
                write!(f, "a thread has been waiting for a long time:\n  {thread}")
            }
            Sighting::TaskWaitsLong(task) => {
                write!(f, "a task has been waiting for a long time:\n  {task}")
            }
            Sighting::RunsLong(thread) => {
                write!(f, "a thread has been alive for a long time:\n  {thread}")
            }
        }
    }
}
