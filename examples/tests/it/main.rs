//! The examples, run as programs: what they print, line by line.

// The same helpers as those of the lines that threads print; neither is part of a published library.
#[path = "../../../crates/threadwork-diagnostics/tests/it/child.rs"]
mod child;
#[path = "../../../crates/threadwork-diagnostics/tests/it/ctime.rs"]
mod ctime;
mod example;

mod dump;
mod exit;
mod groups;
mod hooks;
mod local;
mod mtsleep;
mod my_thread;
mod runnable;
mod scope;
mod stopping;
mod supervisor;
mod timeline;
mod timer;
