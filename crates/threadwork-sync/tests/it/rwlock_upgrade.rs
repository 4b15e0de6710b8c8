//! `RwLock`: upgrades; panics, names and values.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::{
    RwLock, RwLockUpgradableGuard, RwLockWriteGuard, StopSource, WaitError, WaitKind, get_ident,
};

use crate::{
    objects::{start_waiting, stopped, until},
    support::Helper,
};

#[test]
fn an_upgradable_read_without_other_readers_becomes_a_write() {
    let lock = RwLock::new(1);
    for form in 0..4 {
        let guard = lock.upgradable_read();
        assert_eq!((lock.n_readers(), lock.writer()), (1, None));
        let mut guard = match form {
            0 => RwLockUpgradableGuard::upgrade(guard),
            1 => RwLockUpgradableGuard::try_upgrade(guard).unwrap(),
            2 => RwLockUpgradableGuard::upgrade_timeout(guard, Duration::ZERO).unwrap(),
            _ => RwLockUpgradableGuard::upgrade_with(guard, &stopped()).unwrap(),
        };
        *guard += 1;
        assert_eq!((lock.n_readers(), lock.writer()), (0, Some(get_ident())));
        assert!(lock.try_read().is_none() && lock.try_upgradable_read().is_none());
    }
    assert_eq!((*lock.read(), lock.writer()), (5, None));
}

#[test]
fn an_upgrade_waits_for_the_readers_and_lets_no_new_ones_in() {
    let lock = Arc::new(RwLock::named("prices", 1));
    let reading = [lock.read(), lock.read()];
    let upgrading = {
        let lock = Arc::clone(&lock);
        start_waiting(WaitKind::RwLock, move || {
            let mut guard = RwLockUpgradableGuard::upgrade(lock.upgradable_read());
            assert_eq!((*guard, lock.writer()), (1, Some(get_ident())));
            *guard = 2;
        })
    };
    let record = upgrading.blocked();
    assert_eq!(record.name, Some("prices"));
    assert_eq!(record.holder, None, "the lock does not know its readers");
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    let late = {
        let lock = Arc::clone(&lock);
        start_waiting(WaitKind::RwLock, move || *lock.read())
    };
    let [first, second] = reading;
    drop(first);
    upgrading.blocked();
    assert_eq!((*second, lock.n_readers()), (1, 2));
    drop(second);
    upgrading.join();
    assert_eq!(late.join(), 2, "it read after the write");
    assert!(lock.try_write().is_some());
}

#[test]
fn no_write_comes_between_an_upgradable_read_and_its_upgrade() {
    let lock = Arc::new(RwLock::new(0));
    let guard = lock.upgradable_read();
    let reading = {
        let lock = Arc::clone(&lock);
        let (read, go_on) = (Arc::new(threadwork_sync::Event::new()), Arc::new(StopSource::new()));
        let (has_read, may_go_on) = (Arc::clone(&read), go_on.token());
        let reader = Helper::start(move || {
            let guard = lock.read();
            has_read.set();
            let forever = threadwork_sync::Wait::forever().or_stop(&may_go_on);
            threadwork_sync::Event::new().wait_with(&forever).unwrap_err();
            *guard
        });
        read.wait();
        (reader, go_on)
    };
    let writer = {
        let lock = Arc::clone(&lock);
        start_waiting(WaitKind::RwLock, move || {
            let mut guard = lock.write();
            *guard += 1;
            *guard
        })
    };
    let guard = RwLockUpgradableGuard::try_upgrade(guard).expect_err("another thread reads");
    let (reader, go_on) = reading;
    go_on.request_stop();
    assert_eq!(reader.join(), 0);
    let mut guard = RwLockUpgradableGuard::upgrade(guard);
    assert_eq!(*guard, 0, "the writer that came before is still waiting");
    writer.blocked();
    *guard = 10;
    let guard = RwLockWriteGuard::downgrade(guard);
    assert_eq!(*guard, 10);
    drop(guard);
    assert_eq!(writer.join(), 11);
}

#[test]
fn an_upgrade_that_fails_gives_the_read_back_and_admits_readers() {
    let lock = Arc::new(RwLock::new(1));
    let reading = lock.read();
    let guard = lock.upgradable_read();
    let guard = RwLockUpgradableGuard::try_upgrade(guard).unwrap_err();
    drop(lock.try_read().expect("try_upgrade does not exclude readers"));
    let no_time = RwLockUpgradableGuard::upgrade_timeout(guard, Duration::ZERO);
    let (guard, error) = no_time.unwrap_err();
    assert_eq!((*guard, error), (1, WaitError::TimedOut));
    drop(lock.try_read().expect("a timed-out upgrade no longer excludes readers"));
    let (guard, error) = RwLockUpgradableGuard::upgrade_with(guard, &stopped()).unwrap_err();
    assert_eq!((*guard, error), (1, WaitError::Stopped));
    drop(lock.try_read().expect("a stopped upgrade does not exclude readers"));
    assert_eq!(lock.n_readers(), 2);
    drop(reading);
    *RwLockUpgradableGuard::try_upgrade(guard).unwrap() = 2;
    assert_eq!(*lock.try_write().unwrap(), 2);
}

#[test]
fn readers_behind_an_upgrade_get_the_lock_when_it_is_stopped() {
    let lock = Arc::new(RwLock::new(1));
    let reading = lock.read();
    let stop = StopSource::new();
    let wait = until(&stop);
    let upgrading = {
        let lock = Arc::clone(&lock);
        start_waiting(WaitKind::RwLock, move || {
            let guard = lock.upgradable_read();
            let (guard, error) = RwLockUpgradableGuard::upgrade_with(guard, &wait).unwrap_err();
            (*guard, error)
        })
    };
    let late = [0; 2].map(|_| {
        let lock = Arc::clone(&lock);
        start_waiting(WaitKind::RwLock, move || *lock.read())
    });
    stop.request_stop();
    assert_eq!(upgrading.join(), (1, WaitError::Stopped));
    late.into_iter().for_each(|it| assert_eq!(it.join(), 1));
    assert_eq!(lock.n_readers(), 1);
    drop(reading);
    assert!(lock.try_write().is_some());
}

#[test]
fn a_panic_under_any_guard_releases_the_lock() {
    let lock = RwLock::new(1);
    let panics: [fn(&RwLock<u32>); 4] = [
        |it| {
            let _guard = it.read();
            panic!("on purpose");
        },
        |it| {
            let _guard = it.upgradable_read();
            panic!("on purpose");
        },
        |it| {
            let mut guard = it.write();
            *guard += 1;
            panic!("on purpose");
        },
        |it| {
            let mut guard = RwLockUpgradableGuard::upgrade(it.upgradable_read());
            *guard += 1;
            panic!("on purpose");
        },
    ];
    for panics in panics {
        assert!(catch_unwind(AssertUnwindSafe(|| panics(&lock))).is_err());
        assert!(lock.try_write().is_some());
        assert_eq!(lock.writer(), None);
    }
    assert_eq!(*lock.read(), 3);
}

#[test]
fn debug_shows_the_name_and_the_holders_and_does_not_block() {
    static LOCK: RwLock<u32> = RwLock::named("prices", 7);
    assert_eq!(LOCK.name(), Some("prices"));
    let shown = |rest: &str| format!(r#"RwLock {{ name: Some("prices"), {rest} }}"#);
    assert_eq!(format!("{LOCK:?}"), shown("writer: None, n_readers: 0, value: 7"));
    let reader = LOCK.read();
    assert_eq!(format!("{LOCK:?}"), shown("writer: None, n_readers: 1, value: 7"));
    assert_eq!(format!("{reader:?}"), "7");
    drop(reader);
    let writer = LOCK.write();
    let me = get_ident();
    let expected = format!("writer: Some({me}), n_readers: 0, value: <locked>");
    assert_eq!(format!("{LOCK:?}"), shown(&expected));
    let waiter = Helper::start(|| *LOCK.read());
    let record = waiter.blocked();
    assert_eq!((record.kind, record.name), (WaitKind::RwLock, Some("prices")));
    assert_eq!(record.holder, Some(me));
    drop(writer);
    waiter.join();
    assert_eq!(LOCK.n_readers(), 0);
}

#[test]
fn the_value_can_be_reached_without_the_lock_by_its_only_user() {
    let mut lock = RwLock::from(String::from("a"));
    lock.get_mut().push('b');
    assert_eq!(lock.into_inner(), "ab");
    assert_eq!(RwLock::<u8>::default().into_inner(), 0);
    let lock: Arc<RwLock<[u8]>> = Arc::new(RwLock::new([1, 2]));
    lock.write().reverse();
    assert_eq!(*lock.read(), [2, 1]);
    let counted = Arc::new(());
    drop(RwLock::new(Arc::clone(&counted)));
    assert_eq!(Arc::strong_count(&counted), 1);
}

#[test]
fn a_lock_may_be_dropped_by_the_last_thread_that_used_it() {
    for _ in 0..50 {
        let lock = Arc::new(RwLock::new(0));
        let guard = lock.write();
        let waiters = [0, 1].map(|it| {
            let lock = Arc::clone(&lock);
            start_waiting(WaitKind::RwLock, move || {
                if it == 0 { *lock.write() += 1 } else { drop(lock.read()) }
            })
        });
        drop(guard);
        drop(lock);
        waiters.into_iter().for_each(Helper::join);
    }
}
