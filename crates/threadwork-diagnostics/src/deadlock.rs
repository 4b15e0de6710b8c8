//! Deadlocks: threads that wait for each other in a circle.

mod report;
mod circles;
mod find;

pub(crate) use self::find::find_after;
pub use self::{
    find::find_deadlocks,
    report::{Deadlock, DeadlockEdge},
};
