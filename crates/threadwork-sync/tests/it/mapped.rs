//! Guards of a part of the value.

use std::panic::{AssertUnwindSafe, catch_unwind};

use threadwork_sync::{Lock, LockGuard, get_ident};

#[test]
fn a_mapped_guard_holds_the_lock_until_it_ends() {
    let pair = Lock::new((1, "one"));
    let mut part = LockGuard::map(pair.acquire(), |pair| &mut pair.0);
    *part = 2;
    assert_eq!(pair.holder(), Some(get_ident()));
    assert_eq!(format!("{part:?}"), "2");
    drop(part);
    assert_eq!(*pair.try_acquire().unwrap(), (2, "one"));
}

#[test]
fn a_filter_without_a_part_gives_the_guard_back() {
    let items = Lock::new(vec![1]);
    let guard = LockGuard::try_map(items.acquire(), |items| items.get_mut(1)).unwrap_err();
    assert!(items.is_locked());
    let part = LockGuard::try_map(guard, |items| items.get_mut(0)).unwrap();
    assert_eq!(*part, 1);
    drop(part);
    assert!(!items.is_locked());
}

#[test]
fn a_panic_in_the_choice_releases_the_lock() {
    let lock = Lock::new(1);
    let choice = || LockGuard::map(lock.acquire(), |_| -> &mut u8 { panic!("no part") });
    assert!(catch_unwind(AssertUnwindSafe(|| drop(choice()))).is_err());
    assert!(!lock.is_locked());
}
