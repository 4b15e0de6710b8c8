//! A thread forks while other threads use every object all the time, and each child uses every object.
//!
//! This runs in its own process, which uses this crate alone.
//! Scenario "the waiters that are not there" in docs/architecture.md.

#[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
mod objects;
#[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
mod storm;

fn main() {
    #[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
    storm::main();
}
