//! A guard that a thread keeps although it ends, in an operating system thread that is used again.

use std::cell::RefCell;

use threadwork_core::{Thread, ThreadHandle};
use threadwork_sync::{Lock, LockGuard, RwLock, RwLockReadGuard, get_native_id};

use crate::{
    recycled::run,
    support::{PATIENCE, join},
};

const STACK: usize = 320 * 1024;

/// Checks that the operating system's thread, which keeps a guard, is not used again.
#[track_caller]
fn check_not_used_again(stack_size: usize, keeps: &ThreadHandle) {
    join(keeps).unwrap();
    let next = Thread::builder().stack_size(stack_size).recycled(true);
    let next = next.spawn_my_thread(get_native_id).unwrap();
    run(&next);
    assert_ne!(next.into_result().unwrap(), keeps.native_id());
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn an_operating_system_thread_that_keeps_a_guard_is_not_used_again() {
    static LOCK: Lock<()> = Lock::named("kept", ());
    thread_local! {
        static KEPT: RefCell<Option<LockGuard<'static, ()>>> = const { RefCell::new(None) };
    }
    if !cfg!(debug_assertions) {
        // Guards are not counted.
        return;
    }
    let builder = Thread::builder().stack_size(STACK).recycled(true);
    let keeps = builder.spawn(|| KEPT.set(Some(LOCK.acquire()))).unwrap();
    check_not_used_again(STACK, &keeps);
    let guard = LOCK.acquire_timeout(PATIENCE);
    assert!(guard.is_ok(), "the end of the operating system's thread has released the lock");
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn an_operating_system_thread_that_keeps_a_read_is_not_used_again() {
    static LOCK: RwLock<()> = RwLock::named("kept for reading", ());
    thread_local! {
        static KEPT: RefCell<Option<RwLockReadGuard<'static, ()>>> = const { RefCell::new(None) };
    }
    let builder = Thread::builder().stack_size(STACK + 4096).recycled(true);
    let keeps = builder.spawn(|| KEPT.set(Some(LOCK.read()))).unwrap();
    check_not_used_again(STACK + 4096, &keeps);
    assert!(LOCK.write_timeout(PATIENCE).is_ok());
}

#[test]
fn guards_of_every_kind_that_are_dropped_are_not_kept() {
    use threadwork_sync::{Condition, RLock, RwLockUpgradableGuard, RwLockWriteGuard};
    let uses = || {
        let (lock, rlock, rwlock) = (Lock::new((1, 2)), RLock::new(1), RwLock::new(1));
        let mapped = LockGuard::map(lock.acquire(), |it| &mut it.0);
        assert_eq!(*mapped, 1);
        drop(mapped);
        assert!(LockGuard::try_map(lock.acquire(), |_| None::<&mut u32>).is_err());
        drop((rlock.acquire(), rlock.acquire()));
        drop(RwLockWriteGuard::downgrade(rwlock.write()));
        drop(RwLockUpgradableGuard::downgrade(rwlock.upgradable_read()));
        let writes = RwLockUpgradableGuard::upgrade(rwlock.upgradable_read());
        drop(RwLockWriteGuard::downgrade(writes));
        let condition = Condition::new();
        let mut guard = lock.acquire();
        let wait = std::time::Duration::from_millis(1);
        let _ = condition.wait_timeout(&mut guard, wait);
    };
    let builder = Thread::builder().stack_size(STACK + 8192).recycled(true);
    for _ in 0..2 {
        let thread = builder.clone().spawn(uses).unwrap();
        run(&thread);
    }
}
