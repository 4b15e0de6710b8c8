//! The tests of what this crate promises. Races are tested by `tests/loom.rs`, real time by `timeouts` alone.
#![cfg(not(threadwork_loom))]

mod support;

mod auto_traits;
mod event;
mod ident;
mod lock;
mod raw_lock;
mod sizes;
mod stop;
mod stop_callback;
mod thread_locals;
mod timeouts;
mod wait;
mod waits;
