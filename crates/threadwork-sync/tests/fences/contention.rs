//! Threads that use locks of all kinds, which are freed by a store and waited for in turns.

use std::{
    iter, thread,
    time::{Duration, Instant},
};

use threadwork_sync::{Condition, Lock, RLock, RawLock, RwLock};
use threadwork_test_support::chance::Chance;

const THREADS: u32 = 4;

/// The number of locks of each kind. A thread seldom waits, and most locks are freed by a store when somebody does.
const LOCKS: usize = 64;

/// One lock of each kind. All protect numbers, in cells where the guard gives no exclusive access.
struct Kinds {
    lock: Lock<u32>,
    fair: Lock<u32>,
    rlock: RLock<std::cell::Cell<u32>>,
    rwlock: RwLock<u32>,
}

impl Kinds {
    fn new() -> Kinds {
        Kinds {
            lock: Lock::new(0),
            fair: Lock::from_raw(RawLock::fair(), 0),
            rlock: RLock::default(),
            rwlock: RwLock::new(0),
        }
    }

    /// Adds one to each number; lets others run with a lock held now and then, so that they come to wait for it.
    fn add(&self, chance: &mut Chance) {
        let mut rest = || {
            if chance.below(32) == 0 {
                thread::yield_now();
            }
        };
        let mut guard = self.lock.acquire();
        *guard += 1;
        rest();
        drop(guard);
        let mut guard = self.fair.acquire();
        *guard += 1;
        rest();
        drop(guard);
        let (outer, inner) = (self.rlock.acquire(), self.rlock.acquire());
        inner.set(outer.get() + 1);
        rest();
        drop((inner, outer));
        drop(self.rwlock.read());
        let mut guard = self.rwlock.write();
        *guard += 1;
        rest();
    }

    fn totals(self) -> [u32; 4] {
        let rlock = self.rlock.into_inner().into_inner();
        [self.lock.into_inner(), self.fair.into_inner(), rlock, self.rwlock.into_inner()]
    }
}

/// Uses locks of all kinds in several threads for about `time`. Checks that nothing is lost.
#[track_caller]
pub(crate) fn contend(time: Duration) {
    let until = Instant::now() + time;
    let locks: Vec<_> = iter::repeat_with(Kinds::new).take(LOCKS).collect();
    let add = |seed: u32| {
        let mut chance = Chance::new(seed.into());
        let mut count = 0;
        while count < 100 || Instant::now() < until {
            locks[chance.place(LOCKS)].add(&mut chance);
            count += 1;
        }
        count
    };
    let count: u32 = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|seed| scope.spawn(move || add(seed))).collect();
        threads.into_iter().map(|it| it.join().expect("it does not panic")).sum()
    });
    let totals = locks.into_iter().map(Kinds::totals);
    let totals = totals.reduce(|one, other| std::array::from_fn(|kind| one[kind] + other[kind]));
    assert_eq!(totals, Some([count; 4]));
    take_turns();
}

/// Two threads take turns at a condition. In its turn a thread uses the lock alone for a while.
fn take_turns() {
    const TURNS: u32 = 200;
    let (turn, changed) = (Lock::new(0), Condition::new());
    let play = |me: u32| {
        for _ in 0..TURNS {
            let mut guard = turn.acquire();
            changed.wait_for(&mut guard, |turn| (**turn % 2 == me).then_some(()));
            drop(guard);
            (0..40).for_each(|_| drop(turn.acquire()));
            let mut guard = turn.acquire();
            *guard += 1;
            changed.notify(&guard, 1);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| play(0));
        scope.spawn(|| play(1));
    });
    assert_eq!(turn.into_inner(), 2 * TURNS);
}
