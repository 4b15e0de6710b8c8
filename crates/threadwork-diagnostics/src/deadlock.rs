//! Deadlocks: threads that wait for each other, so that none goes on.

mod report;
mod circles;
mod graph;
mod find;

pub(crate) use self::find::find_after;
pub use self::{
    find::find_deadlocks,
    report::{Deadlock, DeadlockEdge},
};
