//! Tasks that wait for objects, polled by hand: who is woken, who gets what, and what a dropped future leaves behind.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
    thread,
};

use threadwork_sync::{
    BoundedSemaphore, Condition, Event, Latch, Lock, RawLock, Semaphore, StopSource, WaitKind,
    Waiter, get_ident, waits,
};
use threadwork_test_support::tasks::{Woken, block_on, poll_calling};

use crate::support::{Helper, eventually};

#[test]
fn a_task_waits_for_an_event_as_a_thread_does() {
    let event = Event::new();
    let woken = [Woken::new(), Woken::new()];
    let mut waits = [Box::pin(event.wait_async()), Box::pin(event.wait_async())];
    for (woken, wait) in woken.iter().zip(&mut waits) {
        assert!(woken.poll(wait.as_mut()).is_pending());
    }
    event.set();
    for (woken, wait) in woken.iter().zip(&mut waits) {
        assert_eq!(woken.count(), 1);
        assert!(woken.poll(wait.as_mut()).is_ready());
    }
    assert!(woken[0].poll(pin!(event.wait_async())).is_ready(), "it is still set");
}

#[test]
fn a_set_after_the_call_counts_even_if_the_event_is_cleared_before_the_poll() {
    let event = Event::new();
    let mut before = pin!(event.wait_async());
    event.set();
    event.clear();
    let mut after = pin!(event.wait_async());
    let woken = Woken::new();
    assert!(woken.poll(before.as_mut()).is_ready());
    assert!(woken.poll(after.as_mut()).is_pending());
}

#[test]
fn only_the_last_waker_is_woken_and_only_once() {
    let event = Event::new();
    let (first, last) = (Woken::new(), Woken::new());
    let mut wait = pin!(event.wait_async());
    assert!(first.poll(wait.as_mut()).is_pending());
    assert!(last.poll(wait.as_mut()).is_pending());
    assert_eq!(Arc::strong_count(&first), 1, "the old waker is dropped");
    event.set();
    event.set();
    assert_eq!((first.count(), last.count()), (0, 1));
}

#[test]
fn a_dropped_future_leaves_nothing_behind() {
    let (event, latch, stop) = (Event::new(), Latch::new(1), StopSource::new());
    let (lock, semaphore) = (Lock::new(()), Semaphore::new(0));
    let guard = lock.acquire();
    let token = stop.token();
    let woken = Woken::new();
    {
        assert!(woken.poll(pin!(event.wait_async())).is_pending());
        assert!(woken.poll(pin!(latch.wait_async())).is_pending());
        assert!(woken.poll(pin!(token.stopped_async())).is_pending());
        assert!(woken.poll(pin!(lock.acquire_async())).is_pending());
        assert!(woken.poll(pin!(semaphore.acquire_async())).is_pending());
    }
    assert_eq!(Arc::strong_count(&woken), 1, "the wakers are dropped");
    let here = get_ident();
    assert!(!waits().iter().any(|it| it.waiter == Waiter::Task && it.thread.ident == here));
    event.set();
    latch.count_down(1).unwrap();
    stop.request_stop();
    drop(guard);
    semaphore.release(1).unwrap();
    assert_eq!(woken.count(), 0);
    assert_eq!((lock.is_locked(), semaphore.available()), (false, 1));
}

#[test]
fn a_task_waits_for_a_stop() {
    let parent = StopSource::new();
    let token = StopSource::child_of(&parent.token()).token();
    let woken = Woken::new();
    let mut stopped = pin!(token.stopped_async());
    assert!(woken.poll(stopped.as_mut()).is_pending());
    parent.request_stop();
    assert_eq!(woken.count(), 1);
    assert!(woken.poll(stopped.as_mut()).is_ready());
    assert!(woken.poll(pin!(token.stopped_async())).is_ready());
}

#[test]
fn more_tasks_than_a_wake_up_collects_at_once_are_all_woken() {
    let event = Event::new();
    let woken = Woken::new();
    let mut waits: Vec<_> = (0..100).map(|_| Box::pin(event.wait_async())).collect();
    waits.iter_mut().for_each(|it| assert!(woken.poll(it.as_mut()).is_pending()));
    event.set();
    assert_eq!(woken.count(), 100);
}

#[test]
fn the_polling_thread_holds_the_lock() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 7);
        let guard = block_on(lock.acquire_async());
        assert_eq!((*guard, lock.holder()), (7, Some(get_ident())));
        assert!(lock.try_acquire().is_none());
        drop(guard);
        assert!(!lock.is_locked());
    }
}

#[test]
fn a_release_wakes_one_task_after_the_other() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 0);
        let guard = lock.acquire();
        let woken = [Woken::new(), Woken::new()];
        let mut waits = [Box::pin(lock.acquire_async()), Box::pin(lock.acquire_async())];
        for (woken, wait) in woken.iter().zip(&mut waits) {
            assert!(woken.poll(wait.as_mut()).is_pending());
        }
        drop(guard);
        assert_eq!(woken.each_ref().map(|it| it.count()), [1, 0]);
        let Poll::Ready(guard) = woken[0].poll(waits[0].as_mut()) else { panic!("it is free") };
        assert_eq!(woken[1].count(), 0);
        drop(guard);
        assert_eq!(woken.each_ref().map(|it| it.count()), [1, 1]);
        assert!(woken[1].poll(waits[1].as_mut()).is_ready());
    }
}

#[test]
fn a_woken_task_that_is_dropped_passes_the_wake_up_on() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 0);
        let guard = lock.acquire();
        let woken = [Woken::new(), Woken::new()];
        let [mut first, mut second] = [(); 2].map(|()| Box::pin(lock.acquire_async()));
        assert!(woken[0].poll(first.as_mut()).is_pending());
        assert!(woken[1].poll(second.as_mut()).is_pending());
        drop(guard);
        drop(first);
        assert_eq!(woken[1].count(), 1);
        assert!(woken[1].poll(second.as_mut()).is_ready());
    }
}

#[test]
fn an_overtaken_task_keeps_its_place() {
    let lock = Lock::new(0);
    let guard = lock.acquire();
    let woken = [Woken::new(), Woken::new()];
    let [mut first, mut second] = [(); 2].map(|()| Box::pin(lock.acquire_async()));
    assert!(woken[0].poll(first.as_mut()).is_pending());
    assert!(woken[1].poll(second.as_mut()).is_pending());
    drop(guard);
    let barging = lock.try_acquire().expect("a woken task does not hold the lock");
    assert!(woken[0].poll(first.as_mut()).is_pending());
    drop(barging);
    assert_eq!(woken.each_ref().map(|it| it.count()), [2, 0]);
}

#[test]
fn a_lock_with_tasks_in_its_queue_can_be_used_in_every_way() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 0);
        let guard = lock.acquire();
        let woken = Woken::new();
        let mut wait = pin!(lock.acquire_async());
        assert!(woken.poll(wait.as_mut()).is_pending());
        drop(guard);
        // The task was told, and does not look.
        assert!(!lock.is_locked() && lock.holder().is_none());
        assert!(format!("{lock:?}").contains("value: 0"));
        drop(lock.try_acquire().expect("it is free"));
        drop(lock.acquire());
        drop(lock.acquire_timeout(std::time::Duration::ZERO).expect("it is free"));
        thread::scope(|scope| {
            scope.spawn(|| *lock.acquire() += 1);
        });
        assert_eq!(woken.count(), 1, "it was told, and has not looked");
        let Poll::Ready(guard) = woken.poll(wait) else { panic!("it is free") };
        assert_eq!(*guard, 1);
    }
}

#[test]
fn a_fair_lock_is_handed_to_the_thread_behind_a_task() {
    let lock: &Lock<u32> = Box::leak(Box::new(Lock::from_raw(RawLock::fair(), 0)));
    let guard = lock.acquire();
    let woken = Woken::new();
    let mut wait = pin!(lock.acquire_async());
    assert!(woken.poll(wait.as_mut()).is_pending());
    let behind = Helper::start_blocked(move || *lock.acquire() += 1);
    drop(guard);
    behind.join();
    assert!(woken.count() <= 1, "the release of the thread tells the task");
    let Poll::Ready(guard) = woken.poll(wait) else { panic!("it is free") };
    assert_eq!((*guard, woken.count()), (1, 1));
}

#[test]
fn a_task_and_a_thread_are_both_served_by_one_release_each() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock: &Lock<u32> = Box::leak(Box::new(Lock::from_raw(raw, 0)));
        let guard = lock.acquire();
        let task =
            Helper::start_blocked(move || block_on(async { *lock.acquire_async().await += 1 }));
        let thread = Helper::start_blocked(move || *lock.acquire() += 1);
        drop(guard);
        (task.join(), thread.join());
        assert_eq!(*lock.acquire(), 2);
    }
}

#[test]
fn a_release_tells_as_many_tasks_as_there_are_permits() {
    let semaphore = Semaphore::new(0);
    let woken = [(); 4].map(|()| Woken::new());
    let mut waits = [1, 2, 1, 1].map(|n| Box::pin(semaphore.acquire_many_async(n)));
    for (woken, wait) in woken.iter().zip(&mut waits) {
        assert!(woken.poll(wait.as_mut()).is_pending());
    }
    let counts = || woken.each_ref().map(|it| it.count());
    semaphore.release(2).unwrap();
    assert_eq!(counts(), [1, 0, 1, 0], "the task that wants two does not hold up the next");
    for (woken, wait) in woken.iter().zip(&mut waits).step_by(2) {
        assert!(woken.poll(wait.as_mut()).map(|it| it.forget()).is_ready());
    }
    semaphore.release(2).unwrap();
    assert_eq!(counts()[1], 1);
    assert!(woken[1].poll(waits[1].as_mut()).is_ready());
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_told_task_that_is_dropped_passes_the_wake_up_to_the_next() {
    let semaphore = Semaphore::new(0);
    let woken = [Woken::new(), Woken::new()];
    let [mut first, mut second] = [(); 2].map(|()| Box::pin(semaphore.acquire_async()));
    assert!(woken[0].poll(first.as_mut()).is_pending());
    assert!(woken[1].poll(second.as_mut()).is_pending());
    semaphore.release(1).unwrap();
    assert_eq!(woken.each_ref().map(|it| it.count()), [1, 0]);
    drop(first);
    assert_eq!(woken.each_ref().map(|it| it.count()), [1, 1]);
    assert!(woken[1].poll(second.as_mut()).is_ready());
}

#[test]
fn a_task_that_wants_many_makes_nobody_wait() {
    let semaphore: &Semaphore = Box::leak(Box::new(Semaphore::new(1)));
    let woken = Woken::new();
    let mut many = pin!(semaphore.acquire_many_async(3));
    assert!(woken.poll(many.as_mut()).is_pending());
    semaphore.try_acquire().expect("a task that wants many does not keep others out").forget();
    let thread = Helper::start_blocked(|| semaphore.acquire().forget());
    semaphore.release(1).unwrap();
    thread.join();
    assert_eq!(woken.count(), 0);
    semaphore.release(3).unwrap();
    assert_eq!(woken.count(), 1);
    assert!(woken.poll(many).is_ready());
}

#[test]
fn a_task_before_a_thread_that_wants_many_is_told_of_what_it_needs() {
    let semaphore: &Semaphore = Box::leak(Box::new(Semaphore::new(0)));
    let woken = [Woken::new(), Woken::new()];
    let mut before = pin!(semaphore.acquire_async());
    assert!(woken[0].poll(before.as_mut()).is_pending());
    let many = Helper::start_blocked(|| semaphore.acquire_many(2).forget());
    let mut behind = pin!(semaphore.acquire_async());
    assert!(woken[1].poll(behind.as_mut()).is_pending());
    semaphore.release(1).unwrap();
    assert_eq!(woken.each_ref().map(|it| it.count()), [1, 0]);
    assert!(woken[1].poll(behind.as_mut()).is_pending(), "it does not overtake the thread");
    assert!(woken[0].poll(before).map(|it| it.forget()).is_ready());
    semaphore.release(3).unwrap();
    many.join();
    assert_eq!(woken[1].count(), 1);
    assert!(woken[1].poll(behind).is_ready());
}

#[test]
fn a_told_task_that_does_not_look_holds_up_no_thread() {
    let semaphore: &Semaphore = Box::leak(Box::new(Semaphore::new(0)));
    let woken = Woken::new();
    let mut told = pin!(semaphore.acquire_async());
    assert!(woken.poll(told.as_mut()).is_pending());
    let many = Helper::start_blocked(|| semaphore.acquire_many(2).forget());
    semaphore.release(1).unwrap();
    assert_eq!(woken.count(), 1);
    semaphore.release(1).unwrap();
    many.join();
    assert!(woken.poll(told).is_pending(), "the thread has got both");
}

#[test]
fn a_permit_of_a_task_may_be_kept_by_any_thread() {
    let semaphore: &BoundedSemaphore = Box::leak(Box::new(BoundedSemaphore::new(1)));
    let permit = block_on(semaphore.acquire_async());
    thread::spawn(move || drop(permit)).join().unwrap();
    assert_eq!(semaphore.available(), 1);
    let impossible = catch_unwind(AssertUnwindSafe(|| drop(semaphore.acquire_many_async(2))));
    assert!(impossible.is_err());
    assert_eq!(block_on(semaphore.acquire_many_async(0)).count(), 0);
}

#[test]
fn a_waiting_task_is_listed_with_the_thread_that_polled_it_last() {
    let event = Event::new().named("of a task");
    let woken = Woken::new();
    let mut wait = Box::pin(event.wait_async());
    let line = line!() - 1;
    let listed = || waits().into_iter().find(|it| it.name == Some("of a task"));
    assert!(listed().is_none());
    assert!(woken.poll(wait.as_mut()).is_pending());
    let first = listed().expect("it is listed");
    assert_eq!((first.waiter, first.kind, first.holder), (Waiter::Task, WaitKind::Event, None));
    assert_eq!((first.location.file(), first.location.line()), (file!(), line));
    assert_eq!(first.thread.ident, get_ident());
    let other = thread::scope(|scope| {
        let poll = || {
            assert!(woken.poll(wait.as_mut()).is_pending());
            get_ident()
        };
        scope.spawn(poll).join().unwrap()
    });
    let second = listed().expect("it is listed");
    assert_eq!((second.thread.ident, second.since), (other, first.since));
    drop(wait);
    assert!(listed().is_none());
}

#[test]
fn a_listed_stop_has_a_kind_of_its_own() {
    let token = StopSource::new().token();
    let woken = Woken::new();
    let mut stopped = pin!(token.stopped_async());
    assert!(woken.poll(stopped.as_mut()).is_pending());
    let here = get_ident();
    let listed = waits().into_iter().find(|it| it.thread.ident == here);
    assert_eq!(listed.map(|it| it.kind), Some(WaitKind::Stop));
}

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
    waits().iter().filter(|it| it.waiter == Waiter::Thread && it.thread.ident == here).count()
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
    assert!(catch_unwind(AssertUnwindSafe(|| event.set())).is_err());
    assert_eq!(woken.count(), 18);
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
    let _callback =
        threadwork_sync::StopCallback::new(&tokens[1], move || calls.store(true, Ordering::SeqCst));
    assert!(catch_unwind(AssertUnwindSafe(|| parent.request_stop())).is_err());
    assert_eq!((woken.count(), called.load(Ordering::SeqCst)), (1, true));
}
