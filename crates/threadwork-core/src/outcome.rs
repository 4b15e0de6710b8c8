//! How threads end: failures and outcomes, and the handlers for them.

mod failure;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod outcome;
mod handlers;

pub(crate) use self::handlers::{Handler, Handlers};
pub use self::{failure::Failure, outcome::Outcome};
