//! The examples, run as programs: what they print, line by line.

use threadwork_test_support::{child, ctime};

mod example;

mod dump;
mod exit;
mod failure;
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
mod word_count;
