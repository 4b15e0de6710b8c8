//! `Send`, `Sync`, `UnwindSafe` and `RefUnwindSafe` of the larger objects, checked at compile time.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, MutexGuard},
};

use crate::auto_traits::{
    assert_all, assert_error, assert_owning_error, assert_send, assert_sync, assert_unwind_safe,
};
use threadwork_sync::{
    Barrier, BarrierWaitResult, BoundedSemaphore, BrokenBarrierError, BrokenReason, Condition,
    Latch, MappedLockGuard, NotHolderError, RLock, RLockGuard, RawCondition, RawLock, RawRLock,
    RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, Semaphore, SemaphorePermit,
};
use threadwork_test_support::assert_lacks;

#[test]
fn types_without_a_user_value_have_all_auto_traits() {
    const {
        assert_all::<Barrier>();
        assert_all::<BarrierWaitResult>();
        assert_all::<BoundedSemaphore>();
        assert_all::<BrokenBarrierError>();
        assert_all::<BrokenReason>();
        assert_all::<Condition>();
        assert_all::<Latch>();
        assert_all::<NotHolderError>();
        assert_all::<RawCondition>();
        assert_all::<RawCondition<RawLock>>();
        assert_all::<RawCondition<Arc<RawRLock>>>();
        assert_all::<RawCondition<&'static RawLock>>();
        assert_all::<RawRLock>();
        assert_all::<Semaphore>();
    }
}

#[test]
fn errors_are_small_values() {
    const {
        assert_owning_error::<BrokenBarrierError>();
        assert_error::<NotHolderError>();
    }
}

#[test]
fn a_permit_is_send() {
    const { assert_all::<SemaphorePermit<'static>>() }
}
assert_lacks!(SemaphorePermit<'static>: Clone);

#[test]
fn a_re_entrant_lock_is_sync_if_its_value_is_send() {
    const {
        assert_all::<RLock<u8>>();
        assert_send::<RLock<Cell<u8>>>();
        assert_sync::<RLock<Cell<u8>>>();
        assert_unwind_safe::<RLock<Cell<u8>>>();
        assert_unwind_safe::<RLock<&'static mut u8>>();
        assert_sync::<RLockGuard<'static, u8>>();
    }
}
assert_lacks!(RLock<Rc<u8>>: Send);
assert_lacks!(RLock<Rc<u8>>: Sync);
assert_lacks!(RLock<MutexGuard<'static, u8>>: Sync);

#[test]
fn a_read_write_lock_is_sync_if_its_value_is_send_and_sync() {
    const {
        assert_all::<RwLock<u8>>();
        assert_send::<RwLock<Cell<u8>>>();
        assert_unwind_safe::<RwLock<Cell<u8>>>();
        assert_unwind_safe::<RwLock<&'static mut u8>>();
        assert_sync::<RwLockReadGuard<'static, u8>>();
        assert_sync::<RwLockWriteGuard<'static, u8>>();
        assert_sync::<RwLockUpgradableGuard<'static, u8>>();
    }
}
// Several threads read at a time, so the value must be `Sync` too.
assert_lacks!(RwLock<Cell<u8>>: Sync);
assert_lacks!(RwLock<Rc<u8>>: Send);
assert_lacks!(RwLock<Rc<u8>>: Sync);
// A writer in another thread could take the value out, so the value must be `Send`.
assert_lacks!(RwLock<MutexGuard<'static, u8>>: Sync);

// A guard is `Sync` if its value is.
assert_lacks!(RLockGuard<'static, Cell<u8>>: Sync);
assert_lacks!(RwLockReadGuard<'static, Cell<u8>>: Sync);
assert_lacks!(RwLockWriteGuard<'static, Cell<u8>>: Sync);
assert_lacks!(RwLockUpgradableGuard<'static, Cell<u8>>: Sync);

// A guard is not `Send`.
assert_lacks!(RLockGuard<'static, u8>: Send);
assert_lacks!(RwLockReadGuard<'static, u8>: Send);
assert_lacks!(RwLockWriteGuard<'static, u8>: Send);
assert_lacks!(RwLockUpgradableGuard<'static, u8>: Send);
assert_lacks!(RwLockReadGuard<'static, u8>: Clone);

// Waiters find an object by its address, so it cannot be cloned.
assert_lacks!(Barrier: Clone);
assert_lacks!(Condition: Clone);
assert_lacks!(Latch: Clone);
assert_lacks!(RawRLock: Clone);
assert_lacks!(Semaphore: Clone);

#[test]
fn a_mapped_guard_is_not_send_and_is_sync_if_its_part_is() {
    const { assert_sync::<MappedLockGuard<'static, u8>>() }
}

assert_lacks!(MappedLockGuard<'static, u8>: Send);
assert_lacks!(MappedLockGuard<'static, Cell<u8>>: Sync);
