//! Results that are on their way.

mod promise;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod task;
mod future;

pub(crate) use self::promise::Promise;
pub use self::{
    future::{TaskFuture, TaskWait},
    task::Task,
};
