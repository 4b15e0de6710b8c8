//! What of the larger objects may cross a thread boundary or an unwinding, pinned at compile time.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, MutexGuard},
};

use crate::auto_traits::{assert_all, assert_error, assert_send, assert_sync, assert_unwind_safe};
use threadwork_sync::{
    Barrier, BarrierWaitResult, BoundedSemaphore, BrokenBarrierError, BrokenReason, Condition,
    CurrentIdent, Latch, MappedLockGuard, NotHolderError, RLock, RLockGuard, RawCondition, RawLock,
    RawRLock, RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, Semaphore,
    SemaphorePermit,
};
use threadwork_test_support::assert_lacks;

#[test]
fn whatever_holds_no_value_of_the_user_can_go_everywhere() {
    const {
        assert_all::<Barrier>();
        assert_all::<BarrierWaitResult>();
        assert_all::<BoundedSemaphore>();
        assert_all::<BrokenBarrierError>();
        assert_all::<BrokenReason>();
        assert_all::<Condition>();
        assert_all::<CurrentIdent>();
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
        assert_error::<BrokenBarrierError>();
        assert_error::<NotHolderError>();
    }
}

#[test]
fn a_permit_may_go_to_another_thread() {
    const { assert_all::<SemaphorePermit<'static>>() }
}
assert_lacks!(SemaphorePermit<'static>: Clone);

#[test]
fn a_re_entrant_lock_is_shared_if_its_value_can_be_sent() {
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
fn a_read_write_lock_is_shared_if_its_value_can_be_sent_and_shared() {
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
// Many read at a time, so the value has to be `Sync`, too.
assert_lacks!(RwLock<Cell<u8>>: Sync);
assert_lacks!(RwLock<Rc<u8>>: Send);
assert_lacks!(RwLock<Rc<u8>>: Sync);
// A writer in another thread is as good as sending.
assert_lacks!(RwLock<MutexGuard<'static, u8>>: Sync);

// A guard is shared if its value is.
assert_lacks!(RLockGuard<'static, Cell<u8>>: Sync);
assert_lacks!(RwLockReadGuard<'static, Cell<u8>>: Sync);
assert_lacks!(RwLockWriteGuard<'static, Cell<u8>>: Sync);
assert_lacks!(RwLockUpgradableGuard<'static, Cell<u8>>: Sync);

// A guard stays in its thread.
assert_lacks!(RLockGuard<'static, u8>: Send);
assert_lacks!(RwLockReadGuard<'static, u8>: Send);
assert_lacks!(RwLockWriteGuard<'static, u8>: Send);
assert_lacks!(RwLockUpgradableGuard<'static, u8>: Send);
assert_lacks!(RwLockReadGuard<'static, u8>: Clone);

// What is waited for is an address, so there is one of it.
assert_lacks!(Barrier: Clone);
assert_lacks!(Condition: Clone);
assert_lacks!(Latch: Clone);
assert_lacks!(RawRLock: Clone);
assert_lacks!(Semaphore: Clone);

#[test]
fn a_mapped_guard_stays_in_its_thread_and_is_shared_if_its_part_is() {
    const { assert_sync::<MappedLockGuard<'static, u8>>() }
}

assert_lacks!(MappedLockGuard<'static, u8>: Send);
assert_lacks!(MappedLockGuard<'static, Cell<u8>>: Sync);
