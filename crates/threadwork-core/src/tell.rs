//! The observers of a thread's life: subscribers of `tracing`, hooks, the handlers of panics and failures, and the memory of those.

mod elapsed;
pub mod events;
pub(crate) mod hooks;
pub(crate) mod handling;
pub(crate) mod excepthook;
pub(crate) mod failure_handler;
pub(crate) mod faults;
