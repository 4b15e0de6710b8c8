//! The claims of CPython's `lock_tests.py` (3.14), class by class: written independently from the claims; each test names its original.
//!
//! All 61 methods that make sense outside the interpreter are here. Left out are four of its 65:
//!
//! * `BaseLockTests.test_weakref_exists`, `test_weakref_deleted`: a lock is not an interpreter object and has no weak references.
//! * `LockTests.test_at_fork_reinit`, `EventTests.test_at_fork_reinit`: objects here have no method to initialise them again in a forked child.
//!
//! `BaseLockTests` runs for both raw locks, `BaseSemaphoreTests` for both semaphores; `ConditionTests` has the raw condition, whose lock is its own.
//! Tests that use real time are in `timeouts`. A line `DIFFERENCE` says where this library differs from Python. These differences apply to all:
//!
//! * An argument that Python refuses at run time (a negative number of permits, a negative timeout, a timeout for a poll) cannot be written.
//! * A timeout that is too long for the clock means no timeout; Python raises `OverflowError`.
//! * The number of a semaphore's permits and of a barrier's parties is always given.
//! * `repr` is `Debug`, and shows fields.

mod barrier;
mod condition;
mod event;
mod iterators;
mod lock;
mod queue;
mod rlock;
mod semaphore;
mod timeouts;
