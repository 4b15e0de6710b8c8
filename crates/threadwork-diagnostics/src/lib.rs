//! Diagnostics for running threads, for Threadwork: printed lines, dumps, deadlock reports, timelines.
//!
//! ```
//! # use threadwork_core as threadwork;
//! # use threadwork_diagnostics as diagnostics;
//! # use threadwork_sync::Event;
//! use threadwork::Thread;
//!
//! static GO: Event = Event::new().named("go");
//!
//! let thread = Thread::builder().name("runner").spawn(|| GO.wait())?;
//! let waits = |report: &str| report.contains("'runner'") && report.contains("waits for event 'go'");
//! while !waits(&diagnostics::dump().to_string()) {}
//! assert_eq!(diagnostics::find_deadlocks().len(), 0);
//! GO.set();
//! thread.join()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! * Printed lines: [`init`], or [`Setup`] for other formats, destinations and filters. The lines come from [`Lines`], a layer of
//!   `tracing-subscriber` over the [events](threadwork_core::events) that core emits. It composes with any other layer,
//!   and any other subscriber sees the same events. After [`init`], a thread named `loop` prints on standard output
//!
//!   ```text
//!   starting loop at: Sun Aug 13 19:14:26 2006
//!   loop finished at: Sun Aug 13 19:14:30 2006
//!   ```
//!
//!   and one that panics ends with `loop panicked at: Sun Aug 13 19:14:30 2006: message`, one that fails with
//!   `loop failed at: Sun Aug 13 19:14:30 2006: message`.
//! * What is each thread doing? [`dump`](dump()) lists them all, and the last that have panicked or failed. It can be printed on a signal ([`dump_on_quit`]), on a panic
//!   ([`dump_on_panic`]), or when a program cannot end ([`print_dump`]).
//!   Another program reads it from a [`DumpServer`]; `threadwork-top` shows it as a live table.
//! * Where do threads wait? `Contention` counts how often each named lock is acquired and contended, and how long it is waited for and held.
//!   `watch_lock_order` finds locks that are acquired in different orders, before anything hangs.
//!   Both need the feature `lock_probe`, which costs each lock operation one load.
//! * Where does the time go? A [`Timeline`] records what threads do and which thread they wait for, and writes a chart of it.
//! * Why does the program hang? [`find_deadlocks`] looks once. A [`Watchdog`] looks at an interval, also for waits and runs that take too long.
//!
//! The features `ansi`, `env-filter`, `json`, `server` and `timeline` are on by default; without them lines, dumps, deadlock reports and the watchdog are left.
//!
//! Dumps and deadlock reports need no preparation: waits are always recorded, so a program that already hangs can be examined.
//!
//! # Crate features
//!
//! * `lock_probe`: `Contention` and `watch_lock_order`. It adds a load to the fast path of every lock, so it is off by default.
//! * `metrics`: `MetricsLayer` and `record_metrics`, for the exporters of the crate [`metrics`](https://docs.rs/metrics).

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod words;
#[cfg(any(feature = "lock_probe", feature = "timeline"))]
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
#[cfg(feature = "timeline")]
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
        Dump, ExecutorDump, FaultDump, FaultsDump, FillDump, GroupDump, OtherDump, ReaderDump,
        SignalError, StateDump, TaskDump, ThreadDump, WaitDump, dump, dump_on_panic, dump_on_quit,
        dump_on_signal, print_dump,
    },
    lines::{Format, InitError, Lines, Setup, Sink, ctime, init},
    watchdog::{Sighting, Watchdog, WatchdogGuard},
};

#[cfg(feature = "server")]
pub use crate::dump::{DumpServer, DumpServerError, DumpServerGuard};

#[cfg(feature = "timeline")]
pub use crate::timeline::{
    Recording, SaveError, Timeline, TimelineBuilder, TimelineError, TimelineLayer,
};

#[cfg(feature = "lock_probe")]
pub use crate::locks::{
    Contention, ContentionReport, LockInversion, LockReport, LockStep, SlowPlace, Times,
    watch_lock_order,
};

#[cfg(feature = "metrics")]
pub use crate::metrics::{MetricsLayer, record_metrics};

/// The programs of the package's page, which are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
