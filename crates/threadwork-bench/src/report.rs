//! The page `docs/benchmarks.md`, made by one command.

mod machine;
mod table;
mod plot;
mod section;
mod page;

pub use self::page::{skeleton, write};
