//! What the tests of several crates of Threadwork share.
//!
//! This crate depends on no other crate of Threadwork, so each of them can have it as a dev-dependency without a second copy of itself.
//! It is published so that the tests in their packages can be run. It is covered by no promise of stability: nothing else should use it.

#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
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

pub mod child;
pub mod program;
