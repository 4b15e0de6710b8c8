//! What CPython's `lock_tests.py` (3.14) claims, class by class: written anew from the claims, each test names its original.
//!
//! All 61 methods that make sense outside the interpreter are here. Left out are four of its 65:
//!
//! * `BaseLockTests.test_weakref_exists`, `test_weakref_deleted`: a lock is no object of an interpreter, to which a reference could be weak.
//! * `LockTests.test_at_fork_reinit`, `EventTests.test_at_fork_reinit`: nothing here is made to go on in a forked child.
//!
//! `BaseLockTests` runs for both raw locks, `BaseSemaphoreTests` for both semaphores; `ConditionTests` has the raw condition, whose lock is its own.
//! What lets time pass is in `timeouts`. A line `DIFFERENCE` says where this library does not do as Python does; these are in all:
//!
//! * An argument that Python refuses at run time (a negative number of permits, a negative timeout, a timeout for a poll) cannot be written.
//! * A timeout too long for the clock is none, where Python raises `OverflowError`.
//! * The number of a semaphore's permits and of a barrier's parties is always given.
//! * `repr` is `Debug`, and shows fields.

mod barrier;
mod condition;
mod event;
mod lock;
mod rlock;
mod semaphore;
mod timeouts;
