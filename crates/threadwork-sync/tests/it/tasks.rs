//! Tasks that wait for objects, polled by hand: who is woken, what is listed, and what a dropped future leaves behind.

use std::{pin::pin, sync::Arc, thread};

use threadwork_sync::{
    Event, Latch, Lock, Semaphore, StopSource, WaitKind, Waiter, get_ident, waits,
};
use threadwork_test_support::tasks::Woken;

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
    assert!(!waits().iter().any(|it| it.thread.waiter == Waiter::Task && it.thread.ident == here));
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
fn a_waiting_task_is_listed_with_the_thread_that_polled_it_last() {
    let event = Event::new().named("of a task");
    let woken = Woken::new();
    let mut wait = Box::pin(event.wait_async());
    let line = line!() - 1;
    let listed = || waits().into_iter().find(|it| it.name == Some("of a task"));
    assert!(listed().is_none());
    assert!(woken.poll(wait.as_mut()).is_pending());
    let first = listed().expect("it is listed");
    assert_eq!(
        (first.thread.waiter, first.kind, first.holder),
        (Waiter::Task, WaitKind::Event, None)
    );
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
