//! One object of each sort, how threads of the parent use them, and how those of a child do.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, Condition, Event, Latch, Lock, RLock, RawLock, RwLock, Semaphore,
    StopCallback, StopSource, Wait, WaitError, waits,
};

/// How long a thread of the parent waits at most.
const SHORT: Duration = Duration::from_micros(30);

/// The stop source above all others.
static ROOT: LazyLock<StopSource> = LazyLock::new(StopSource::new);

/// One object of each sort.
pub(crate) struct Objects {
    lock: Lock<u32>,
    fair: Lock<u32>,
    rlock: RLock<u32>,
    rwlock: RwLock<u32>,
    condition: Condition,
    event: Event,
    semaphore: Semaphore,
    barrier: Barrier,
}

impl Objects {
    pub(crate) const fn new() -> Objects {
        Objects {
            lock: Lock::new(0),
            fair: Lock::from_raw(RawLock::fair(), 0),
            rlock: RLock::new(0),
            rwlock: RwLock::new(0),
            condition: Condition::new(),
            event: Event::new(),
            semaphore: Semaphore::new(2),
            barrier: Barrier::new(2),
        }
    }

    /// Uses every object; waits for none of them for long.
    pub(crate) fn hammer(&self) {
        for lock in [&self.lock, &self.fair] {
            let mut guard = lock.acquire();
            *guard = guard.wrapping_add(1);
            if guard.is_multiple_of(4) {
                thread::yield_now();
            }
        }
        drop((self.rlock.acquire(), self.rlock.acquire()));
        drop(self.rwlock.read());
        *self.rwlock.write() += 0;
        drop(self.semaphore.acquire_many(2));
        drop(self.semaphore.acquire_timeout(SHORT));
        if self.event.wait_timeout(SHORT).is_ok() {
            self.event.clear();
        } else {
            self.event.set();
        }
        if self.barrier.wait_timeout(SHORT).is_err() {
            self.barrier.reset();
        }
        let mut guard = self.lock.acquire();
        let notified = self.condition.wait_timeout(&mut guard, SHORT).is_ok();
        self.condition.notify(&guard, if notified { 1 } else { 8 });
        drop(guard);
        let latch = Latch::new(1);
        assert_eq!(latch.wait_timeout(SHORT), Err(WaitError::TimedOut));
        latch.count_down(1).unwrap();
        let child = StopSource::child_of(&ROOT.token());
        let _callback = StopCallback::new(&child.token(), || ());
        let wait = Wait::timeout(SHORT).or_stop(&child.token());
        assert_eq!(Event::new().wait_with(&wait), Err(WaitError::TimedOut));
        child.request_stop();
    }

    /// Blocks a second thread at each object and wakes it. All objects are free, and the process has no other threads.
    pub(crate) fn block_and_wake(&self) {
        for lock in [&self.lock, &self.fair] {
            let guard = lock.acquire();
            block_until(|| drop(lock.acquire()), || drop(guard));
        }
        let guard = self.rlock.acquire();
        block_until(|| drop(self.rlock.acquire()), || drop(guard));
        let guard = self.rwlock.read();
        block_until(|| drop(self.rwlock.write()), || drop(guard));
        let guard = self.rwlock.write();
        block_until(|| drop(self.rwlock.read()), || drop(guard));
        let waits = || {
            let mut guard = self.lock.acquire();
            self.condition.wait_for(&mut guard, |it| (**it == 1).then_some(()));
            *guard = 0;
        };
        block_until(waits, || {
            let mut guard = self.lock.acquire();
            *guard = 1;
            assert_eq!(self.condition.notify_all(&guard), 1);
        });
        block_until(|| self.event.wait(), || self.event.set());
        self.event.clear();
        let permits = self.semaphore.acquire_many(2);
        block_until(|| drop(self.semaphore.acquire()), || drop(permits));
        let meets = || _ = self.barrier.wait().unwrap();
        block_until(meets, meets);
    }
}

/// The same for the objects that a process makes anew, and for its stop sources.
pub(crate) fn block_and_wake_new() {
    Objects::new().block_and_wake();
    let latch = Latch::new(1);
    block_until(|| latch.wait(), || latch.count_down(1).unwrap());
    let permits = BoundedSemaphore::new(1);
    let permit = permits.acquire();
    block_until(|| drop(permits.acquire()), || drop(permit));
    let (child, is_called) = (StopSource::child_of(&ROOT.token()), AtomicBool::new(false));
    let wait = Wait::forever().or_stop(&child.token());
    let stopped = || assert_eq!(Event::new().wait_with(&wait), Err(WaitError::Stopped));
    block_until(stopped, || {
        is_called.store(ROOT.request_stop(), Ordering::Relaxed);
    });
    assert!(is_called.into_inner() && child.stop_requested());
}

/// Runs `block` in a second thread, and `wake` once that is blocked. Returns when both have returned.
fn block_until(block: impl FnOnce() + Send, wake: impl FnOnce()) {
    thread::scope(|scope| {
        let blocked = scope.spawn(block);
        while waits().is_empty() {
            assert!(!blocked.is_finished(), "it does not block");
            thread::yield_now();
        }
        wake();
        blocked.join().unwrap();
    });
    assert!(waits().is_empty());
}
