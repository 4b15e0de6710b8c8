//! Tests of what the facade adds to the crates, and of rules that a machine can check.

mod source;
mod crates;
mod paths;
mod rooms;
mod arrows;
mod sizes;

mod prelude;
mod python_names;
mod reexports;
mod limits;
mod tidy;
