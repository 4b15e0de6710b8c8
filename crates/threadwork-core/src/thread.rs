//! Threads as objects: built, started, joined.

mod builder;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod thread;
mod my_thread;
mod make;

pub use self::{
    builder::Builder,
    my_thread::{MyThread, ResultWait},
    thread::Thread,
};
