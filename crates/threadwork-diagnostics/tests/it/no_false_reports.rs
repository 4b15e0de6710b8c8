//! Random programs that cannot deadlock, while a thread looks for deadlocks all the time.
//!
//! Each lock has a rank, and a thread acquires only locks of higher ranks than the ones it holds. While it holds locks it may join a thread
//! that also acquires only locks of higher ranks. Waits at conditions have a timeout. So a thread that holds the highest lock always continues,
//! and no schedule ends in a circle, whatever times out or is stopped.

use std::{
    env,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use threadwork_core::Thread;
use threadwork_diagnostics::find_deadlocks;
use threadwork_sync::{
    Barrier, Condition, Lock, LockGuard, RLock, RLockGuard, RawLock, RwLock, RwLockReadGuard,
    RwLockUpgradableGuard, RwLockWriteGuard, StopSource, Wait, waits,
};
use threadwork_test_support::chance::Chance;

use crate::program::Program;

/// How many locks are acquired in total; the default is 200,000.
const VARIABLE: &str = "THREADWORK_DEADLOCK_STEPS";

const THREADS: u64 = 8;
const RANKS: usize = 8;

static STEPS_LEFT: AtomicU64 = AtomicU64::new(0);
static CHAINS: AtomicU64 = AtomicU64::new(0);
/// Whether there were enough looks, however slow they were beside the threads.
static ENOUGH: AtomicBool = AtomicBool::new(false);
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// A lock of each kind, at its rank.
enum Any {
    Lock(Lock<()>, Condition),
    RLock(RLock<()>),
    RwLock(RwLock<()>),
}

static LOCKS: [Any; RANKS] = [
    Any::Lock(Lock::named("0", ()), Condition::new()),
    Any::RwLock(RwLock::named("1", ())),
    Any::Lock(Lock::from_raw(RawLock::fair().named("2"), ()), Condition::new()),
    Any::RLock(RLock::named("3", ())),
    Any::Lock(Lock::named("4", ()), Condition::new()),
    Any::RwLock(RwLock::named("5", ())),
    Any::Lock(Lock::from_raw(RawLock::fair().named("6"), ()), Condition::new()),
    Any::Lock(Lock::named("7", ()), Condition::new()),
];

/// The guards are for their drops.
#[expect(dead_code, reason = "what is held is only given back")]
enum Held {
    Lock(LockGuard<'static, ()>),
    RLock(RLockGuard<'static, ()>),
    Twice(RLockGuard<'static, ()>, RLockGuard<'static, ()>),
    Read(RwLockReadGuard<'static, ()>),
    Upgradable(RwLockUpgradableGuard<'static, ()>),
    Write(RwLockWriteGuard<'static, ()>),
}

/// Acquires it, unless `wait` ends before.
fn acquire(lock: &'static Any, wait: &Wait, chance: &mut Chance) -> Option<Held> {
    match lock {
        Any::Lock(lock, changed) => lock.acquire_with(wait).ok().map(|mut guard| {
            if chance.below(256) == 0 {
                let time = Duration::from_micros(chance.below(50));
                let _ = changed.wait_timeout(&mut guard, time);
            } else if chance.below(8) == 0 {
                changed.notify(&guard, 1);
            }
            Held::Lock(guard)
        }),
        Any::RLock(lock) => {
            let first = lock.acquire_with(wait).ok()?;
            let again = chance.below(2) == 0;
            Some(if again { Held::Twice(first, lock.acquire()) } else { Held::RLock(first) })
        }
        Any::RwLock(lock) => match chance.below(6) {
            0..3 => lock.read_with(wait).ok().map(Held::Read),
            3 => lock.upgradable_read_with(wait).ok().map(Held::Upgradable),
            4 => {
                let seen = lock.upgradable_read_with(wait).ok()?;
                let upgraded = RwLockUpgradableGuard::upgrade_with(seen, wait);
                Some(upgraded.map_or_else(|(seen, _)| Held::Upgradable(seen), Held::Write))
            }
            _ => lock.write_with(wait).ok().map(Held::Write),
        },
    }
}

/// Acquires locks from `rank` on, and gives them all back.
fn chain(mut rank: usize, chance: &mut Chance, stop: &Lock<StopSource>) {
    let mut held = Vec::new();
    while rank < RANKS {
        let token = stop.acquire().token();
        let wait = match chance.below(4) {
            0 => Wait::timeout(Duration::from_micros(chance.below(200))),
            1 => Wait::timeout(Duration::from_micros(chance.below(200))).or_stop(&token),
            2 => Wait::forever().or_stop(&token),
            _ => Wait::forever(),
        };
        held.extend(acquire(&LOCKS[rank], &wait, chance));
        let left = STEPS_LEFT
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| Some(it.saturating_sub(1)));
        if left == Ok(0) && ENOUGH.load(Ordering::Relaxed) {
            break;
        }
        rank += 1 + usize::try_from(chance.below(3)).unwrap();
        match chance.below(1000) {
            0..60 => std::thread::yield_now(),
            60..62 if rank < RANKS => join_with(held.len() + 1, rank, chance),
            _ => (),
        }
    }
    CHAINS.fetch_add(1, Ordering::Relaxed);
    // Not always the last one first.
    while !held.is_empty() {
        held.swap_remove(chance.place(held.len()));
    }
}

/// Waits, with all that is held, for a thread that acquires only what comes later.
fn join_with(n_chains: usize, rank: usize, chance: &mut Chance) {
    let seed = chance.below(u64::MAX);
    let child = Thread::new(move || {
        let stop = Lock::new(StopSource::new());
        let mut chance = Chance::new(seed);
        (0..n_chains).for_each(|_| chain(rank, &mut chance, &stop));
    });
    child.start().unwrap();
    match chance.below(3) {
        0 => child.join().unwrap(),
        1 => _ = child.join_timeout(Duration::from_micros(chance.below(500))),
        _ => child.join_timeout(Duration::from_secs(3600)).unwrap(),
    }
}

/// Asks for stops at random, which end only the waits that watch for them.
fn stop_at_random(stops: &[Lock<StopSource>], mut chance: Chance) {
    while RUNNING.load(Ordering::Relaxed) > 0 {
        let place = usize::try_from(chance.below(THREADS)).unwrap();
        let old = std::mem::replace(&mut *stops[place].acquire(), StopSource::new());
        old.request_stop();
        let _ = threadwork_core::sleep(Duration::from_micros(200 + chance.below(2000)));
    }
}

/// Counts the thread as running until it ends, however that is.
struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn no_deadlock_is_reported_where_there_is_none() {
    let program = Program::new(|| {
        let steps = env::var(VARIABLE).map_or(200_000, |it| it.parse().expect("a number"));
        STEPS_LEFT.store(steps, Ordering::Relaxed);
        RUNNING.store(usize::try_from(THREADS).unwrap(), Ordering::Relaxed);
        let stops: Vec<_> = (0..THREADS).map(|_| Lock::new(StopSource::new())).collect();
        let (mut searches, mut blocked) = (0_u64, 0);
        threadwork_core::scope(|scope| {
            for (number, stop) in (0..THREADS).zip(&stops) {
                let run = move || {
                    let _running = Running;
                    let mut chance = Chance::new(number + 1);
                    while STEPS_LEFT.load(Ordering::Relaxed) > 0 || !ENOUGH.load(Ordering::Relaxed)
                    {
                        chain(usize::try_from(chance.below(5)).unwrap(), &mut chance, stop);
                    }
                };
                scope.start(run).unwrap();
            }
            scope.start(|| stop_at_random(&stops, Chance::new(42))).unwrap();
            while RUNNING.load(Ordering::Relaxed) > 0 {
                let found = find_deadlocks();
                // They go on until they are told, and so to their ends also if this fails.
                ENOUGH.fetch_or(!found.is_empty(), Ordering::Relaxed);
                assert!(found.is_empty(), "{found:#?}\nof {:#?}", waits());
                searches += 1;
                blocked += waits().len();
                ENOUGH.fetch_or(searches > 1000 && blocked > 1000, Ordering::Relaxed);
            }
        });
        let chains = CHAINS.load(Ordering::Relaxed);
        eprintln!("{steps} locks acquired in {chains} chains, searched {searches} times");
        assert!(searches > 1000 && blocked > 1000, "{searches} {blocked}: somebody has panicked");
        assert!(chains > steps / 10, "{chains}");

        // The same locks, and now there is one.
        let (ready, seen) = (Barrier::new(2), StopSource::new());
        let circle = |first: &'static Any, second: &'static Any| {
            let _held = acquire(first, &Wait::forever(), &mut Chance::new(7));
            ready.wait().unwrap();
            drop(acquire(second, &Wait::forever().or_stop(&seen.token()), &mut Chance::new(7)));
        };
        threadwork_core::scope(|scope| {
            scope.start(|| circle(&LOCKS[0], &LOCKS[2])).unwrap();
            scope.start(|| circle(&LOCKS[2], &LOCKS[0])).unwrap();
            while find_deadlocks().is_empty() {
                std::thread::yield_now();
            }
            seen.request_stop();
        });
        println!("found");
    });
    assert_eq!(program.run().lines(), ["found"]);
}
