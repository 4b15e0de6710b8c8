//! The observers of a thread's life: subscribers of `tracing`, hooks, and panic handlers.

mod elapsed;
pub mod events;
pub(crate) mod hooks;
pub(crate) mod excepthook;
