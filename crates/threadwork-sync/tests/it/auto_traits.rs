//! `Send`, `Sync`, `UnwindSafe` and `RefUnwindSafe` of the public types, checked at compile time.

use std::{
    cell::Cell,
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
    sync::MutexGuard,
};

use threadwork_sync::{
    Deadline, Event, Lock, LockGuard, RawLock, ReleaseError, StopCallback, StopSource, StopToken,
    Wait, WaitError, WaitKind, Waiting, internal::door::Subject,
};
use threadwork_test_support::assert_lacks;

pub(crate) const fn assert_send<T: ?Sized + Send>() {}
pub(crate) const fn assert_sync<T: ?Sized + Sync>() {}
pub(crate) const fn assert_unwind_safe<T: ?Sized + UnwindSafe + RefUnwindSafe>() {}
pub(crate) const fn assert_all<T: Send + Sync + UnwindSafe + RefUnwindSafe + Unpin + 'static>() {}
/// The error has something to own.
pub(crate) const fn assert_owning_error<T: std::error::Error + Clone + Eq + std::hash::Hash>() {}

pub(crate) const fn assert_error<T: std::error::Error + Copy + Eq + std::hash::Hash>() {}

#[test]
fn types_without_a_user_value_have_all_auto_traits() {
    const {
        assert_all::<Deadline>();
        assert_all::<Event>();
        assert_all::<RawLock>();
        assert_all::<ReleaseError>();
        assert_all::<StopCallback>();
        assert_all::<StopSource>();
        assert_all::<StopToken>();
        assert_all::<Subject>();
        assert_all::<Wait>();
        assert_all::<WaitError>();
        assert_all::<WaitKind>();
        assert_all::<Waiting>();
    }
}

#[test]
fn errors_are_small_values() {
    const {
        assert_error::<ReleaseError>();
        assert_error::<WaitError>();
    }
}

#[test]
fn a_lock_is_sync_if_its_value_is_send() {
    const {
        assert_all::<Lock<u8>>();
        // One thread at a time uses the value, so it need not be `Sync`.
        assert_send::<Lock<Cell<u8>>>();
        assert_sync::<Lock<Cell<u8>>>();
        assert_sync::<Lock<dyn FnMut() + Send>>();
    }
}
assert_lacks!(Lock<Rc<u8>>: Send);
assert_lacks!(Lock<Rc<u8>>: Sync);
// `Sync` alone is not enough: a thread that acquires the lock could take the value out.
assert_lacks!(Lock<MutexGuard<'static, u8>>: Send);
assert_lacks!(Lock<MutexGuard<'static, u8>>: Sync);

#[test]
fn a_lock_is_unwind_safe_whatever_it_guards() {
    const {
        assert_unwind_safe::<Lock<Cell<u8>>>();
        assert_unwind_safe::<Lock<&'static mut u8>>();
        assert_unwind_safe::<Lock<dyn FnMut()>>();
    }
}

#[test]
fn a_guard_is_sync_if_its_value_is() {
    const {
        assert_sync::<LockGuard<'static, u8>>();
        assert_sync::<LockGuard<'static, str>>();
        assert_unwind_safe::<LockGuard<'static, u8>>();
    }
}
assert_lacks!(LockGuard<'static, Cell<u8>>: Sync);

// A guard is not `Send`.
assert_lacks!(LockGuard<'static, u8>: Send);
assert_lacks!(LockGuard<'static, ()>: Send);
assert_lacks!(LockGuard<'static, u8>: Clone);

// Waiters find a lock or an event by its address, so it cannot be cloned.
assert_lacks!(Event: Clone);
assert_lacks!(Lock<u8>: Clone);
assert_lacks!(RawLock: Clone);
