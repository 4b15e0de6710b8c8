//! How threads end: failures and outcomes.

mod failure;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod outcome;

pub use self::{failure::Failure, outcome::Outcome};
