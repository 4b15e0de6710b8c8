//! The tests of what is here only because the crates are put together, and of rules that a machine can check.

mod source;
mod paths;
mod arrows;

mod prelude;
mod reexports;
mod tidy;
