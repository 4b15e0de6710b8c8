//! No thread starves at a fair lock, even beside threads that release it and acquire it again at once. Turns are counted, not timed.

use std::{num::NonZeroU64, sync::Arc};

use threadwork_sync::{Lock, RawLock, RawRLock, get_ident, waits};

use crate::support::{Helper, eventually};

const THREADS: usize = 5;
const ROUNDS: usize = 40;

/// The threads that have held the lock, in order.
type Holders = Lock<Vec<NonZeroU64>>;

/// Returns once all other threads are in the queue of the lock, which this thread holds.
fn all_others_wait() {
    let me = Some(get_ident());
    eventually("the others do not wait", || {
        (waits().iter().filter(|it| it.holder == me).count() == THREADS - 1).then_some(())
    });
}

/// Checks a lock at which several threads take turns: each releases only once all others wait, and acquires again at once.
/// Each waiter must get the lock before any other thread gets it twice.
fn check<L: Send + Sync + 'static>(lock: L, acquire: fn(&L), release: fn(&L)) {
    let shared = Arc::new((lock, Holders::default()));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let shared = Arc::clone(&shared);
            Helper::start(move || {
                let (lock, holders) = &*shared;
                loop {
                    acquire(lock);
                    let turn = {
                        let mut holders = holders.acquire();
                        holders.push(get_ident());
                        holders.len()
                    };
                    let is_over = turn > THREADS * (ROUNDS - 1);
                    if !is_over {
                        all_others_wait();
                    }
                    release(lock);
                    // Each thread gets the lock once more and then ends.
                    if is_over {
                        return;
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(Helper::join);

    let holders = shared.1.acquire();
    assert_eq!(holders.len(), THREADS * ROUNDS);
    for (turn, hand_overs) in holders.windows(THREADS).enumerate() {
        for (place, holder) in hand_overs.iter().enumerate() {
            let rest = &hand_overs[place + 1..];
            assert!(
                !rest.contains(holder),
                "a thread was overtaken after turn {turn}: {holders:?}"
            );
        }
    }
}

#[test]
fn a_fair_lock_overtakes_no_waiter() {
    check(RawLock::fair(), RawLock::acquire, |it| it.release().unwrap());
}

#[test]
fn a_fair_re_entrant_lock_overtakes_no_waiter() {
    let acquire = |it: &RawRLock| (0..2).for_each(|_| it.acquire());
    check(RawRLock::fair(), acquire, |it| (0..2).for_each(|_| it.release().unwrap()));
}

#[test]
fn fair_releases_overtake_no_waiter() {
    check(RawLock::new(), RawLock::acquire, |it| it.release_fair().unwrap());
}
