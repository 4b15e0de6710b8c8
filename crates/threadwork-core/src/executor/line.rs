//! The line between those who submit jobs and the workers who run them.
//!
//! Its parts name nothing of this crate, so the models of the crate below explore them too (`tests/loom/executor.rs` there).

mod lanes;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod line;

pub(super) use self::line::{Line, Next, Put, Seat};
