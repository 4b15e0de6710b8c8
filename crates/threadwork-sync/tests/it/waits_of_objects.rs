//! `waits()`: the records of threads that wait for the larger objects name the caller's line, for every form of the call.

use std::{num::NonZeroU64, time::Duration};

use threadwork_sync::{
    Barrier, BoundedSemaphore, Condition, Latch, Lock, RLock, RawCondition, RawRLock, RwLock,
    RwLockUpgradableGuard, Semaphore, StopSource, Wait, WaitKind, get_ident,
};

use crate::{
    objects::{until, waits_for},
    support::Helper,
};

const NEVER: Duration = Duration::MAX;

fn forever() -> Wait {
    Wait::forever()
}

type Started = (u32, Helper<()>);

/// Starts a thread with the given closure, and keeps the line of the call.
macro_rules! start {
    ($call:expr) => {
        (line!(), Helper::start(move || _ = $call))
    };
}

#[track_caller]
fn check(kind: WaitKind, holder: Option<NonZeroU64>, started: &[Started]) {
    for (line, helper) in started {
        let record = waits_for(kind, helper);
        assert_eq!((record.location.file(), record.location.line()), (file!(), *line));
        assert_eq!(record.holder, holder);
    }
}

#[track_caller]
fn join<const N: usize>(started: [Started; N]) {
    started.into_iter().for_each(|(_, it)| it.join());
}

#[test]
fn of_a_re_entrant_lock() {
    static RAW: RawRLock = RawRLock::new();
    static LOCK: RLock<()> = RLock::new(());
    static CONDITION: RawCondition = RawCondition::new();
    fn release<T>(acquire: impl FnOnce() -> T) {
        acquire();
        RAW.release().unwrap();
    }
    fn leave<T>(acquire: impl FnOnce() -> T) {
        acquire();
        CONDITION.release().unwrap();
    }
    RAW.acquire();
    CONDITION.acquire();
    let guard = LOCK.acquire();
    let started = [
        start!(release(|| RAW.acquire())),
        start!(release(|| RAW.acquire_timeout(NEVER))),
        start!(release(|| RAW.acquire_with(&forever()))),
        start!(LOCK.acquire()),
        start!(LOCK.acquire_timeout(NEVER)),
        start!(LOCK.acquire_with(&forever())),
        start!(leave(|| CONDITION.acquire())),
        start!(leave(|| CONDITION.acquire_timeout(NEVER))),
        start!(leave(|| CONDITION.acquire_with(&forever()))),
    ];
    check(WaitKind::RLock, Some(get_ident()), &started);
    RAW.release().unwrap();
    CONDITION.release().unwrap();
    drop(guard);
    join(started);
}

#[test]
fn of_a_condition() {
    static LOCK: Lock<()> = Lock::new(());
    static CONDITION: Condition = Condition::new();
    let once = || {
        let mut asked = 0;
        move |_: &mut _| {
            asked += 1;
            (asked > 1).then_some(())
        }
    };
    let started = [
        start!(CONDITION.wait(&mut LOCK.acquire())),
        start!(CONDITION.wait_timeout(&mut LOCK.acquire(), NEVER)),
        start!(CONDITION.wait_with(&mut LOCK.acquire(), &forever())),
        start!(CONDITION.wait_for(&mut LOCK.acquire(), once())),
        start!(CONDITION.wait_for_timeout(&mut LOCK.acquire(), NEVER, once())),
        start!(CONDITION.wait_for_with(&mut LOCK.acquire(), &forever(), once())),
    ];
    check(WaitKind::Condition, None, &started);
    assert_eq!(CONDITION.notify_all(&LOCK.acquire()), 6);
    join(started);
}

/// Checks a wait at a condition that is notified while the lock is held: the record names the condition before, and the lock after.
#[track_caller]
fn check_notified(kind: WaitKind, wait: fn(), hold_and_notify: impl FnOnce() -> Box<dyn FnOnce()>) {
    let [first, second] = [(); 2].map(|()| {
        let helper = Helper::start(wait);
        waits_for(WaitKind::Condition, &helper);
        helper
    });
    let before = first.blocked();
    assert_eq!((before.name, before.holder), (Some("news"), None));
    let let_go = hold_and_notify();
    let after = first.blocked();
    assert_eq!((after.kind, after.name, after.holder), (kind, Some("desk"), Some(get_ident())));
    assert_ne!(after.address, before.address);
    assert_eq!((after.location, after.since), (before.location, before.since));
    assert_eq!(second.blocked().kind, WaitKind::Condition, "the second waiter was not notified");
    let_go();
    [first, second].into_iter().for_each(Helper::join);
}

#[test]
fn a_notified_thread_waits_for_the_lock() {
    static LOCK: Lock<()> = Lock::named("desk", ());
    static CONDITION: Condition = Condition::new().named("news");
    check_notified(
        WaitKind::Lock,
        || CONDITION.wait(&mut LOCK.acquire()),
        || {
            let guard = LOCK.acquire();
            assert_eq!(CONDITION.notify(&guard, 1), 1);
            Box::new(move || assert_eq!(CONDITION.notify_all(&guard), 1))
        },
    );

    static RAW: RawRLock = RawRLock::new().named("desk");
    static SHARED: RawCondition<&RawRLock> = RawCondition::with_lock(&RAW).named("news");
    check_notified(
        WaitKind::RLock,
        || {
            SHARED.acquire();
            SHARED.wait().unwrap();
            SHARED.release().unwrap();
        },
        || {
            SHARED.acquire();
            assert_eq!(SHARED.notify(1), Ok(1));
            Box::new(|| {
                assert_eq!(SHARED.notify_all(), Ok(1));
                SHARED.release().unwrap();
            })
        },
    );
}

#[test]
fn of_a_raw_condition() {
    static CONDITION: RawCondition = RawCondition::new();
    fn within<T>(call: impl FnOnce() -> T) {
        CONDITION.acquire();
        call();
        CONDITION.release().unwrap();
    }
    let once = || {
        let mut asked = 0;
        move || {
            asked += 1;
            (asked > 1).then_some(())
        }
    };
    let started = [
        start!(within(|| CONDITION.wait())),
        start!(within(|| CONDITION.wait_timeout(NEVER))),
        start!(within(|| CONDITION.wait_with(&forever()))),
        start!(within(|| CONDITION.wait_for(once()))),
        start!(within(|| CONDITION.wait_for_timeout(NEVER, once()))),
        start!(within(|| CONDITION.wait_for_with(&forever(), once()))),
    ];
    check(WaitKind::Condition, None, &started);
    within(|| assert_eq!(CONDITION.notify_all(), Ok(6)));
    join(started);
}

#[test]
fn of_a_semaphore() {
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    static BOUNDED: BoundedSemaphore = BoundedSemaphore::new(2);
    let permits = BOUNDED.acquire_many(2);
    let started = [
        start!(SEMAPHORE.acquire()),
        start!(SEMAPHORE.acquire_timeout(NEVER)),
        start!(SEMAPHORE.acquire_with(&forever())),
        start!(SEMAPHORE.acquire_many(2)),
        start!(SEMAPHORE.acquire_many_timeout(2, NEVER)),
        start!(SEMAPHORE.acquire_many_with(2, &forever())),
        start!(BOUNDED.acquire()),
        start!(BOUNDED.acquire_timeout(NEVER)),
        start!(BOUNDED.acquire_with(&forever())),
        start!(BOUNDED.acquire_many(2)),
        start!(BOUNDED.acquire_many_timeout(2, NEVER)),
        start!(BOUNDED.acquire_many_with(2, &forever())),
    ];
    check(WaitKind::Semaphore, None, &started);
    SEMAPHORE.release(2).unwrap();
    drop(permits);
    join(started);
    assert_eq!((SEMAPHORE.available(), BOUNDED.available()), (2, 2));
}

#[test]
fn of_a_barrier_and_a_latch() {
    static BARRIER: Barrier = Barrier::new(4);
    static LATCH: Latch = Latch::new(4);
    let started = [
        start!(BARRIER.wait()),
        start!(BARRIER.wait_timeout(NEVER)),
        start!(BARRIER.wait_with(&forever())),
    ];
    check(WaitKind::Barrier, None, &started);
    BARRIER.wait().unwrap();
    join(started);
    let started = [
        start!(LATCH.wait()),
        start!(LATCH.wait_timeout(NEVER)),
        start!(LATCH.wait_with(&forever())),
        start!(LATCH.arrive_and_wait()),
        start!(LATCH.arrive_and_wait_timeout(NEVER)),
        start!(LATCH.arrive_and_wait_with(&forever())),
    ];
    check(WaitKind::Latch, None, &started);
    LATCH.count_down(1).unwrap();
    join(started);
}

/// Starts a reader that waits for a stop of `end`. A reader is known to the records while it waits itself.
#[track_caller]
fn reader<G>(guard: impl FnOnce() -> G + Send + 'static, end: &StopSource) -> Helper<()> {
    let wait = until(end);
    let reader = Helper::start(move || {
        let _guard = guard();
        assert!(Semaphore::new(0).acquire_with(&wait).is_err());
    });
    waits_for(WaitKind::Semaphore, &reader);
    reader
}

#[test]
fn of_a_read_write_lock_whose_readers_wait_themselves() {
    static LOCK: RwLock<()> = RwLock::new(());
    static OTHER: RwLock<()> = RwLock::new(());
    let end = StopSource::new();
    let here = LOCK.read();
    let readers = [(); 2].map(|()| reader(|| LOCK.read(), &end));
    // One reads another lock, one reads no longer, and one does not block those that want to read.
    let others = [
        reader(|| OTHER.read(), &end),
        reader(|| drop(LOCK.read()), &end),
        reader(|| RwLockUpgradableGuard::downgrade(OTHER.upgradable_read()), &end),
    ];
    let writer = start!(LOCK.write());
    let record = waits_for(WaitKind::RwLock, &writer.1);
    let mut idents = readers.each_ref().map(Helper::ident);
    idents.sort_unstable();
    assert_eq!((record.holder, &record.readers[..]), (None, &idents[..]));

    let late = start!(LOCK.read());
    let record = waits_for(WaitKind::RwLock, &late.1);
    assert_eq!((record.holder, record.readers), (Some(writer.1.ident()), Vec::new()));
    end.request_stop();
    readers.into_iter().chain(others).for_each(Helper::join);
    drop(here);
    join([writer, late]);

    let end = StopSource::new();
    let upgradable = reader(|| LOCK.upgradable_read(), &end);
    let plain = reader(|| LOCK.read(), &end);
    let writer = start!(LOCK.write());
    let record = waits_for(WaitKind::RwLock, &writer.1);
    assert_eq!((record.holder, record.readers), (Some(upgradable.ident()), Vec::new()));
    end.request_stop();
    [upgradable, plain].into_iter().for_each(Helper::join);
    join([writer]);

    let end = StopSource::new();
    let here = LOCK.read();
    let upgraded = reader(
        || {
            let seen = OTHER.upgradable_read();
            RwLockUpgradableGuard::try_upgrade(seen).unwrap()
        },
        &end,
    );
    let writer = start!(RwLockUpgradableGuard::upgrade(LOCK.upgradable_read()));
    let record = waits_for(WaitKind::RwLock, &writer.1);
    assert_eq!((record.holder, record.readers), (None, Vec::new()), "the reader does not wait");
    let other = start!(OTHER.read());
    let record = waits_for(WaitKind::RwLock, &other.1);
    assert_eq!(record.holder, Some(upgraded.ident()));
    drop(here);
    end.request_stop();
    upgraded.join();
    join([writer, other]);
}

#[test]
fn of_a_read_write_lock() {
    static LOCK: RwLock<()> = RwLock::new(());
    let writer = LOCK.write();
    let started = [
        start!(LOCK.read()),
        start!(LOCK.read_timeout(NEVER)),
        start!(LOCK.read_with(&forever())),
        start!(LOCK.write()),
        start!(LOCK.write_timeout(NEVER)),
        start!(LOCK.write_with(&forever())),
        start!(LOCK.upgradable_read()),
        start!(LOCK.upgradable_read_timeout(NEVER)),
        start!(LOCK.upgradable_read_with(&forever())),
    ];
    check(WaitKind::RwLock, Some(get_ident()), &started);
    drop(writer);
    join(started);

    let stop = StopSource::new();
    static OTHERS: [RwLock<()>; 3] = [RwLock::new(()), RwLock::new(()), RwLock::new(())];
    let [first, second, third] = OTHERS.each_ref();
    let readers = OTHERS.each_ref().map(RwLock::read);
    let wait = until(&stop);
    let started = [
        start!(RwLockUpgradableGuard::upgrade(first.upgradable_read())),
        start!(RwLockUpgradableGuard::upgrade_timeout(second.upgradable_read(), NEVER)),
        start!(RwLockUpgradableGuard::upgrade_with(third.upgradable_read(), &wait)),
    ];
    check(WaitKind::RwLock, None, &started);
    stop.request_stop();
    drop(readers);
    join(started);
    assert!(OTHERS.iter().all(|it| it.try_write().is_some()));
}
