//! The tests of what this crate promises. Races are tested by `tests/loom.rs`, real time by `timeouts`, `timeouts_of_objects` and `cpython::timeouts` alone.
#![cfg(not(threadwork_loom))]

mod support;
mod objects;

mod any;
mod auto_traits;
mod auto_traits_of_objects;
mod barrier;
mod barrier_action;
mod barrier_broken;
mod bounded_semaphore;
mod condition;
mod condition_misuse;
mod cpython;
mod error_texts;
mod event;
mod fairness;
mod ident;
mod in_waits;
mod iterators;
mod latch;
mod lines;
#[cfg(feature = "lock_probe")]
mod lines_told;
mod lock;
#[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
mod lock_api;
mod mapped;
mod payloads;
mod predicates;
mod queues;
mod raw_condition;
mod raw_lock;
mod rlock;
mod rlock_levels;
mod rwlock;
mod rwlock_upgrade;
mod semaphore;
mod semaphore_chance;
mod sizes;
mod sizes_of_objects;
mod stop;
mod stop_callback;
mod stop_families;
mod tasks;
mod tasks_of_locks;
mod tasks_of_semaphores;
mod thread_locals;
mod thread_locals_of_objects;
mod timeouts;
mod timeouts_of_objects;
mod wait;
mod waits;
mod waits_of_objects;
mod waits_readers;
mod wakers;
