//! The line that is named is the caller's, whatever blocks.

use std::time::{Duration, Instant};

use threadwork_sync::{
    Barrier, BoundedSemaphore, Condition, Event, Latch, Lock, RLock, RawCondition, RawLock,
    RawRLock, RwLock, RwLockUpgradableGuard, Semaphore, Wait,
};

use crate::support::Helper;

const LONG: Duration = Duration::from_secs(3600);

fn long() -> Wait {
    Wait::timeout(LONG)
}

/// Blocks a thread in each of the forms, at an object of its own, and looks at its record.
///
/// The object is as `hold` has left it, until `let_go`.
#[track_caller]
fn check<T: Sync, H>(
    new: fn() -> T,
    hold: fn(&'static T) -> H,
    let_go: fn(H),
    forms: &[fn(&'static T)],
) {
    for (number, form) in forms.iter().copied().enumerate() {
        let object: &'static T = Box::leak(Box::new(new()));
        let held = hold(object);
        let helper = Helper::start(move || form(object));
        let record = helper.blocked();
        assert_eq!(record.location.file(), file!(), "form {number} of {}", record.kind);
        let_go(held);
        helper.join();
    }
}

fn itself<T>(it: &'static T) -> &'static T {
    it
}

#[test]
fn of_locks() {
    check(
        || Lock::new(()),
        Lock::acquire,
        drop,
        &[
            |it| drop(it.acquire()),
            |it| drop(it.acquire_timeout(LONG).unwrap()),
            |it| drop(it.acquire_with(&long()).unwrap()),
        ],
    );
    check(
        || RLock::new(()),
        RLock::acquire,
        drop,
        &[
            |it| drop(it.acquire()),
            |it| drop(it.acquire_timeout(LONG).unwrap()),
            |it| drop(it.acquire_with(&long()).unwrap()),
        ],
    );
    fn hold(it: &'static RawLock) -> &'static RawLock {
        it.acquire();
        it
    }
    for new in [RawLock::new, RawLock::fair] {
        check(
            new,
            hold,
            |it| it.release().unwrap(),
            &[
                |it| it.acquire(),
                |it| assert!(it.acquire_timeout(LONG).is_ok()),
                |it| it.acquire_with(&long()).unwrap(),
            ],
        );
    }
    fn hold_again(it: &'static RawRLock) -> &'static RawRLock {
        it.acquire();
        it
    }
    check(
        RawRLock::new,
        hold_again,
        |it| it.release().unwrap(),
        &[
            |it| it.acquire(),
            |it| assert!(it.acquire_timeout(LONG).is_ok()),
            |it| it.acquire_with(&long()).unwrap(),
        ],
    );
}

#[test]
fn of_read_write_locks() {
    check(
        || RwLock::new(()),
        RwLock::write,
        drop,
        &[
            |it| drop(it.read()),
            |it| drop(it.read_timeout(LONG).unwrap()),
            |it| drop(it.read_with(&long()).unwrap()),
            |it| drop(it.write()),
            |it| drop(it.write_timeout(LONG).unwrap()),
            |it| drop(it.write_with(&long()).unwrap()),
            |it| drop(it.upgradable_read()),
            |it| drop(it.upgradable_read_timeout(LONG).unwrap()),
            |it| drop(it.upgradable_read_with(&long()).unwrap()),
        ],
    );
    check(
        || RwLock::new(()),
        RwLock::read,
        drop,
        &[
            |it| drop(it.write()),
            |it| drop(RwLockUpgradableGuard::upgrade(it.upgradable_read())),
            |it| {
                let upgraded = RwLockUpgradableGuard::upgrade_timeout(it.upgradable_read(), LONG);
                drop(upgraded.unwrap());
            },
            |it| {
                let upgraded = RwLockUpgradableGuard::upgrade_with(it.upgradable_read(), &long());
                drop(upgraded.unwrap());
            },
        ],
    );
}

#[test]
fn of_locks_behind_the_traits_of_lock_api() {
    type Mutex = lock_api::Mutex<RawLock, ()>;
    check(
        || Mutex::new(()),
        Mutex::lock,
        drop,
        &[
            |it| drop(it.lock()),
            |it| drop(it.try_lock_for(LONG).unwrap()),
            |it| drop(it.try_lock_until(Instant::now() + LONG).unwrap()),
        ],
    );
}

#[test]
fn of_conditions() {
    type Shared = (Lock<bool>, Condition);
    let let_go = |(lock, condition): &'static Shared| {
        let mut guard = lock.acquire();
        *guard = true;
        condition.notify_all(&guard);
    };
    check(
        || (Lock::new(false), Condition::new()),
        itself,
        let_go,
        &[
            |(lock, condition)| condition.wait(&mut lock.acquire()),
            |(lock, condition)| assert!(condition.wait_timeout(&mut lock.acquire(), LONG).is_ok()),
            |(lock, condition)| condition.wait_with(&mut lock.acquire(), &long()).unwrap(),
            |(lock, condition)| condition.wait_for(&mut lock.acquire(), |it| it.then_some(())),
            |(lock, condition)| {
                let ended =
                    condition.wait_for_timeout(&mut lock.acquire(), LONG, |it| it.then_some(()));
                ended.unwrap();
            },
            |(lock, condition)| {
                let ended =
                    condition.wait_for_with(&mut lock.acquire(), &long(), |it| it.then_some(()));
                ended.unwrap();
            },
        ],
    );
}

#[test]
fn of_conditions_with_a_lock_of_their_own() {
    type Shared = (Event, RawCondition);
    let new = || (Event::new(), RawCondition::new());
    let let_go = |(ready, condition): &'static Shared| {
        condition.acquire();
        ready.set();
        condition.notify_all().unwrap();
        condition.release().unwrap();
    };
    fn locked<R>(it: &RawCondition, wait: impl FnOnce() -> R) -> R {
        it.acquire();
        let ended = wait();
        it.release().unwrap();
        ended
    }
    check(
        new,
        itself,
        let_go,
        &[
            |(_, it)| locked(it, || it.wait().unwrap()),
            |(_, it)| locked(it, || it.wait_timeout(LONG).unwrap()),
            |(_, it)| locked(it, || it.wait_with(&long()).unwrap()),
            |(ready, it)| locked(it, || it.wait_for(|| ready.is_set().then_some(())).unwrap()),
            |(ready, it)| {
                let is_ready = || ready.is_set().then_some(());
                locked(it, || it.wait_for_timeout(LONG, is_ready).unwrap());
            },
            |(ready, it)| {
                let is_ready = || ready.is_set().then_some(());
                locked(it, || it.wait_for_with(&long(), is_ready).unwrap());
            },
        ],
    );
    fn hold(it: &'static RawCondition) -> &'static RawCondition {
        it.acquire();
        it
    }
    check(
        RawCondition::new,
        hold,
        |it| it.release().unwrap(),
        &[
            |it| it.acquire(),
            |it| assert!(it.acquire_timeout(LONG).is_ok()),
            |it| it.acquire_with(&long()).unwrap(),
        ],
    );
}

#[test]
fn of_permits() {
    check::<Semaphore, _>(
        || Semaphore::new(0),
        itself,
        |it| it.release(2).unwrap(),
        &[
            |it| drop(it.acquire()),
            |it| drop(it.acquire_timeout(LONG).unwrap()),
            |it| drop(it.acquire_with(&long()).unwrap()),
            |it| drop(it.acquire_many(2)),
            |it| drop(it.acquire_many_timeout(2, LONG).unwrap()),
            |it| drop(it.acquire_many_with(2, &long()).unwrap()),
        ],
    );
    check::<BoundedSemaphore, _>(
        || BoundedSemaphore::new(2),
        |it| it.acquire_many(2),
        drop,
        &[
            |it| drop(it.acquire()),
            |it| drop(it.acquire_timeout(LONG).unwrap()),
            |it| drop(it.acquire_with(&long()).unwrap()),
            |it| drop(it.acquire_many(2)),
            |it| drop(it.acquire_many_timeout(2, LONG).unwrap()),
            |it| drop(it.acquire_many_with(2, &long()).unwrap()),
        ],
    );
}

#[test]
fn of_what_happens() {
    check(
        Event::new,
        itself,
        Event::set,
        &[
            |it| it.wait(),
            |it| assert!(it.wait_timeout(LONG).is_ok()),
            |it| it.wait_with(&long()).unwrap(),
        ],
    );
    check::<Latch, _>(
        || Latch::new(1),
        itself,
        |it| it.count_down(1).unwrap(),
        &[
            |it| it.wait(),
            |it| assert!(it.wait_timeout(LONG).is_ok()),
            |it| it.wait_with(&long()).unwrap(),
        ],
    );
    check::<Latch, _>(
        || Latch::new(2),
        itself,
        |it| it.count_down(1).unwrap(),
        &[|it| it.arrive_and_wait().unwrap()],
    );
    check::<Barrier, _>(
        || Barrier::new(2),
        itself,
        |it| _ = it.wait().unwrap(),
        &[
            |it| _ = it.wait().unwrap(),
            |it| _ = it.wait_timeout(LONG).unwrap(),
            |it| _ = it.wait_with(&long()).unwrap(),
        ],
    );
}
