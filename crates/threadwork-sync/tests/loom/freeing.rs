//! Locks that are freed by a store: the fence keeps a waiter from being left behind.
//! Scenario "the lock that is freed by a store" in docs/architecture.md.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Condition, Lock, RLock, RwLock,
    internal::model::{leave_out_hand_overs, leave_out_heavy_fences},
};

use crate::{Data, check, check_deeply, tasks::Alarm};

/// A lock that is freed by a store from now on: nobody has waited for it.
fn freed_by_store() -> Arc<Lock<Data>> {
    let lock = Arc::new(Lock::new(Data::default()));
    drop(lock.acquire());
    lock
}

fn spawn_adding(lock: &Arc<Lock<Data>>) -> thread::JoinHandle<()> {
    let lock = Arc::clone(lock);
    thread::spawn(move || lock.acquire().add_one())
}

/// The lock is leaked: loom cannot drop anything once the model has failed.
fn one_waiter() {
    let lock: &Lock<Data> = Box::leak(Box::new(Lock::new(Data::default())));
    drop(lock.acquire());
    let guard = lock.acquire();
    let waiter = thread::spawn(|| lock.acquire().add_one());
    guard.add_one();
    drop(guard);
    waiter.join().unwrap();
    assert_eq!(lock.acquire().get(), 2);
}

#[test]
fn a_waiter_of_a_lock_that_is_freed_by_a_store_is_woken() {
    check(2, one_waiter);
}

#[test]
fn without_the_fence_a_waiter_is_left_behind() {
    let left_behind = catch_unwind(AssertUnwindSafe(|| {
        check(2, || {
            leave_out_heavy_fences();
            one_waiter();
        });
    }));
    let payload = left_behind.expect_err("the fence is needed");
    let message = payload.downcast_ref::<String>().expect("loom says what is wrong");
    assert!(message.contains("deadlock"), "{message}");
}

/// The second waiter may come between the step by which the first one announces itself and its fence. With fewer preemptions, no execution
/// shows what happens if the queue is not locked from one to the other.
#[test]
fn two_waiters_of_a_lock_that_is_freed_by_a_store_are_woken() {
    for hands_over in [false, true] {
        check_deeply(3, 3, move || {
            if !hands_over {
                leave_out_hand_overs();
            }
            let lock = freed_by_store();
            let guard = lock.acquire();
            let waiters = [spawn_adding(&lock), spawn_adding(&lock)];
            drop(guard);
            waiters.into_iter().for_each(|it| it.join().unwrap());
            assert_eq!(lock.acquire().get(), 2);
        });
    }
}

/// The lock is freed by a store before and after somebody has waited.
#[test]
fn a_lock_is_freed_by_a_store_again() {
    check(2, || {
        let lock = freed_by_store();
        let other = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || (0..2).for_each(|_| lock.acquire().add_one()))
        };
        (0..2).for_each(|_| lock.acquire().add_one());
        other.join().unwrap();
        assert_eq!(lock.acquire().get(), 4);
    });
}

#[test]
fn a_waiter_of_a_reentrant_lock_that_is_freed_by_a_store_is_woken() {
    check(2, || {
        let lock = Arc::new(RLock::new(Data::default()));
        drop(lock.acquire());
        let guard = lock.acquire();
        let waiter = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || lock.acquire().add_one())
        };
        guard.add_one();
        drop(guard);
        waiter.join().unwrap();
        assert_eq!(lock.acquire().get(), 2);
    });
}

#[test]
fn a_reader_and_a_writer_of_a_lock_that_is_freed_by_a_store_are_woken() {
    check(3, || {
        let lock = Arc::new(RwLock::new(Data::default()));
        drop(lock.write());
        let guard = lock.write();
        let writer = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || lock.write().add_one())
        };
        let reader = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || lock.read().get())
        };
        drop(guard);
        writer.join().unwrap();
        assert!(reader.join().unwrap() < 2);
        assert_eq!(lock.read().get(), 1);
    });
}

/// While a task is in the queue, the lock does not go back to stores: the first task would wipe out the flag by which the second is found.
#[test]
fn a_lock_is_not_freed_by_a_store_while_tasks_wait() {
    for hands_over in [false, true] {
        check(1, move || {
            if !hands_over {
                leave_out_hand_overs();
            }
            let lock = freed_by_store();
            let guard = lock.acquire();
            let (mut first, mut second) = (pin!(lock.acquire_async()), pin!(lock.acquire_async()));
            let alarms = [Alarm::new(), Alarm::new()];
            assert!(alarms[0].poll(first.as_mut()).is_pending());
            assert!(alarms[1].poll(second.as_mut()).is_pending());
            drop(guard);
            for (alarm, task) in alarms.iter().zip([first, second]) {
                alarm.wait();
                let Poll::Ready(guard) = alarm.poll(task) else { panic!("the lock is free") };
                guard.add_one();
            }
            assert_eq!(lock.acquire().get(), 2);
        });
    }
}

/// A waiter is moved to the queue of a lock that its holder frees by a store: nobody has waited for the lock itself.
#[test]
fn a_waiter_that_is_moved_to_a_lock_that_is_freed_by_a_store_is_woken() {
    check(2, || {
        let shared = Arc::new((Lock::new(false), Condition::new()));
        drop(shared.0.acquire());
        let waiter = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let mut guard = shared.0.acquire();
                shared.1.wait_for(&mut guard, |it| it.then_some(()));
            })
        };
        // If this thread or the other had to wait for the lock, it is freed by a store again after this.
        drop(shared.0.acquire());
        let mut guard = shared.0.acquire();
        *guard = true;
        shared.1.notify(&guard, 1);
        drop(guard);
        waiter.join().unwrap();
    });
}
