//! Diagnostics for running threads, for Threadwork: printed lines, dumps, deadlock reports, timelines.
//!
//! After [`init`], a thread named `loop` prints on standard output
//!
//! ```text
//! starting loop at: Sun Aug 13 19:14:26 2006
//! loop finished at: Sun Aug 13 19:14:30 2006
//! ```
//!
//! and one that panics ends with `loop panicked at: Sun Aug 13 19:14:30 2006: message`, one that fails with
//! `loop failed at: Sun Aug 13 19:14:30 2006: message`.
//!
//! * Printed lines: [`init`], or [`Setup`] for other formats, destinations and filters. The lines come from [`Lines`], a layer of
//!   `tracing-subscriber` over the [events](threadwork_core::events) that core emits. It composes with any other layer,
//!   and any other subscriber sees the same events.
//! * What is each thread doing? [`dump`](dump()) lists them all, and the last that have panicked or failed. It can be printed on a signal ([`dump_on_quit`]), on a panic
//!   ([`dump_on_panic`]), or when a program cannot end ([`print_dump`]).
//!   Another program reads it from a [`DumpServer`]; `threadwork-top` shows it as a live table.
//! * Where do threads wait? `Contention` counts how often each named lock is acquired and contended, and how long it is waited for and held.
//!   `watch_lock_order` finds locks that are acquired in different orders, before anything hangs.
//!   Both need the feature `lock_probe`, which costs each lock operation one load.
//! * Where does the time go? A [`Timeline`] records what threads do and which thread they wait for, and writes a chart of it.
//! * Why does the program hang? [`find_deadlocks`] looks once. A [`Watchdog`] looks at an interval, also for waits and runs that take too long.
//!
//! Dumps and deadlock reports need no preparation: waits are always recorded, so a program that already hangs can be examined.

#![forbid(unsafe_code)]

mod words;
mod mutex;
mod blocked;
mod executors;
mod names;
mod places;
mod asleep;
mod lines;
mod deadlock;
mod dump;
mod watchdog;
mod timeline;
#[cfg(feature = "lock_probe")]
mod locks;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(test)]
mod testing;

/// The interface for the other crates of Threadwork. It is not covered by any stability promise.
#[doc(hidden)]
pub mod internal {
    pub use threadwork_core::internal::helper;
}

pub use crate::{
    deadlock::{Deadlock, DeadlockEdge, find_deadlocks},
    dump::{
        Dump, DumpServer, DumpServerError, DumpServerGuard, ExecutorDump, FaultDump, FaultsDump,
        FillDump, GroupDump, OtherDump, ReaderDump, SignalError, StateDump, TaskDump, ThreadDump,
        WaitDump, dump, dump_on_panic, dump_on_quit, dump_on_signal, print_dump,
    },
    lines::{Format, InitError, Lines, Setup, Sink, ctime, init},
    timeline::{Recording, SaveError, Timeline, TimelineBuilder, TimelineError, TimelineLayer},
    watchdog::{Sighting, Watchdog, WatchdogGuard},
};

#[cfg(feature = "lock_probe")]
pub use crate::locks::{
    Contention, ContentionReport, LockInversion, LockReport, LockStep, SlowPlace, Times,
    watch_lock_order,
};

#[cfg(feature = "metrics")]
pub use crate::metrics::{MetricsLayer, record_metrics};
