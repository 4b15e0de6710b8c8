//! Compiles and runs the programs in the pages of `docs/` and in the README. The tests compare what they print with what the pages show.

#![forbid(unsafe_code)]

pub mod pages;
