//! All objects under load, with noise in the schedule: `RUSTFLAGS="--cfg threadwork_noise" cargo test -p threadwork-sync --test stress`.
//!
//! Runs for `THREADWORK_STRESS_SECS` seconds, 20 by default. If threads make no progress for 30 seconds, they are printed, with their stacks
//! if gdb is installed, and the run fails.
#![cfg(threadwork_noise)]

use std::{
    collections::VecDeque,
    env,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    Barrier, Condition, Lock, RLock, RawLock, RwLock, Semaphore, StopSource, Wait,
};
use threadwork_test_support::chance::Chance;

mod freed;
mod watchdog;

use freed::freed;
use watchdog::watched;

/// The number of steps that threads have made, for the watchdog.
static STEPS: AtomicU64 = AtomicU64::new(0);

fn step() {
    STEPS.fetch_add(1, Ordering::Relaxed);
}

/// A random wait: without a limit, with a short timeout, or with the token of `stop`.
fn any_wait(chance: &mut Chance, stop: &StopSource) -> Wait {
    match chance.below(3) {
        0 => Wait::forever(),
        1 => Wait::timeout(Duration::from_micros(chance.below(80))),
        _ => Wait::timeout(Duration::from_millis(chance.below(5))).or_stop(&stop.token()),
    }
}

/// Runs `work(number, chance, stop)` in `n` threads until the time is up; another thread repeatedly stops a new `StopSource`.
fn run(n: usize, time: Duration, work: impl Fn(usize, &mut Chance, &StopSource) + Sync) {
    let until = Instant::now() + time;
    let stop = Lock::new(StopSource::new());
    thread::scope(|scope| {
        for number in 0..n {
            let (work, stop) = (&work, &stop);
            scope.spawn(move || {
                let mut chance = Chance::new(number as u64);
                while Instant::now() < until {
                    let stop = stop.acquire().clone();
                    work(number, &mut chance, &stop);
                    step();
                }
            });
        }
        scope.spawn(|| {
            while Instant::now() < until {
                let stopped = std::mem::take(&mut *stop.acquire());
                thread::yield_now();
                stopped.request_stop();
            }
        });
    });
}

fn locks(time: Duration) {
    for raw in [RawLock::new(), RawLock::fair()] {
        let (lock, inside, taken) =
            (Lock::from_raw(raw, 0_u64), AtomicUsize::new(0), AtomicU64::new(0));
        run(4, time / 2, |_, chance, stop| {
            if let Ok(mut guard) = lock.acquire_with(&any_wait(chance, stop)) {
                assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0, "two threads hold the lock");
                *guard += 1;
                taken.fetch_add(1, Ordering::Relaxed);
                inside.fetch_sub(1, Ordering::Relaxed);
            }
        });
        assert_eq!(lock.into_inner(), taken.into_inner());
    }
}

fn conditions(time: Duration) {
    let (lock, not_empty, not_full) =
        (RLock::new(Lock::new(VecDeque::new())), Condition::new(), Condition::new());
    let (put, got) = (AtomicU64::new(0), AtomicU64::new(0));
    run(4, time, |number, chance, stop| {
        let wait = match any_wait(chance, stop) {
            // A wait without a limit could outlast the threads that would end it.
            wait if wait.deadline().instant().is_none() => Wait::timeout(Duration::from_millis(1)),
            wait => wait,
        };
        let _outer = lock.acquire();
        let mut guard = lock.acquire();
        if number % 2 == 0 {
            let room = not_full
                .wait_for_with(&mut guard, &wait, |it| (it.acquire().len() < 2).then_some(()));
            if room.is_ok() {
                guard.acquire().push_back(());
                put.fetch_add(1, Ordering::Relaxed);
                not_empty.notify(&guard, 1);
            }
        } else if not_empty.wait_for_with(&mut guard, &wait, |it| it.acquire().pop_front()).is_ok()
        {
            got.fetch_add(1, Ordering::Relaxed);
            not_full.notify(&guard, 1);
        }
        assert_eq!(lock.depth(), 2);
    });
    let left = lock.into_inner().into_inner().len() as u64;
    assert_eq!(put.into_inner(), got.into_inner() + left);
}

/// No wait has a deadline here: a lost notification would leave a thread waiting for ever.
fn buffers(time: Duration) {
    const ITEMS: u64 = 200;
    let until = Instant::now() + time;
    while Instant::now() < until {
        let (items, not_empty, not_full) =
            (Lock::new(VecDeque::new()), Condition::new(), Condition::new());
        let put = || {
            for item in 0..ITEMS {
                let mut items = items.acquire();
                not_full.wait_for(&mut items, |items| (items.len() < 2).then_some(()));
                items.push_back(item);
                not_empty.notify(&items, 1);
                step();
            }
        };
        let get = || {
            for _ in 0..ITEMS {
                let mut items = items.acquire();
                not_empty.wait_for(&mut items, |items| items.pop_front());
                not_full.notify(&items, 1);
            }
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(put);
                scope.spawn(get);
            }
        });
        assert!(items.into_inner().is_empty());
    }
}

fn semaphores(time: Duration) {
    const PERMITS: usize = 3;
    let (semaphore, taken) = (Semaphore::new(PERMITS), AtomicUsize::new(0));
    run(5, time, |_, chance, stop| {
        let n = 1 + chance.place(PERMITS);
        if let Ok(permit) = semaphore.acquire_many_with(n, &any_wait(chance, stop)) {
            assert!(taken.fetch_add(n, Ordering::Relaxed) + n <= PERMITS, "too many permits");
            thread::yield_now();
            taken.fetch_sub(n, Ordering::Relaxed);
            drop(permit);
        }
    });
    assert_eq!(semaphore.available(), PERMITS);
}

fn barriers(time: Duration) {
    const PARTIES: usize = 3;
    let until = Instant::now() + time;
    while Instant::now() < until {
        let (barrier, leaders) = (Barrier::new(PARTIES), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..PARTIES {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let passed = barrier.wait().expect("the barrier is not broken");
                        leaders.fetch_add(usize::from(passed.is_leader()), Ordering::Relaxed);
                        step();
                    }
                });
            }
        });
        assert_eq!(leaders.into_inner(), 50);

        // All parties of a round get the same outcome.
        let (barrier, timeout) = (Barrier::new(PARTIES), Duration::from_micros(50));
        let passed = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..PARTIES {
                scope.spawn(|| {
                    passed.fetch_add(
                        usize::from(barrier.wait_timeout(timeout).is_ok()),
                        Ordering::Relaxed,
                    )
                });
            }
        });
        assert!([0, PARTIES].contains(&passed.into_inner()), "some passed, some did not");
    }
}

fn rwlocks(time: Duration) {
    let (lock, readers, writers) = (RwLock::new(0_u64), AtomicUsize::new(0), AtomicUsize::new(0));
    let written = AtomicU64::new(0);
    run(4, time, |_, chance, stop| {
        let wait = any_wait(chance, stop);
        if chance.below(3) > 0 {
            if let Ok(guard) = lock.read_with(&wait) {
                readers.fetch_add(1, Ordering::Relaxed);
                assert_eq!(writers.load(Ordering::Relaxed), 0, "a reader beside a writer");
                readers.fetch_sub(1, Ordering::Relaxed);
                drop(guard);
            }
        } else if let Ok(mut guard) = lock.write_with(&wait) {
            assert_eq!(writers.fetch_add(1, Ordering::Relaxed), 0, "two writers");
            assert_eq!(readers.load(Ordering::Relaxed), 0, "a writer beside a reader");
            *guard += 1;
            written.fetch_add(1, Ordering::Relaxed);
            writers.fetch_sub(1, Ordering::Relaxed);
        }
    });
    assert_eq!(lock.into_inner(), written.into_inner());
}

#[test]
fn nothing_is_lost_and_no_thread_is_stuck() {
    let seconds =
        env::var("THREADWORK_STRESS_SECS").ok().and_then(|it| it.parse().ok()).unwrap_or(20);
    let scenarios = [locks, conditions, buffers, semaphores, barriers, rwlocks, freed];
    let time = Duration::from_secs(seconds) / scenarios.len() as u32;
    watched(&STEPS, || scenarios.into_iter().for_each(|scenario| scenario(time)));
    println!("{} steps", STEPS.load(Ordering::Relaxed));
}
