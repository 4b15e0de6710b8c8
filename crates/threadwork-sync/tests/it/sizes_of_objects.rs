//! The sizes of the larger objects that the documentation promises.
#![cfg(target_pointer_width = "64")]

use std::mem::size_of;

use threadwork_sync::{
    Barrier, BoundedSemaphore, BrokenBarrierError, Condition, Deadline, Latch, MappedLockGuard,
    NotHolderError, RLock, RLockGuard, RawCondition, RawLock, RawRLock, ReleaseError, RwLock,
    RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, Semaphore, SemaphorePermit,
    StopCallback, StopSource, StopToken, Wait,
};

#[test]
fn a_re_entrant_lock_takes_32_bytes_beside_its_value() {
    assert_eq!(size_of::<RawRLock>(), 40);
    assert_eq!(size_of::<RLock<()>>(), 40);
    assert_eq!(size_of::<RLock<u64>>(), 40 + 8);
}

#[test]
fn a_condition_a_read_write_lock_and_a_latch_take_24_bytes() {
    assert_eq!(size_of::<Condition>(), 24);
    assert_eq!(size_of::<RwLock<()>>(), 24);
    assert_eq!(size_of::<RwLock<u64>>(), 24 + 8);
    assert_eq!(size_of::<Latch>(), 24);
}

#[test]
fn a_semaphore_bounded_or_not_takes_32_bytes_and_a_barrier_80() {
    assert_eq!(size_of::<Semaphore>(), 32);
    assert_eq!(size_of::<BoundedSemaphore>(), 32);
    assert_eq!(size_of::<Barrier>(), 80);
}

#[test]
fn waits_and_stop_types_are_small() {
    assert_eq!(size_of::<Deadline>(), 16);
    assert_eq!(size_of::<Wait>(), 24);
    assert_eq!(size_of::<StopSource>(), 8);
    assert_eq!(size_of::<StopToken>(), 8);
    assert_eq!(size_of::<StopCallback>(), 24);
}

#[test]
fn a_raw_condition_is_a_condition_and_a_lock() {
    assert_eq!(size_of::<RawCondition>(), 24 + 40);
    assert_eq!(size_of::<RawCondition<RawLock>>(), 24 + 24);
    assert_eq!(size_of::<RawCondition<&RawLock>>(), 24 + 8);
}

#[test]
fn a_guard_is_a_reference() {
    assert_eq!(size_of::<Option<RLockGuard<'_, u64>>>(), size_of::<&u64>());
    assert_eq!(size_of::<Option<RwLockReadGuard<'_, u64>>>(), size_of::<&u64>());
    assert_eq!(size_of::<Option<RwLockWriteGuard<'_, u64>>>(), size_of::<&u64>());
    assert_eq!(size_of::<Option<RwLockUpgradableGuard<'_, u64>>>(), size_of::<&u64>());
}

#[test]
fn permits_and_a_mapped_guard_have_the_documented_sizes() {
    assert_eq!(size_of::<SemaphorePermit<'_>>(), 24);
    assert_eq!(size_of::<MappedLockGuard<'_, u64>>(), 16);
}

#[test]
fn errors_take_at_most_a_byte_except_that_of_a_barrier_with_its_failure() {
    assert_eq!(size_of::<Result<(), BrokenBarrierError>>(), 16);
    assert_eq!(size_of::<Result<(), NotHolderError>>(), 1);
    assert_eq!(size_of::<Result<(), ReleaseError>>(), 1);
}
