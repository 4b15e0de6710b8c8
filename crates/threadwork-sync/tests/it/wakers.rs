//! Wakers of tasks are user code: they may use every object, block, and panic.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{
    Condition, Event, Latch, Lock, Semaphore, StopCallback, StopSource, WaitError, Waiter,
    get_ident, waits,
};
use threadwork_test_support::tasks::{Woken, poll_calling};

use crate::support::{Helper, eventually};

#[test]
fn a_waker_may_use_every_object() {
    struct All {
        event: Event,
        lock: Lock<u32>,
        semaphore: Semaphore,
        latch: Latch,
        stop: StopSource,
    }
    let all: &All = Box::leak(Box::new(All {
        event: Event::new(),
        lock: Lock::new(0),
        semaphore: Semaphore::new(0),
        latch: Latch::new(1),
        stop: StopSource::new(),
    }));
    let token = all.stop.token();
    let guard = all.lock.acquire();
    let mut waits = (
        Box::pin(all.event.wait_async()),
        Box::pin(all.lock.acquire_async()),
        Box::pin(all.semaphore.acquire_async()),
        Box::pin(all.latch.wait_async()),
        Box::pin(token.stopped_async()),
    );
    let calls = Arc::new(AtomicUsize::new(0));
    // Each uses all objects, and so wakes the next.
    let use_all = || {
        let calls = Arc::clone(&calls);
        move || {
            calls.fetch_add(1, Ordering::SeqCst);
            all.event.set();
            all.event.wait();
            *all.lock.acquire() += 1;
            all.semaphore.release(1).unwrap();
            all.semaphore.acquire().forget();
            let _ = all.latch.count_down(1);
            all.stop.request_stop();
            assert!(waits_of_this_thread() == 0);
        }
    };
    assert!(poll_calling(waits.0.as_mut(), use_all()).is_pending());
    assert!(poll_calling(waits.1.as_mut(), use_all()).is_pending());
    assert!(poll_calling(waits.2.as_mut(), use_all()).is_pending());
    assert!(poll_calling(waits.3.as_mut(), use_all()).is_pending());
    assert!(poll_calling(waits.4.as_mut(), use_all()).is_pending());
    drop(guard);
    assert_eq!(calls.load(Ordering::SeqCst), 5);
}

fn waits_of_this_thread() -> usize {
    let here = get_ident();
    waits()
        .iter()
        .filter(|it| it.thread.waiter == Waiter::Thread && it.thread.ident == here)
        .count()
}

/// A condition releases the lock while its thread is in a queue. The waker of a task runs there, and may block.
#[test]
fn a_waker_may_block_while_a_wait_on_a_condition_releases_the_lock() {
    let (lock, condition, gate) = (Lock::new(false), Condition::new(), Event::new().named("gate"));
    let (lock, condition, gate) = leaked((lock, condition, gate));
    let (holds, waits_there) = leaked((Event::new(), Event::new()));
    let waiter = Helper::start(move || {
        let mut guard = lock.acquire();
        holds.set();
        waits_there.wait();
        condition.wait_for(&mut guard, |ready| ready.then_some(()));
    });
    holds.wait();
    let mut acquire = Box::pin(lock.acquire_async());
    assert!(poll_calling(acquire.as_mut(), || gate.wait()).is_pending());
    waits_there.set();
    // The thread is in the queues of the condition and of the event.
    eventually("the waker blocks", || {
        waits().iter().any(|it| it.name == Some("gate")).then_some(())
    });
    *lock.acquire() = true;
    condition.notify_all(&lock.acquire());
    gate.set();
    waiter.join();
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

#[test]
fn a_waker_that_panics_loses_no_wake_up() {
    let event = Event::new();
    let woken = Woken::new();
    let mut waits: Vec<_> = (0..20).map(|_| Box::pin(event.wait_async())).collect();
    for (number, wait) in waits.iter_mut().enumerate() {
        let pending = match number {
            3 | 12 => poll_calling(wait.as_mut(), || panic!("no")),
            _ => woken.poll(wait.as_mut()),
        };
        assert!(pending.is_pending());
    }
    event.set();
    assert_eq!(woken.count(), 18);
}

/// The thread stands in the queue of the condition with a node on its stack while the waker runs.
#[test]
fn a_waker_that_panics_while_a_wait_releases_the_lock_does_not_end_the_wait() {
    let (lock, condition) = (Lock::new(()), Condition::new());
    let mut guard = lock.acquire();
    let mut task = Box::pin(lock.acquire_async());
    let called = Arc::new(AtomicBool::new(false));
    let calls = Arc::clone(&called);
    let waker = move || {
        calls.store(true, Ordering::SeqCst);
        panic!("no");
    };
    assert!(poll_calling(task.as_mut(), waker).is_pending());
    let ended = condition.wait_timeout(&mut guard, Duration::from_millis(50));
    assert_eq!(ended, Err(WaitError::TimedOut));
    assert!(called.load(Ordering::SeqCst));
    assert_eq!(condition.notify_all(&guard), 0, "nobody is left in the queue");
    drop(guard);
    assert!(!lock.is_locked());
}

#[test]
fn a_waker_that_panics_at_a_stop_loses_neither_wake_ups_nor_callbacks() {
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    let tokens = [parent.token(), child.token()];
    let mut stopped = tokens.each_ref().map(|it| Box::pin(it.stopped_async()));
    let woken = Woken::new();
    assert!(poll_calling(stopped[0].as_mut(), || panic!("no")).is_pending());
    assert!(woken.poll(stopped[1].as_mut()).is_pending());
    let called = Arc::new(AtomicBool::new(false));
    let calls = Arc::clone(&called);
    let _callback = StopCallback::new(&tokens[1], move || calls.store(true, Ordering::SeqCst));
    assert!(parent.request_stop());
    assert_eq!((woken.count(), called.load(Ordering::SeqCst)), (1, true));
}
