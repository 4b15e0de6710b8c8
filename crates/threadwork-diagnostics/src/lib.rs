//! Looking at running threads, for Threadwork: lines, dumps, deadlocks.
//!
//! After [`init`], a thread named `loop` prints on standard output
//!
//! ```text
//! starting loop at: Sun Aug 13 19:14:26 2006
//! loop finished at: Sun Aug 13 19:14:30 2006
//! ```
//!
//! and one that panics ends with `loop panicked at: Sun Aug 13 19:14:30 2006: message`.
//!
//! * Lines: [`init`], or [`Setup`] for other forms, places and filters. They come from [`Lines`], a layer of `tracing-subscriber`
//!   over the [events](threadwork_core::events) that the core emits, so they compose with any other layer,
//!   and any other subscriber sees the same events.
//! * What is everybody doing? [`dump`](dump()), on request by a signal ([`dump_on_quit`]) on a panic ([`dump_on_panic`])
//!   or where a program cannot end ([`print_dump`]).
//!   Another program gets it from a [`DumpServer`]; `threadwork-top` makes a live table of that.
//! * Where does it wait? `Contention` counts how often each named lock is acquired, waited for and held; `watch_lock_order` finds locks that are
//!   acquired in different orders, before anything hangs. Both need the feature `lock_probe`, which costs every lock a load.
//! * Where does the time go? A [`Timeline`] records what threads do and for whom they wait, and writes a chart of it.
//! * Why does it hang? [`find_deadlocks`]; [`Watchdog`] looks all the time, also for what takes too long.
//!
//! Nothing here has to be switched on before a program hangs: what is shown is recorded anyway.

#![forbid(unsafe_code)]

mod words;
mod mutex;
mod names;
mod lines;
mod deadlock;
mod dump;
mod watchdog;
mod timeline;
#[cfg(feature = "lock_probe")]
mod locks;
#[cfg(feature = "metrics")]
mod metrics;

pub use crate::{
    deadlock::{Deadlock, DeadlockEdge, find_deadlocks},
    dump::{
        Dump, DumpServer, DumpServerError, DumpServerGuard, GroupDump, OtherDump, ReaderDump,
        SignalError, StateDump, ThreadDump, WaitDump, dump, dump_on_panic, dump_on_quit,
        dump_on_signal, print_dump,
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
