//! What CPython's tests of `concurrent.futures` claim (`Lib/test/test_concurrent_futures`), as far as it can be said here.
//!
//! Each test has the name of the original. `DIFFERENCE` marks what is not the same here.

mod as_completed;
mod map;
mod wait;
