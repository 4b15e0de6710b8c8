//! The sizes that the documentation promises.
#![cfg(target_pointer_width = "64")]

use std::mem::size_of;

use threadwork_sync::{Event, Lock, LockGuard, RawLock, WaitError};

#[test]
fn a_lock_takes_24_bytes_beside_its_value() {
    assert_eq!(size_of::<RawLock>(), 24);
    assert_eq!(size_of::<Lock<()>>(), 24);
    assert_eq!(size_of::<Lock<u64>>(), 24 + 8);
}

#[test]
fn an_event_takes_24_bytes() {
    assert_eq!(size_of::<Event>(), 24);
}

#[test]
fn a_guard_is_a_reference() {
    assert_eq!(size_of::<LockGuard<'_, u64>>(), size_of::<&u64>());
    assert_eq!(size_of::<Option<LockGuard<'_, u64>>>(), size_of::<&u64>());
    assert_eq!(size_of::<Result<(), WaitError>>(), 1);
}
