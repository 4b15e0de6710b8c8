//! The counts of locks, and the order in which they are acquired; with the feature `lock_probe`.
//!
//! Counts and orders are those of the whole process, so each test uses its own names of locks.

use std::{cell::Cell, time::Duration};

use threadwork_core::{Local, Thread, Timer, at_exit, scope};
use threadwork_diagnostics::{Contention, LockInversion, LockReport, dump, watch_lock_order};
use threadwork_sync::{
    Condition, Lock, RLock, RawLock, RwLock, StopSource, Wait, get_ident, waits,
};

fn report(name: &str) -> LockReport {
    let found = Contention::report().locks.into_iter().find(|it| it.name == name);
    found.unwrap_or_else(|| panic!("nothing was counted of {name}"))
}

fn counts(name: &str) -> (u64, u64, u64) {
    let it = report(name);
    (it.acquired, it.contended, it.holds.buckets.iter().sum())
}

#[test]
fn every_acquisition_and_release_is_counted_once() {
    static LOCK: Lock<u32> = Lock::named("counted lock", 0);
    static RLOCK: RLock<()> = RLock::named("counted rlock", ());
    static RWLOCK: RwLock<u32> = RwLock::named("counted rwlock", 0);
    static RAW: RawLock = RawLock::new().named("counted raw lock");
    Contention::start();
    let wait = Wait::timeout(Duration::from_secs(60));

    drop(LOCK.acquire());
    drop(LOCK.try_acquire().unwrap());
    drop(LOCK.acquire_timeout(Duration::ZERO).unwrap());
    drop(LOCK.acquire_with(&wait).unwrap());
    assert_eq!(counts("counted lock"), (4, 0, 4));

    let outer = RLOCK.acquire();
    drop(RLOCK.acquire());
    drop(outer);
    assert_eq!(counts("counted rlock"), (1, 0, 1), "the inner levels cannot wait");

    drop((RWLOCK.read(), RWLOCK.read()));
    *RWLOCK.write() += 1;
    assert_eq!(counts("counted rwlock"), (3, 0, 3));

    RAW.acquire();
    RAW.release().unwrap();
    RAW.acquire();
    RAW.release_fair().unwrap();
    assert_eq!(counts("counted raw lock"), (2, 0, 2));
    let times = report("counted raw lock").holds;
    assert!(times.total > 0.0 && times.max <= times.total);
    assert!(times.quantile(0.5) <= times.quantile(1.0));
}

/// Waits until another thread is blocked at the object of that name.
fn somebody_waits(name: &str) {
    let waits_there =
        || waits().into_iter().any(|it| it.name == Some(name) && it.thread.ident != get_ident());
    while !waits_there() {
        std::thread::yield_now();
    }
}

#[test]
fn a_wait_is_counted_with_its_time_and_its_line() {
    static LOCK: Lock<u32> = Lock::named("contended lock", 0);
    Contention::start();
    let guard = LOCK.acquire();
    let thread = Thread::new(|| *LOCK.acquire() += 1);
    thread.start().unwrap();
    somebody_waits("contended lock");
    std::thread::sleep(Duration::from_millis(20));
    drop(guard);
    thread.join().unwrap();

    assert_eq!(counts("contended lock"), (2, 1, 2));
    let it = report("contended lock");
    assert!(it.waits.total >= 0.02 && it.waits.max >= 0.02, "{it:?}");
    assert!(it.waits.quantile(0.99) >= 0.02, "rounded up");
    assert!(it.holds.max >= 0.02);
    let [place] = &it.slowest[..] else { panic!("{it:?}") };
    assert!(place.location.starts_with(file!()), "{place:?}");
    assert_eq!(place.contended, 1);
    for times in [&it.waits, &it.holds] {
        let shares = [0.0, 0.5, 0.9, 0.99, 1.0];
        assert!(shares.iter().all(|share| times.quantile(*share) <= times.max), "{times:?}");
    }
    let table = Contention::report().to_string();
    assert!(table.lines().any(|line| line.starts_with("contended lock ")), "{table}");
}

#[test]
fn a_wait_that_is_given_up_is_not_an_acquisition() {
    static LOCK: Lock<u32> = Lock::named("given up lock", 0);
    Contention::start();
    let guard = LOCK.acquire();
    let stop = StopSource::new();
    stop.request_stop();
    assert!(LOCK.try_acquire().is_none());
    assert!(LOCK.acquire_timeout(Duration::ZERO).is_err());
    assert!(LOCK.acquire_with(&Wait::forever().or_stop(&stop.token())).is_err());
    drop(guard);
    assert_eq!(counts("given up lock"), (1, 0, 1));
}

#[test]
fn a_wait_at_a_condition_gives_the_lock_back_and_takes_it_again() {
    static LOCK: Lock<bool> = Lock::named("condition's lock", false);
    static CHANGED: Condition = Condition::new().named("condition of a counted lock");
    Contention::start();
    let thread = Thread::new(|| {
        let mut guard = LOCK.acquire();
        CHANGED.wait_for(&mut guard, |it| it.then_some(()));
    });
    thread.start().unwrap();
    somebody_waits("condition of a counted lock");
    let mut guard = LOCK.acquire();
    *guard = true;
    CHANGED.notify_all(&guard);
    drop(guard);
    thread.join().unwrap();
    let (acquired, _, released) = counts("condition's lock");
    assert_eq!((acquired, released), (3, 3));
}

#[test]
fn the_counts_of_ended_threads_stay() {
    static LOCK: Lock<u32> = Lock::named("lock of many", 0);
    Contention::start();
    let threads: Vec<_> =
        (0..4).map(|_| Thread::new(|| (0..100).for_each(|_| *LOCK.acquire() += 1))).collect();
    threads.iter().for_each(|it| it.start().unwrap());
    threads.iter().for_each(|it| it.join().unwrap());
    let (acquired, contended, released) = counts("lock of many");
    assert_eq!((acquired, released), (400, 400));
    assert!(contended <= 400);
}

#[test]
fn locks_of_the_library_are_not_counted() {
    static LOCK: Lock<u32> = Lock::named("lock beside those of the library", 0);
    Contention::start();
    at_exit(|| ()).unwrap();
    let local = Local::new(|| Cell::new(1));
    let timer = Timer::new(Duration::ZERO, || drop(LOCK.acquire()));
    timer.start().unwrap();
    timer.join().unwrap();
    scope(|scope| {
        let thread = scope.start(|| drop(LOCK.acquire())).unwrap();
        thread.join().unwrap();
    });
    assert_eq!(local.get(), 1);
    assert!(!dump().root.threads.is_empty());
    assert_eq!(counts("lock beside those of the library").0, 2);
    let names: Vec<_> = Contention::report().locks.into_iter().map(|it| it.name).collect();
    assert!(names.iter().all(|it| is_of_these_tests(it)), "{names:?}");
}

fn is_of_these_tests(name: &str) -> bool {
    let source = include_str!("lock_probe.rs");
    source.contains(&format!("\"{name}\""))
}

/// All inversions that were reported for locks whose names begin with `prefix`.
fn inversions(prefix: &str) -> Vec<LockInversion> {
    static SEEN: Lock<Vec<LockInversion>> = Lock::new(Vec::new());
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| watch_lock_order(|it| SEEN.acquire().push(it.clone())));
    let all = SEEN.acquire();
    all.iter().filter(|it| it.steps[0].held.starts_with(prefix)).cloned().collect()
}

fn both(first: &Lock<u32>, second: &Lock<u32>) {
    let _first = first.acquire();
    *second.acquire() += 1;
}

#[test]
fn an_inversion_of_two_locks_is_reported_once_though_nothing_blocks() {
    static A: Lock<u32> = Lock::named("two a", 0);
    static B: Lock<u32> = Lock::named("two b", 0);
    assert!(inversions("two").is_empty());
    both(&A, &B);
    both(&A, &B);
    assert!(inversions("two").is_empty(), "always in one order");
    both(&B, &A);
    both(&B, &A);
    let [inversion] = &inversions("two")[..] else { panic!("{:?}", inversions("two")) };
    let [back, forth] = &inversion.steps[..] else { panic!("{inversion:?}") };
    assert_eq!((&*back.held, &*back.acquired), ("two b", "two a"));
    assert_eq!((&*forth.held, &*forth.acquired), ("two a", "two b"));
    assert!(back.held_at.starts_with(file!()) && forth.acquired_at.starts_with(file!()));
    assert_ne!(back.held_at, back.acquired_at);
}

#[test]
fn a_circle_of_three_locks_is_reported_also_across_threads() {
    static A: Lock<u32> = Lock::named("three a", 0);
    static B: Lock<u32> = Lock::named("three b", 0);
    static C: Lock<u32> = Lock::named("three c", 0);
    let _ = inversions("three");
    for (first, second) in [(&A, &B), (&B, &C), (&C, &A)] {
        let thread = Thread::new(move || both(first, second));
        thread.start().unwrap();
        thread.join().unwrap();
    }
    let [inversion] = &inversions("three")[..] else { panic!("{:?}", inversions("three")) };
    let held: Vec<_> = inversion.steps.iter().map(|it| &*it.held).collect();
    assert_eq!(held, ["three c", "three a", "three b"]);
}

#[test]
fn re_entrance_and_locks_of_one_name_are_no_inversion() {
    static R: RLock<()> = RLock::named("alone r", ());
    static TWINS: [Lock<u32>; 2] = [Lock::named("alone twin", 0), Lock::named("alone twin", 1)];
    let _ = inversions("alone");
    let outer = R.acquire();
    drop(R.acquire());
    drop(outer);
    both(&TWINS[0], &TWINS[1]);
    both(&TWINS[1], &TWINS[0]);
    assert!(inversions("alone").is_empty());
}

#[test]
fn a_lock_that_is_no_longer_held_is_in_no_order() {
    static A: Lock<u32> = Lock::named("apart a", 0);
    static B: Lock<u32> = Lock::named("apart b", 0);
    let _ = inversions("apart");
    drop(A.acquire());
    drop(B.acquire());
    drop(A.acquire());
    assert!(inversions("apart").is_empty());
}
