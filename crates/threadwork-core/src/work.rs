//! The work of threads: runnables, prototypes and calls.

pub(crate) mod type_name;
mod ending;
mod runnable;
mod prototype;
mod call;
mod fallible;
mod with_args;

pub(crate) use self::runnable::Nothing;
pub use self::{
    call::{Call, Callable},
    ending::Ending,
    fallible::Fallible,
    prototype::Prototype,
    runnable::Runnable,
    with_args::WithArgs,
};
