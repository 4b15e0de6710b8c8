//! Shared by the tests of several crates of Threadwork.
//!
//! This crate depends on no other crate of Threadwork, so each of them can have it as a dev-dependency without a second copy of itself.
//! The white-box tests in `src` do not use it: they are in the published packages, and this crate is not published.

#![deny(unsafe_code)]
#![expect(clippy::missing_panics_doc, reason = "tests fail with a panic")]
#![expect(
    clippy::must_use_candidate,
    reason = "a test may only need that a program runs to its end"
)]

pub mod chance;
pub mod ctime;
pub mod lacks;
pub mod patience;
pub mod tasks;
pub mod texts;

#[expect(unsafe_code, reason = "a global allocator is unsafe to implement")]
pub mod heap;
#[cfg(unix)]
#[expect(unsafe_code, reason = "it calls the C library")]
pub mod room;

pub mod child;
pub mod program;
