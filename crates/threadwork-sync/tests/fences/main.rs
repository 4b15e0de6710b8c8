//! What the system does for locks that are freed by a store: the switch, forks, shared memory, and a system that refuses the fence.
//!
//! Each program runs in a process of its own, because a process asks the system once.
//! Scenario "the lock that is freed by a store" in docs/architecture.md.
#![cfg(not(threadwork_loom))]

mod contention;
mod meeting;
mod mode;
mod switch;
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
mod children;
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
mod sandbox;
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
mod system;
