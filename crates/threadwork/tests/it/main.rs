//! What the facade adds to the crates below it.

mod prelude;
mod reexports;
