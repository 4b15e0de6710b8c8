//! The examples, run as programs: what they print, line by line.

use threadwork_test_support::{child, ctime};

mod example;

mod beside;
mod downloads;
mod dump;
mod dump_server;
mod exit;
mod failure;
mod groups;
mod hooks;
mod list;
mod local;
mod mtsleep;
mod my_thread;
mod runnable;
mod scope;
mod service;
mod sharing;
mod stopping;
mod supervisor;
mod timeline;
mod timer;
mod tracing;
mod word_count;
