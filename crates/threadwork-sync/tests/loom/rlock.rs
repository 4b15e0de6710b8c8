//! Re-entrant locks: the holder acquires again, and no other thread does.

use loom::{sync::Arc, thread};
use threadwork_sync::{RLock, RawRLock, StopSource, Wait};

use crate::{Data, check};

const KINDS: [fn() -> RawRLock; 2] = [RawRLock::new, RawRLock::fair];

/// Adds one on the second level and one on the first.
fn add_two(lock: &RLock<Data>) {
    let outer = lock.acquire();
    let inner = lock.acquire();
    assert_eq!(lock.depth(), 2);
    inner.add_one();
    drop(inner);
    assert_eq!(lock.depth(), 1);
    outer.add_one();
}

fn spawn<T: 'static>(
    lock: &Arc<RLock<Data>>,
    f: impl FnOnce(&RLock<Data>) -> T + 'static,
) -> thread::JoinHandle<T> {
    let lock = Arc::clone(lock);
    thread::spawn(move || f(&lock))
}

/// Threads that nest exclude each other until the last release, and see what the previous holder wrote.
#[test]
fn threads_that_nest_exclude_each_other() {
    for new in KINDS {
        check(4, move || {
            let lock = Arc::new(RLock::from_raw(new(), Data::default()));
            let others = [spawn(&lock, add_two), spawn(&lock, add_two)];
            add_two(&lock);
            others.into_iter().for_each(|it| it.join().unwrap());
            assert_eq!(lock.acquire().get(), 6);
            assert_eq!(lock.depth(), 0);
        });
    }
}

/// A thread that only tries never shares the lock, and is not taken for the holder.
#[test]
fn a_thread_that_tries_is_not_taken_for_the_holder() {
    for new in KINDS {
        check(4, move || {
            let lock = Arc::new(RLock::from_raw(new(), Data::default()));
            let trying = spawn(&lock, |it| {
                let before = it.is_owned();
                let got_it = it.try_acquire().map(|guard| guard.add_one()).is_some();
                assert!(!before && !it.is_owned());
                got_it
            });
            let waiting = spawn(&lock, add_two);
            add_two(&lock);
            waiting.join().unwrap();
            let got_it = trying.join().unwrap();
            assert_eq!(lock.acquire().get(), 4 + u32::from(got_it));
        });
    }
}

/// A stop of a waiter at any moment leaves the lock to the other thread, at its first level.
#[test]
fn a_stop_loses_no_wake_up() {
    check(4, || {
        let lock = Arc::new(RLock::new(Data::default()));
        let stop = StopSource::new();
        let guards = (lock.acquire(), lock.acquire());
        let waiting = spawn(&lock, add_two);
        let giving_up = {
            let wait = Wait::forever().or_stop(&stop.token());
            spawn(&lock, move |it| it.acquire_with(&wait).map(|it| it.add_one()).is_ok())
        };
        drop(guards);
        stop.request_stop();
        waiting.join().unwrap();
        let got_it = giving_up.join().unwrap();
        assert_eq!(lock.try_acquire().unwrap().get(), 2 + u32::from(got_it));
    });
}
