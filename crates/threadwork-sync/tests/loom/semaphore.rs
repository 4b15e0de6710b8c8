//! Semaphores: never too many permits in use, and no thread waits beside an available one.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    BoundedSemaphore, Semaphore, StopSource, Wait, internal::model::let_time_pass,
};

use crate::{Data, check, check_both, timed};

struct Shared {
    semaphore: Semaphore,
    data: Data,
}

impl Shared {
    fn new(permits: usize) -> Arc<Shared> {
        Arc::new(Shared { semaphore: Semaphore::new(permits), data: Data::default() })
    }
}

fn spawn<T: 'static>(
    shared: &Arc<Shared>,
    f: impl FnOnce(&Shared) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

/// Spawns a thread that takes `n` permits and keeps them.
fn spawn_taking(shared: &Arc<Shared>, n: usize) -> thread::JoinHandle<()> {
    spawn(shared, move |it| it.semaphore.acquire_many(n).forget())
}

/// One thread at a time has the only permit, and the next one sees what the previous one wrote.
#[test]
fn one_thread_at_a_time_has_the_only_permit() {
    check_both(4, || {
        let shared = Shared::new(1);
        let add = |it: &Shared| {
            let _permit = it.semaphore.acquire();
            it.data.add_one();
        };
        let others = [spawn(&shared, add), spawn(&shared, add)];
        add(&shared);
        others.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(shared.semaphore.available(), 1);
        let _permit = shared.semaphore.acquire();
        assert_eq!(shared.data.get(), 3);
    });
}

/// While a thread has all permits, no thread has one, and the other way round.
#[test]
fn an_acquire_of_all_permits_excludes_an_acquire_of_one() {
    check(4, || {
        let shared = Shared::new(2);
        let all = |it: &Shared| {
            let _permits = it.semaphore.acquire_many(2);
            it.data.add_one();
        };
        let one = |it: &Shared| {
            let _permit = it.semaphore.acquire();
            it.data.get()
        };
        let reader = spawn(&shared, one);
        let writer = spawn(&shared, all);
        all(&shared);
        writer.join().unwrap();
        reader.join().unwrap();
        assert_eq!(shared.semaphore.available(), 2);
        let _permit = shared.semaphore.try_acquire().unwrap();
        assert_eq!(shared.data.get(), 2);
    });
}

/// A release reaches the waiter, which sees what was written before.
#[test]
fn an_acquire_sees_the_release_and_what_was_written_before() {
    for n in [1, 2] {
        check(4, move || {
            let shared = Shared::new(0);
            let waiter = spawn(&shared, move |it| {
                it.semaphore.acquire_many(n).forget();
                it.data.get()
            });
            shared.data.add_one();
            shared.semaphore.release(n).unwrap();
            assert_eq!(waiter.join().unwrap(), 1);
        });
    }
}

/// A thread that gets a permit by `try_acquire` sees what was written before its release, even if other threads wait.
#[test]
fn try_acquire_sees_what_was_written_before_the_release() {
    check(4, || {
        let shared = Shared::new(0);
        let waiter = spawn_taking(&shared, 1);
        let trying = spawn(&shared, |it| {
            it.semaphore.try_acquire().is_some_and(|permit| {
                permit.forget();
                assert_eq!(it.data.get(), 1);
                true
            })
        });
        shared.data.add_one();
        shared.semaphore.release(1).unwrap();
        if trying.join().unwrap() {
            shared.semaphore.release(1).unwrap();
        }
        waiter.join().unwrap();
        assert_eq!(shared.semaphore.available(), 0);
    });
}

/// Two waiters both return when two permits are released, one by one or together, and no permit is left over.
fn check_two_waiters(permits: usize, needs: [usize; 2]) {
    for portions in [&[1, 1][..], &[2]] {
        check(4, move || {
            let shared = Shared::new(permits);
            let waiters = needs.map(|n| spawn_taking(&shared, n));
            portions.iter().for_each(|n| shared.semaphore.release(*n).unwrap());
            waiters.into_iter().for_each(|it| it.join().unwrap());
            assert_eq!(shared.semaphore.available(), 0);
        });
    }
}

/// Two acquires of one return when two permits are released, one by one or together.
#[test]
fn two_permits_serve_two_waiters() {
    check_two_waiters(0, [1, 1]);
}

/// Releases by two threads serve two waiters, one of which is already in the queue.
#[test]
fn releases_by_two_threads_serve_two_waiters() {
    check_both(4, || {
        let shared = Shared::new(0);
        let waiter = spawn_taking(&shared, 1);
        let other = spawn(&shared, |it| it.semaphore.release(1).unwrap());
        shared.semaphore.release(1).unwrap();
        shared.semaphore.acquire().forget();
        waiter.join().unwrap();
        other.join().unwrap();
        assert_eq!(shared.semaphore.available(), 0);
    });
}

/// An acquire of two and an acquire of one both return when there are three permits, two of them released one by one or together.
#[test]
fn an_acquire_of_many_and_one_of_one_both_succeed() {
    check_two_waiters(1, [2, 1]);
}

/// An acquire of two and two acquires of one all succeed with four permits.
#[test]
fn an_acquire_of_many_and_two_of_one_all_succeed() {
    check(4, || {
        let shared = Shared::new(1);
        let waiters = [2, 1].map(|n| spawn_taking(&shared, n));
        (0..3).for_each(|_| shared.semaphore.release(1).unwrap());
        shared.semaphore.acquire().forget();
        waiters.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(shared.semaphore.available(), 0);
    });
}

/// Checks that a waiter that leaves at any moment leaves the permits to others, and loses none.
fn check_giving_up(n: usize, wait: fn(&StopSource) -> Wait, end: fn(&StopSource)) {
    for end_first in [true, false] {
        check(4, move || {
            let shared = Shared::new(0);
            let stop = StopSource::new();
            let giving_up = {
                let wait = wait(&stop);
                spawn(&shared, move |it| it.semaphore.acquire_many_with(n, &wait).map(drop).is_ok())
            };
            let waiter = spawn_taking(&shared, 1);
            if end_first {
                end(&stop);
            }
            shared.semaphore.release(1).unwrap();
            if !end_first {
                end(&stop);
            }
            stop.request_stop();
            let got_it = giving_up.join().unwrap();
            assert!(!got_it || n == 1);
            waiter.join().unwrap();
            assert_eq!(shared.semaphore.available(), 0);
            assert_eq!(shared.semaphore.release(1), Ok(()));
            assert!(shared.semaphore.try_acquire().is_some(), "no waiter is left in the queue");
        });
    }
}

/// A stop of an acquire of one loses no permit.
#[test]
fn a_stop_loses_no_permit() {
    check_giving_up(1, |it| Wait::forever().or_stop(&it.token()), |it| _ = it.request_stop());
}

/// The deadline of an acquire of one loses no permit.
#[test]
fn a_timeout_loses_no_permit() {
    check_giving_up(1, |it| timed().or_stop(&it.token()), |_| let_time_pass());
}

/// A stop of an acquire of many lets the waiters behind it have the permits.
#[test]
fn a_stopped_acquire_of_many_blocks_no_waiter() {
    check_giving_up(2, |it| Wait::forever().or_stop(&it.token()), |it| _ = it.request_stop());
}

/// The deadline of an acquire of many lets the waiters behind it have the permits.
#[test]
fn an_acquire_of_many_that_timed_out_blocks_no_waiter() {
    check_giving_up(2, |it| timed().or_stop(&it.token()), |_| let_time_pass());
}

/// With a stop and a sufficient release at the same time, the permits are acquired or stay available.
#[test]
fn a_stop_and_a_release_of_enough_lose_no_permit() {
    check(4, || {
        let shared = Shared::new(0);
        let stop = StopSource::new();
        let waiter = {
            let wait = Wait::forever().or_stop(&stop.token());
            spawn(&shared, move |it| {
                it.semaphore.acquire_many_with(2, &wait).map(|it| it.forget()).is_ok()
            })
        };
        let stopper = {
            let stop = stop.clone();
            thread::spawn(move || stop.request_stop())
        };
        shared.semaphore.release(1).unwrap();
        shared.semaphore.release(1).unwrap();
        let got_them = waiter.join().unwrap();
        stopper.join().unwrap();
        assert_eq!(shared.semaphore.available(), if got_them { 0 } else { 2 });
        assert_eq!(shared.semaphore.try_acquire().is_none(), got_them);
    });
}

/// Two releases at the bound, the second of which may exceed it, leave no thread waiting beside a permit.
#[test]
fn a_release_at_the_bound_leaves_no_thread_waiting() {
    check_both(4, || {
        let semaphore = Arc::new(BoundedSemaphore::new(1));
        semaphore.acquire().forget();
        let waiters = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            thread::spawn(move || drop(semaphore.acquire()))
        });
        semaphore.release(1).unwrap();
        let _may_be_too_much = semaphore.release(1);
        waiters.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(semaphore.available(), 1);
    });
}
