//! The work of threads: runnables, prototypes and calls.

pub(crate) mod type_name;
mod runnable;
mod prototype;
mod call;

pub(crate) use self::runnable::Nothing;
pub use self::{
    call::{Call, Callable},
    prototype::Prototype,
    runnable::Runnable,
};
