//! The line in the record of a blocked thread is the caller's, for every object and every form of call.

use std::time::Duration;

use threadwork_sync::{
    Barrier, BoundedSemaphore, Condition, Event, Latch, Lock, RLock, RawCondition, RawLock,
    RawRLock, RwLock, RwLockUpgradableGuard, Semaphore, Wait,
};

use crate::support::Helper;

const LONG: Duration = Duration::from_secs(3600);

fn long() -> Wait {
    Wait::timeout(LONG)
}

/// Checks the record of a thread that is blocked, for each of the forms, on a new object each time.
///
/// `hold` makes the object block; `let_go` ends that.
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

/// The three forms of each method: without a limit, with a timeout, with a [`Wait`].
macro_rules! forms {
    ($($plain:ident $timeout:ident $with:ident ($($n:expr)?)),+) => {
        &[$(
            |it| _ = it.$plain($($n)?),
            |it| _ = it.$timeout($($n,)? LONG).unwrap(),
            |it| _ = it.$with($($n,)? &long()).unwrap(),
        )+]
    };
}

/// Checks a lock that is released without a guard.
macro_rules! check_raw {
    ($new:expr) => {
        check(
            $new,
            |it| {
                it.acquire();
                it
            },
            |it| it.release().unwrap(),
            forms![acquire acquire_timeout acquire_with()],
        )
    };
}

#[test]
fn locks() {
    check(|| Lock::new(()), Lock::acquire, drop, forms![acquire acquire_timeout acquire_with()]);
    check(|| RLock::new(()), RLock::acquire, drop, forms![acquire acquire_timeout acquire_with()]);
    for new in [RawLock::new, RawLock::fair] {
        check_raw!(new);
    }
    check_raw!(RawRLock::new);
}

#[test]
fn read_write_locks() {
    check(
        || RwLock::new(()),
        RwLock::write,
        drop,
        forms![
            read read_timeout read_with(),
            write write_timeout write_with(),
            upgradable_read upgradable_read_timeout upgradable_read_with()
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

#[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
macro_rules! locks_behind_the_traits {
    ($lock_api:ident) => {{
        type Mutex = $lock_api::Mutex<RawLock, ()>;
        check(
            || Mutex::new(()),
            Mutex::lock,
            drop,
            &[
                |it| drop(it.lock()),
                |it| drop(it.try_lock_for(LONG).unwrap()),
                |it| drop(it.try_lock_until(std::time::Instant::now() + LONG).unwrap()),
            ],
        );
    }};
}

#[cfg(feature = "lock_api")]
#[test]
fn locks_behind_the_traits_of_lock_api() {
    locks_behind_the_traits!(lock_api);
}

#[cfg(feature = "lock_api_0_4")]
#[test]
fn locks_behind_the_traits_of_lock_api_0_4() {
    locks_behind_the_traits!(lock_api_0_4);
}

#[test]
fn conditions() {
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
fn conditions_with_their_own_lock() {
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
    check_raw!(RawCondition::new);
}

#[test]
fn semaphores() {
    check::<Semaphore, _>(
        || Semaphore::new(0),
        itself,
        |it| it.release(2).unwrap(),
        forms![
            acquire acquire_timeout acquire_with(),
            acquire_many acquire_many_timeout acquire_many_with(2)
        ],
    );
    check::<BoundedSemaphore, _>(
        || BoundedSemaphore::new(2),
        |it| it.acquire_many(2),
        drop,
        forms![
            acquire acquire_timeout acquire_with(),
            acquire_many acquire_many_timeout acquire_many_with(2)
        ],
    );
}

#[test]
fn events_latches_and_barriers() {
    check(Event::new, itself, Event::set, forms![wait wait_timeout wait_with()]);
    check::<Latch, _>(
        || Latch::new(1),
        itself,
        |it| it.count_down(1).unwrap(),
        forms![wait wait_timeout wait_with()],
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
