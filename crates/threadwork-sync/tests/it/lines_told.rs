//! Observers of locks are told of each acquisition, with the caller's line, and of nothing else.

use std::{cell::RefCell, panic::Location, time::Duration};

use threadwork_sync::{
    Condition, ConditionWaitError, Lock, RLock, RawCondition, RawLock, RawRLock, RwLock,
    RwLockUpgradableGuard, Wait, WaitError,
    internal::observe::{LockEnded, LockObserver, LockReleased, LockTaken, observe_locks},
};

thread_local! {
    /// What observers were told in the current thread.
    static TOLD: RefCell<Vec<Told>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Acquired(&'static Location<'static>),
    Released,
}

#[derive(Debug)]
struct Observer(#[expect(dead_code, reason = "a static without a size may have no address")] u8);

impl LockObserver for Observer {
    fn acquired(&self, taken: &LockTaken) {
        TOLD.with_borrow_mut(|told| told.push(Told::Acquired(taken.location)));
    }

    fn releases(&self, _: &LockReleased) {
        TOLD.with_borrow_mut(|told| told.push(Told::Released));
    }

    fn has_released(&self) {}

    fn ends(&self, _: &LockEnded) {}
}

static OBSERVER: Observer = Observer(0);

/// Returns what observers are told while `f` runs.
fn told(f: impl FnOnce()) -> Vec<Told> {
    assert!(observe_locks(&OBSERVER));
    TOLD.take();
    f();
    TOLD.take()
}

/// Checks the numbers of acquisitions and of releases during `f`. Each acquisition must name a line of this file.
#[track_caller]
fn check(expected: [usize; 2], f: impl FnOnce()) {
    let told = told(f);
    let mut counts = [0, 0];
    for it in &told {
        match it {
            Told::Acquired(location) => {
                assert_eq!(location.file(), file!(), "{location}");
                counts[0] += 1;
            }
            Told::Released => counts[1] += 1,
        }
    }
    assert_eq!(counts, expected, "{told:?}");
}

/// One acquisition and one release.
const ONCE: [usize; 2] = [1, 1];

const LONG: Duration = Duration::from_secs(3600);

fn long() -> Wait {
    Wait::timeout(LONG)
}

#[test]
fn each_acquisition_of_a_lock_is_told_with_the_callers_line() {
    let lock = Lock::new(());
    check(ONCE, || drop(lock.acquire()));
    check(ONCE, || drop(lock.try_acquire().unwrap()));
    check(ONCE, || drop(lock.acquire_timeout(LONG).unwrap()));
    check(ONCE, || drop(lock.acquire_with(&long()).unwrap()));
    let lock = RLock::new(());
    check(ONCE, || drop(lock.acquire()));
    check(ONCE, || drop(lock.try_acquire().unwrap()));
    check(ONCE, || drop(lock.acquire_timeout(LONG).unwrap()));
    check(ONCE, || drop(lock.acquire_with(&long()).unwrap()));
    for raw in [RawLock::new(), RawLock::fair()] {
        check([1, 0], || raw.acquire());
        check([0, 1], || raw.release().unwrap());
        check([1, 0], || assert!(raw.try_acquire()));
        check([0, 1], || raw.release_fair().unwrap());
        check([1, 0], || assert!(raw.acquire_timeout(LONG).is_ok()));
        raw.release().unwrap();
        check([1, 0], || raw.acquire_with(&long()).unwrap());
        check([0, 0], || assert!(!raw.try_acquire()));
    }
    let raw = RawRLock::new();
    check([1, 0], || raw.acquire());
    check([0, 0], || assert!(raw.try_acquire()));
    raw.release().unwrap();
    check([0, 1], || raw.release().unwrap());
    check([1, 0], || assert!(raw.try_acquire()));
    raw.release().unwrap();
    check([1, 0], || assert!(raw.acquire_timeout(LONG).is_ok()));
    raw.release().unwrap();
    check([1, 0], || raw.acquire_with(&long()).unwrap());
}

#[test]
fn each_acquisition_of_a_read_write_lock_is_told_with_the_callers_line() {
    let lock = RwLock::new(());
    check(ONCE, || drop(lock.read()));
    check(ONCE, || drop(lock.try_read().unwrap()));
    check(ONCE, || drop(lock.read_timeout(LONG).unwrap()));
    check(ONCE, || drop(lock.read_with(&long()).unwrap()));
    check(ONCE, || drop(lock.write()));
    check(ONCE, || drop(lock.try_write().unwrap()));
    check(ONCE, || drop(lock.write_timeout(LONG).unwrap()));
    check(ONCE, || drop(lock.write_with(&long()).unwrap()));
    check(ONCE, || drop(lock.upgradable_read()));
    check(ONCE, || drop(lock.try_upgradable_read().unwrap()));
    check(ONCE, || drop(lock.upgradable_read_timeout(LONG).unwrap()));
    check(ONCE, || drop(lock.upgradable_read_with(&long()).unwrap()));
    check(ONCE, || drop(RwLockUpgradableGuard::upgrade(lock.upgradable_read())));
}

#[test]
fn each_acquisition_through_another_object_is_told_with_the_callers_line() {
    let condition = RawCondition::new();
    check([1, 0], || condition.acquire());
    condition.release().unwrap();
    check([1, 0], || assert!(condition.try_acquire()));
    condition.release().unwrap();
    check([1, 0], || assert!(condition.acquire_timeout(LONG).is_ok()));
    condition.release().unwrap();
    check([1, 0], || condition.acquire_with(&long()).unwrap());
    let timed_out = Err(ConditionWaitError::Wait(WaitError::TimedOut));
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        // The lock is released and acquired again.
        check(ONCE, || assert_eq!(condition.wait_timeout(timeout), timed_out));
        check(ONCE, || assert_eq!(condition.wait_with(&Wait::timeout(timeout)), timed_out));
        let never = || None::<()>;
        check(ONCE, || assert_eq!(condition.wait_for_timeout(timeout, never), timed_out));
        let wait = Wait::timeout(timeout);
        check(ONCE, || assert_eq!(condition.wait_for_with(&wait, never), timed_out));
    }

    let (lock, condition) = (Lock::new(()), Condition::new());
    let mut guard = lock.acquire();
    let short = Duration::from_millis(1);
    check(ONCE, || assert!(condition.wait_timeout(&mut guard, short).is_err()));
    check(ONCE, || _ = condition.wait_with(&mut guard, &Wait::timeout(short)));
    check(ONCE, || _ = condition.wait_for_timeout(&mut guard, short, |_| None::<()>));
}

#[test]
fn debug_of_a_lock_is_no_acquisition() {
    let (lock, rlock, rwlock) = (Lock::new(7), RLock::new(7), RwLock::new(7));
    let shows_the_value = |shown: String| assert!(shown.contains("value: 7"), "{shown}");
    check([0, 0], || shows_the_value(format!("{lock:?}")));
    check([0, 0], || shows_the_value(format!("{rlock:?}")));
    check([0, 0], || shows_the_value(format!("{rwlock:?}")));
    let (guard, reader) = (rlock.acquire(), rwlock.read());
    check([0, 0], || shows_the_value(format!("{rlock:?}")));
    check([0, 0], || shows_the_value(format!("{rwlock:?}")));
    assert_eq!((rlock.depth(), rwlock.n_readers()), (1, 1));
    drop((guard, reader));
    assert!(!lock.is_locked() && !rlock.is_locked() && rwlock.try_write().is_some());
}

#[test]
fn a_lock_is_free_again_after_a_panic_in_the_debug_of_its_value() {
    struct Odd;
    impl std::fmt::Debug for Odd {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("on purpose")
        }
    }
    let (lock, rlock, rwlock) = (Lock::new(Odd), RLock::new(Odd), RwLock::new(Odd));
    for it in [&lock as &(dyn std::fmt::Debug + std::panic::RefUnwindSafe), &rlock, &rwlock] {
        assert!(std::panic::catch_unwind(|| format!("{it:?}")).is_err());
    }
    assert!(!lock.is_locked() && !rlock.is_locked() && rwlock.try_write().is_some());
}

#[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
macro_rules! each_acquisition_through_the_wrappers {
    ($lock_api:ident) => {
        let mutex = $lock_api::Mutex::<RawLock, ()>::new(());
        check(ONCE, || drop(mutex.lock()));
        check(ONCE, || drop(mutex.try_lock().unwrap()));
        check(ONCE, || drop(mutex.try_lock_for(LONG).unwrap()));
        check(ONCE, || drop(mutex.try_lock_until(std::time::Instant::now() + LONG).unwrap()));
    };
}

#[cfg(feature = "lock_api")]
#[test]
fn each_acquisition_through_lock_api_is_told_with_the_callers_line() {
    each_acquisition_through_the_wrappers!(lock_api);
}

#[cfg(feature = "lock_api_0_4")]
#[test]
fn each_acquisition_through_lock_api_0_4_is_told_with_the_callers_line() {
    each_acquisition_through_the_wrappers!(lock_api_0_4);
}
