//! Looking at running threads, for Threadwork: the printed lines.
//!
//! After [`init`], a thread named `loop` prints on standard output
//!
//! ```text
//! starting loop at: Sun Aug 13 19:14:26 2006
//! loop finished at: Sun Aug 13 19:14:30 2006
//! ```
//!
//! and one that panics ends with `loop panicked at: Sun Aug 13 19:14:30 2006: message`.
//! The lines come from [`Lines`], a layer of `tracing-subscriber` over the events that the core emits,
//! so they compose with any other layer, and any other subscriber sees the same events.

#![forbid(unsafe_code)]

mod ctime;
mod lines;
mod init;
mod names;
mod deadlock;
mod dump;
mod on_request;
mod watchdog;

pub use crate::{
    ctime::ctime,
    deadlock::{Deadlock, DeadlockEdge, find_deadlocks},
    dump::{Dump, GroupDump, OtherDump, ThreadDump, WaitDump, dump},
    init::{InitError, init},
    lines::Lines,
    on_request::{SignalError, dump_on_panic, dump_on_quit, dump_on_signal},
    watchdog::{Sighting, Watchdog, WatchdogGuard},
};
