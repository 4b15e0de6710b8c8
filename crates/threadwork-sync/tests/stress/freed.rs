//! Objects that their last user frees as early as possible, while the thread that woke it may not have returned yet.
//!
//! If that thread touches the freed memory, a sanitizer reports it, or the process crashes.
//! Scenario "the lock that is freed by its next owner" in docs/architecture.md.

use std::{
    ptr,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, Condition, Event, Latch, Lock, RLock, RawCondition, RawLock,
    RawRLock, RwLock, RwLockUpgradableGuard, Semaphore,
};

use crate::step;

/// The channel from which the other thread takes its work. It has no buffer, so both threads begin at the same time.
type Other = SyncSender<Box<dyn FnOnce() + Send>>;

/// Frees objects of every kind until the time is up.
pub(crate) fn freed(time: Duration) {
    let until = Instant::now() + time;
    let (other, work) = sync_channel(0);
    thread::scope(|scope| {
        scope.spawn(move || work.into_iter().for_each(|work: Box<dyn FnOnce() + Send>| work()));
        while Instant::now() < until {
            locks(&other);
            rwlocks(&other);
            conditions(&other);
            permits(&other);
            signals(&other);
            step();
        }
        drop(other);
    });
}

/// The other thread frees the object once `wait_and_leave` has returned; this thread calls `wake` with the result of `hold`.
fn last_user_frees<T: Send + Sync + 'static, H: 'static>(
    other: &Other,
    object: T,
    hold: fn(&'static T) -> H,
    wait_and_leave: fn(&T),
    wake: fn(H),
) {
    let place = Box::into_raw(Box::new(object)).expose_provenance();
    let at = |place: usize| ptr::with_exposed_provenance_mut::<T>(place);
    // SAFETY: the object lives until the other thread has waited for this one.
    let held = hold(unsafe { &*at(place) });
    let work = move || {
        // SAFETY: the object lives until it is freed below.
        wait_and_leave(unsafe { &*at(place) });
        // SAFETY: it was leaked above, its user has returned, and the waking thread must not touch it any more.
        drop(unsafe { Box::from_raw(at(place)) });
    };
    other.send(Box::new(work)).expect("the other thread receives until the channel closes");
    wake(held);
}

fn itself<T>(it: &T) -> &T {
    it
}

/// Both threads use the object at the same time, and the last one to be done with it frees it.
fn last_owner_frees<T: Send + Sync + 'static>(
    other: &Other,
    object: T,
    here: fn(&T),
    there: fn(&T),
) {
    let shared = Arc::new(object);
    let its = Arc::clone(&shared);
    other
        .send(Box::new(move || there(&its)))
        .expect("the other thread receives until the channel closes");
    here(&shared);
}

/// The release of a lock borrows it until the release returns.
fn locks(other: &Other) {
    for raw in [RawLock::new(), RawLock::fair()] {
        let add = |it: &Lock<u32>| *it.acquire() += 1;
        last_owner_frees(other, Lock::from_raw(raw, 0), add, add);
    }
    let acquire_and_release = |it: &RawLock| {
        it.acquire();
        it.release().expect("it was acquired");
    };
    let release_fair = |it: &RawLock| {
        it.acquire();
        it.release_fair().expect("it was acquired");
    };
    for raw in [RawLock::new(), RawLock::fair()] {
        last_owner_frees(other, raw, release_fair, acquire_and_release);
    }
    for raw in [RawRLock::new(), RawRLock::fair()] {
        let nest = |it: &RLock<()>| {
            let _outer = it.acquire();
            drop(it.acquire());
        };
        last_owner_frees(other, RLock::from_raw(raw, ()), nest, nest);
    }
}

fn rwlocks(other: &Other) {
    let write = |it: &RwLock<u32>| *it.write() += 1;
    let read = |it: &RwLock<u32>| _ = *it.read();
    let upgradable = |it: &RwLock<u32>| _ = *it.upgradable_read();
    let upgrade = |it: &RwLock<u32>| *RwLockUpgradableGuard::upgrade(it.upgradable_read()) += 1;
    last_owner_frees(other, RwLock::new(0), write, write);
    last_owner_frees(other, RwLock::new(0), write, read);
    last_owner_frees(other, RwLock::new(0), read, write);
    last_owner_frees(other, RwLock::new(0), read, upgrade);
    last_owner_frees(other, RwLock::new(0), upgradable, write);
}

/// The condition is freed while the notifying thread is about to release the lock; the lock is not freed.
fn conditions(other: &Other) {
    type Shared = (Arc<Lock<bool>>, Condition);
    let hold = |shared: &'static Shared| (Arc::clone(&shared.0), &shared.1);
    let wait = |(lock, condition): &Shared| {
        condition.wait_for(&mut lock.acquire(), |it| it.then_some(()));
    };
    let notify = |(lock, condition): (Arc<Lock<bool>>, &'static Condition)| {
        let mut guard = lock.acquire();
        *guard = true;
        condition.notify(&guard, 1);
    };
    for raw in [RawLock::new(), RawLock::fair()] {
        let shared = (Arc::new(Lock::from_raw(raw, false)), Condition::new());
        last_user_frees(other, shared, hold, wait, notify);
    }

    type Raw = (Event, RawCondition<Arc<RawRLock>>);
    let hold = |raw: &'static Raw| (Arc::clone(raw.1.lock()), raw);
    let wait = |(ready, condition): &Raw| {
        condition.acquire();
        condition.wait_for(|| ready.is_set().then_some(())).expect("it was acquired");
        condition.release().expect("it was acquired");
    };
    let notify = |(lock, (ready, condition)): (Arc<RawRLock>, &'static Raw)| {
        lock.acquire();
        ready.set();
        condition.notify_all().expect("it was acquired");
        lock.release().expect("it was acquired");
    };
    let raw = (Event::new(), RawCondition::with_lock(Arc::new(RawRLock::new())));
    last_user_frees(other, raw, hold, wait, notify);
}

fn permits(other: &Other) {
    let one = |it: &Semaphore| it.acquire().forget();
    let two = |it: &Semaphore| it.acquire_many(2).forget();
    let release_one = |it: &Semaphore| it.release(1).expect("within the maximum");
    let release_two = |it: &Semaphore| it.release(2).expect("within the maximum");
    last_user_frees(other, Semaphore::new(0), itself, one, release_one);
    last_user_frees(other, Semaphore::new(0), itself, two, release_two);
    last_user_frees(other, Semaphore::new(1), itself, two, release_one);
    let all = |it: &'static BoundedSemaphore| it.acquire_many(2);
    let two = |it: &BoundedSemaphore| it.acquire_many(2).forget();
    last_user_frees(other, BoundedSemaphore::new(2), all, two, drop);
}

fn signals(other: &Other) {
    last_user_frees(other, Event::new(), itself, Event::wait, Event::set);
    let count_down = |it: &Latch| it.count_down(1).expect("the count is one");
    last_user_frees(other, Latch::new(1), itself, Latch::wait, count_down);
    let arrive = |it: &Latch| it.arrive_and_wait().expect("the count is two");
    last_user_frees(other, Latch::new(2), itself, arrive, count_down);
    let wait = |it: &Barrier| _ = it.wait().expect("the barrier is not broken");
    last_user_frees(other, Barrier::new(2), itself, wait, wait);
    let with_action = Barrier::new(2).with_action(|| ());
    last_user_frees(other, with_action, itself, wait, wait);
}
