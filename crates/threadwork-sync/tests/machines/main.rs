//! Compares every object with a simple model of it: random programs, with timeouts and stops, in which several calls run at the same time.
//!
//! `PROPTEST_CASES` is the number of programs that each test plays.
#![cfg(not(threadwork_loom))]

mod model;
mod world;
mod actors;
mod play;

mod monitor;

mod barrier;
mod event;
mod guards;
mod latch;
mod queue;
mod raw_condition;
mod raw_locks;
mod rwlock;
mod semaphore;
