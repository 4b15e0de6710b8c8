//! Objects that their last user frees as soon as that may be: while the thread that let it go on may still be about it.
//!
//! That the other thread has touched what is gone is seen by a sanitizer, or as a crash.

use std::{
    ptr,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, Condition, Event, Latch, Lock, RLock, RawCondition, RawLock,
    RawRLock, RwLock, RwLockUpgradableGuard, Semaphore,
};

use crate::step;

/// Where the other thread takes its work from; it takes it when this one gives it, so that both begin at once.
type Other = SyncSender<Box<dyn FnOnce() + Send>>;

/// Every object again and again, until the time is up.
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

/// The other thread frees the object once it has come through `wait_and_leave`; this one lets it, by `wake` with what `hold` has returned.
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
        // SAFETY: it was leaked above, its user has left, and the thread that woke it may not touch it any more.
        drop(unsafe { Box::from_raw(at(place)) });
    };
    other.send(Box::new(work)).expect("the other thread takes work until there is no more");
    wake(held);
}

fn itself<T>(it: &T) -> &T {
    it
}

fn locks(other: &Other) {
    for raw in [RawLock::new(), RawLock::fair()] {
        last_user_frees(
            other,
            Lock::from_raw(raw, 0),
            Lock::acquire,
            |it| *it.acquire() += 1,
            drop,
        );
    }
    let acquire = |it: &'static RawLock| {
        it.acquire();
        it
    };
    let acquire_and_release = |it: &RawLock| {
        it.acquire();
        it.release().expect("it was acquired");
    };
    for raw in [RawLock::new(), RawLock::fair()] {
        let release = |it: &RawLock| it.release_fair().expect("it was acquired");
        last_user_frees(other, raw, acquire, acquire_and_release, release);
    }
    for raw in [RawRLock::new(), RawRLock::fair()] {
        let both = |it: &'static RLock<()>| (it.acquire(), it.acquire());
        let nest = |it: &RLock<()>| {
            let _outer = it.acquire();
            drop(it.acquire());
        };
        last_user_frees(other, RLock::from_raw(raw, ()), both, nest, drop);
    }
}

fn rwlocks(other: &Other) {
    let write = |it: &RwLock<u32>| *it.write() += 1;
    let read = |it: &RwLock<u32>| _ = *it.read();
    let upgrade = |it: &RwLock<u32>| *RwLockUpgradableGuard::upgrade(it.upgradable_read()) += 1;
    last_user_frees(other, RwLock::new(0), RwLock::write, write, drop);
    last_user_frees(other, RwLock::new(0), RwLock::write, read, drop);
    last_user_frees(other, RwLock::new(0), RwLock::read, write, drop);
    last_user_frees(other, RwLock::new(0), RwLock::read, upgrade, drop);
    last_user_frees(other, RwLock::new(0), RwLock::upgradable_read, write, drop);
}

fn conditions(other: &Other) {
    type Shared = (Lock<bool>, Condition);
    let wait = |(lock, condition): &Shared| {
        condition.wait_for(&mut lock.acquire(), |it| it.then_some(()));
    };
    let notify = |(lock, condition): &'static Shared| {
        let mut guard = lock.acquire();
        *guard = true;
        condition.notify(&guard, 1);
    };
    for raw in [RawLock::new(), RawLock::fair()] {
        let shared = (Lock::from_raw(raw, false), Condition::new());
        last_user_frees(other, shared, itself, wait, notify);
    }

    type Raw = (Event, RawCondition);
    let wait = |(ready, condition): &Raw| {
        condition.acquire();
        condition.wait_for(|| ready.is_set().then_some(())).expect("it was acquired");
        condition.release().expect("it was acquired");
    };
    let notify = |(ready, condition): &'static Raw| {
        condition.acquire();
        ready.set();
        condition.notify_all().expect("it was acquired");
        condition.release().expect("it was acquired");
    };
    last_user_frees(other, (Event::new(), RawCondition::new()), itself, wait, notify);
}

fn permits(other: &Other) {
    let one = |it: &Semaphore| it.acquire().forget();
    let two = |it: &Semaphore| it.acquire_many(2).forget();
    let release_one = |it: &Semaphore| it.release(1).expect("there is room");
    let release_two = |it: &Semaphore| it.release(2).expect("there is room");
    last_user_frees(other, Semaphore::new(0), itself, one, release_one);
    last_user_frees(other, Semaphore::new(0), itself, two, release_two);
    last_user_frees(other, Semaphore::new(1), itself, two, release_one);
    let all = |it: &'static BoundedSemaphore| it.acquire_many(2);
    let two = |it: &BoundedSemaphore| it.acquire_many(2).forget();
    last_user_frees(other, BoundedSemaphore::new(2), all, two, drop);
}

fn signals(other: &Other) {
    last_user_frees(other, Event::new(), itself, Event::wait, Event::set);
    let count_down = |it: &Latch| it.count_down(1).expect("one is to come");
    last_user_frees(other, Latch::new(1), itself, Latch::wait, count_down);
    let arrive = |it: &Latch| it.arrive_and_wait().expect("two are to come");
    last_user_frees(other, Latch::new(2), itself, arrive, count_down);
    let wait = |it: &Barrier| _ = it.wait().expect("nobody breaks it");
    last_user_frees(other, Barrier::new(2), itself, wait, wait);
    let with_action = Barrier::new(2).with_action(|| ());
    last_user_frees(other, with_action, itself, wait, wait);
}
