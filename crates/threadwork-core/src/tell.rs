//! Who is told of a thread's life: subscribers, hooks, handlers of panics.

mod elapsed;
pub mod events;
pub(crate) mod hooks;
pub(crate) mod excepthook;
