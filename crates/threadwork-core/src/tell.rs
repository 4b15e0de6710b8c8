//! The observers of a thread's life: subscribers of `tracing`, hooks, and the handlers of panics and failures.

mod elapsed;
pub mod events;
pub(crate) mod hooks;
pub(crate) mod handling;
pub(crate) mod excepthook;
pub(crate) mod failure_handler;
