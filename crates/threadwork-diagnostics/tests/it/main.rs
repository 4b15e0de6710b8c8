//! The tests of what this crate promises.
//!
//! Whatever needs a subscriber for the whole program, or reads standard output, is a [`Program`](program::Program):
//! the test runs its own executable once more, with itself as the only test, and in that process the closure given to
//! `Program::new` runs and the process exits. So every case is a test like any other, with the program beside what it claims of it,
//! and standard output is clean: what the test harness prints comes before a mark, and after the closure it prints nothing.

use threadwork_test_support::{child, ctime, program};

mod browser;

mod closed;
mod deadlocks;
mod deadlocks_any;
mod deadlocks_executors;
mod deadlocks_found;
mod deadlocks_rwlock;
mod dump;
mod dump_odd;
mod dump_server;
mod elsewhere;
mod faults;
mod forks;
mod init;
mod layers;
mod lines;
mod many;
mod no_false_reports;
mod on_request;
mod refused;
mod setup;
mod timeline;
mod timeline_elsewhere;
mod timeline_page;
mod timeline_rows;
mod timers;
mod watchdog;
mod zones;
