//! Objects that are freed as early as their users may free them. Scenario "the lock that is freed by its next owner" in docs/architecture.md.

use std::mem::ManuallyDrop;

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Barrier, Condition, Event, Latch, Lock, RawLock, RawRLock, RwLock, RwLockUpgradableGuard,
    RwLockWriteGuard, Semaphore,
};

use crate::{KINDS, check};

/// An object that the woken thread drops; its memory stays, so that the model can detect later accesses.
struct Freed<T>(ManuallyDrop<T>);

impl<T> Freed<T> {
    fn leak(value: T) -> *mut Freed<T> {
        Box::into_raw(Box::new(Freed(ManuallyDrop::new(value))))
    }
}

/// Explores a waker that may not have returned yet when the woken thread frees the object.
///
/// `hold` prepares the object before the other thread starts; the waker gets its result.
fn check_last_user_frees<T: Sync + 'static, H: 'static>(
    new: impl Fn() -> T + Send + Sync + 'static,
    hold: fn(&'static T) -> H,
    wait_and_leave: fn(&T),
    wake: fn(H),
) {
    check(2, move || {
        let place = Freed::leak(new()).expose_provenance();
        let at = |place: usize| std::ptr::with_exposed_provenance_mut::<Freed<T>>(place);
        // SAFETY: the memory lives until the end of the model.
        let held = hold(unsafe { &(*at(place)).0 });
        let waiter = thread::spawn(move || {
            // SAFETY: the value lives until it is dropped below.
            wait_and_leave(unsafe { &(*at(place)).0 });
            // SAFETY: its user has returned, and the waker must not touch it any more; the word checks that.
            unsafe { ManuallyDrop::drop(&mut (*at(place)).0) };
        });
        wake(held);
        waiter.join().unwrap();
        // SAFETY: it was leaked by this model, and both threads are done with it.
        drop(unsafe { Box::from_raw(at(place)) });
    });
}

fn itself<T>(it: &T) -> &T {
    it
}

/// A notified thread that has the lock may free the condition before the release of the notifying thread returns.
#[test]
fn a_condition_may_be_freed_by_the_notified_thread() {
    type Shared = (Arc<Lock<bool>>, Condition);
    let hold = |shared: &'static Shared| (Arc::clone(&shared.0), &shared.1);
    let wait = |(lock, condition): &Shared| {
        let mut guard = lock.acquire();
        condition.wait_for(&mut guard, |it| it.then_some(()));
    };
    let notify = |(lock, condition): (Arc<Lock<bool>>, &'static Condition)| {
        let mut guard = lock.acquire();
        *guard = true;
        condition.notify(&guard, 1);
    };
    for new in KINDS {
        let new = move || (Arc::new(Lock::from_raw(new(), false)), Condition::new());
        check_last_user_frees(new, hold, wait, notify);
    }
}

/// A thread that has the permits may free the semaphore before the release that gave them returns.
#[test]
fn a_semaphore_may_be_freed_by_the_thread_that_has_its_permits() {
    let one = |it: &Semaphore| it.acquire().forget();
    let two = |it: &Semaphore| it.acquire_many(2).forget();
    check_last_user_frees(|| Semaphore::new(0), itself, one, |it| it.release(1).unwrap());
    check_last_user_frees(|| Semaphore::new(0), itself, two, |it| it.release(2).unwrap());
    check_last_user_frees(|| Semaphore::new(1), itself, two, |it| it.release(1).unwrap());
}

/// A party that passes may free the barrier before the wait of the last one to arrive returns.
#[test]
fn a_barrier_may_be_freed_by_a_party_that_passed() {
    let wait = |it: &Barrier| _ = it.wait().unwrap();
    check_last_user_frees(|| Barrier::new(2), itself, wait, wait);
}

/// A waiter may free the latch before the last `count_down` returns.
#[test]
fn a_latch_may_be_freed_by_the_waiter() {
    check_last_user_frees(|| Latch::new(1), itself, Latch::wait, |it| it.count_down(1).unwrap());
}

/// A waiter may free the event before the `set` that woke it returns.
#[test]
fn an_event_may_be_freed_by_the_waiter() {
    check_last_user_frees(Event::new, itself, Event::wait, Event::set);
}

/// Explores two threads that share a lock; the last one to be done with it frees it.
fn check_last_owner_frees<T: Send + Sync + 'static>(
    new: impl Fn() -> T + Send + Sync + 'static,
    first: fn(&T),
    second: fn(&T),
) {
    check(2, move || {
        let shared = Arc::new(new());
        let other = Arc::clone(&shared);
        let other = thread::spawn(move || second(&other));
        first(&shared);
        drop(shared);
        other.join().unwrap();
    });
}

/// A lock is borrowed until its release has returned, and may be freed after that.
#[test]
fn a_lock_may_be_freed_by_the_thread_that_released_it_last() {
    for new in KINDS {
        let use_it = |it: &RawLock| {
            it.acquire();
            it.release().unwrap();
        };
        check_last_owner_frees(new, use_it, use_it);
    }
}

#[test]
fn a_reentrant_lock_may_be_freed_by_the_thread_that_released_it_last() {
    for new in [RawRLock::new, RawRLock::fair] {
        let use_it = |it: &RawRLock| {
            it.acquire();
            it.acquire();
            it.release().unwrap();
            it.release().unwrap();
        };
        check_last_owner_frees(new, use_it, use_it);
    }
}

#[test]
fn a_read_write_lock_may_be_freed_by_the_thread_that_released_it_last() {
    let write = |it: &RwLock<()>| drop(it.write());
    let read = |it: &RwLock<()>| drop(it.read());
    let upgrade = |it: &RwLock<()>| drop(RwLockUpgradableGuard::upgrade(it.upgradable_read()));
    let write_and_read = |it: &RwLock<()>| drop(RwLockWriteGuard::downgrade(it.write()));
    check_last_owner_frees(RwLock::default, write, write);
    check_last_owner_frees(RwLock::default, read, write);
    check_last_owner_frees(RwLock::default, read, upgrade);
    check_last_owner_frees(RwLock::default, write, upgrade);
    check_last_owner_frees(RwLock::default, write, write_and_read);
}
