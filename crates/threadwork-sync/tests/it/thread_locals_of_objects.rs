//! The larger objects in the destructors of thread-locals, when this crate's own data of the thread may be dropped already.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, BrokenReason, Condition, Event, Latch, Lock, LockGuard, RLock,
    RawCondition, RawRLock, RwLock, RwLockUpgradableGuard, RwLockWriteGuard, Semaphore, StopSource,
    Wait, WaitError, get_ident,
};

use crate::support::{Helper, eventually};

const MOMENT: Duration = Duration::from_millis(1);

thread_local! {
    static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

/// Uses all objects when its thread-local is destroyed.
struct AtEnd(Arc<Shared>);

/// Held by another thread, which releases it once the destructor is about to block.
struct Shared {
    rlock: RawRLock,
    semaphore: Semaphore,
    rwlock: RwLock<u32>,
    condition: RawCondition,
    latch: Latch,
    barrier: Barrier,
    stop: StopSource,
    ready: Event,
    /// How the destructor ended. A panic that escaped from it would end the process.
    outcome: Lock<Option<thread::Result<()>>>,
}

fn use_without_blocking() {
    let rlock = RLock::new(Cell::new(0));
    let (outer, inner) = (rlock.acquire(), rlock.acquire());
    inner.set(1);
    assert_eq!((outer.get(), rlock.depth(), rlock.holder()), (1, 2, Some(get_ident())));
    let bounded = BoundedSemaphore::new(2);
    assert!(bounded.try_acquire_many(2).is_some());
    assert!(bounded.release(1).is_err());
    assert!(Barrier::new(1).wait().unwrap().is_leader());
    let rwlock = RwLock::new(1);
    *RwLockUpgradableGuard::upgrade(rwlock.upgradable_read()) += 1;
    assert_eq!(*rwlock.read(), 2);
    assert_eq!(*RwLockWriteGuard::downgrade(rwlock.write()), 2);
    let pair = Lock::new((1, 2));
    *LockGuard::map(pair.acquire(), |pair| &mut pair.1) += 1;
    assert_eq!(pair.into_inner(), (1, 3));
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    parent.request_stop();
    assert!(child.stop_requested());
    Latch::new(1).arrive_and_wait().unwrap();
}

impl AtEnd {
    /// Blocks for certain, until a short deadline.
    fn block_for_a_moment(&self) {
        let bounded = BoundedSemaphore::new(1);
        let all = bounded.acquire();
        assert!(bounded.acquire_timeout(MOMENT).is_err());
        drop(all);
        let read = RwLock::new(());
        let (reader, upgradable) = (read.read(), read.upgradable_read());
        let wait = Wait::timeout(MOMENT);
        assert!(RwLockUpgradableGuard::upgrade_with(upgradable, &wait).is_err());
        drop(reader);
        let Shared { rlock, semaphore, rwlock, latch, stop, .. } = &*self.0;
        assert_eq!(rlock.acquire_timeout(MOMENT), Err(WaitError::TimedOut));
        assert!(semaphore.acquire_timeout(MOMENT).is_err());
        assert!(semaphore.acquire_many_timeout(2, MOMENT).is_err());
        assert!(rwlock.read_timeout(MOMENT).is_err() && rwlock.write_timeout(MOMENT).is_err());
        assert_eq!(latch.wait_timeout(MOMENT), Err(WaitError::TimedOut));
        let (lock, condition) = (Lock::new(()), Condition::new());
        assert_eq!(condition.wait_timeout(&mut lock.acquire(), MOMENT), Err(WaitError::TimedOut));
        let broken = Barrier::new(2).wait_timeout(MOMENT).unwrap_err();
        assert_eq!(broken.reason(), BrokenReason::TimedOut);
        let wait = Wait::timeout(MOMENT).or_stop(&stop.token());
        assert_eq!(rlock.acquire_with(&wait), Err(WaitError::TimedOut));
    }

    /// Most likely blocks, until other threads end the waits.
    fn block_until_woken(&self) {
        let Shared { rlock, semaphore, rwlock, condition, latch, barrier, stop, .. } = &*self.0;
        condition.acquire();
        condition.acquire();
        self.0.ready.set();
        condition.wait().unwrap();
        condition.release().unwrap();
        condition.release().unwrap();
        rlock.acquire();
        rlock.release().unwrap();
        semaphore.acquire_many(2).forget();
        *rwlock.write() += 1;
        latch.wait();
        barrier.wait().unwrap();
        let wait = Wait::forever().or_stop(&stop.token());
        assert_eq!(Latch::new(1).wait_with(&wait), Err(WaitError::Stopped));
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            use_without_blocking();
            self.block_for_a_moment();
            self.block_until_woken();
        }));
        self.0.ready.set();
        *self.0.outcome.acquire() = Some(outcome);
    }
}

/// Runs a thread with an [`AtEnd`] in a thread-local, registered before or after the thread has blocked once.
#[track_caller]
fn check(before_first_wait: bool) {
    let shared = Arc::new(Shared {
        rlock: RawRLock::new(),
        semaphore: Semaphore::new(0),
        rwlock: RwLock::new(0),
        condition: RawCondition::new(),
        latch: Latch::new(1),
        barrier: Barrier::new(2),
        stop: StopSource::new(),
        ready: Event::new(),
        outcome: Lock::new(None),
    });
    shared.rlock.acquire();
    let writing = shared.rwlock.write();
    let inside = Arc::clone(&shared);
    let thread = Helper::start(move || {
        let wait = || assert_eq!(inside.latch.wait_timeout(MOMENT), Err(WaitError::TimedOut));
        if !before_first_wait {
            wait();
        }
        AT_END.with(|it| *it.borrow_mut() = Some(AtEnd(Arc::clone(&inside))));
        if before_first_wait {
            wait();
        }
    });
    shared.ready.wait();
    eventually("the destructor does not wait for news", || {
        shared.condition.acquire();
        let notified = shared.condition.notify(1);
        shared.condition.release().unwrap();
        (notified == Ok(1) || shared.outcome.acquire().is_some()).then_some(())
    });
    shared.rlock.release().unwrap();
    shared.semaphore.release(2).unwrap();
    drop(writing);
    shared.latch.count_down(1).unwrap();
    if shared.outcome.acquire().is_none() {
        assert!(shared.barrier.wait().is_ok());
    }
    shared.stop.request_stop();
    let outcome = eventually("the destructor does not end", || shared.outcome.acquire().take());
    assert!(outcome.is_ok(), "the destructor did not panic");
    thread.join();
    assert_eq!(*shared.rwlock.read(), 1);
    assert!(!shared.rlock.is_locked() && !shared.condition.is_locked());
}

#[test]
fn a_destructor_registered_before_the_first_wait_may_use_them() {
    check(true);
}

#[test]
fn a_destructor_registered_after_the_first_wait_may_use_them() {
    check(false);
}
