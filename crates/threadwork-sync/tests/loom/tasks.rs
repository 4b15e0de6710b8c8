//! Tasks: none misses a wake-up, and none keeps a wake-up from others, whenever its future is dropped.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Wake, Waker},
};

use loom::{
    sync::{Arc, Condvar, Mutex},
    thread,
};
use threadwork_sync::{Event, Lock, RawLock, Semaphore, StopSource, internal::model::n_parked};

use crate::{Data, KINDS, check};

/// Wakes a thread of the model that polls a task.
#[derive(Default)]
pub(crate) struct Alarm {
    rings: Mutex<bool>,
    changed: Condvar,
}

impl Alarm {
    pub(crate) fn new() -> std::sync::Arc<Alarm> {
        std::sync::Arc::default()
    }

    pub(crate) fn wait(&self) {
        let mut rings = self.rings.lock().unwrap();
        while !*rings {
            rings = self.changed.wait(rings).unwrap();
        }
        *rings = false;
    }

    /// Polls a future once.
    pub(crate) fn poll<F: Future>(
        self: &std::sync::Arc<Alarm>,
        future: Pin<&mut F>,
    ) -> Poll<F::Output> {
        let waker = Waker::from(std::sync::Arc::clone(self));
        future.poll(&mut Context::from_waker(&waker))
    }
}

impl Wake for Alarm {
    fn wake(self: std::sync::Arc<Self>) {
        *self.rings.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

/// Polls a future until it is ready, and sleeps until it is woken.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let alarm = Alarm::new();
    let mut future = pin!(future);
    loop {
        match alarm.poll(future.as_mut()) {
            Poll::Ready(output) => return output,
            Poll::Pending => alarm.wait(),
        }
    }
}

/// Polls a future once, and drops it if it is not ready.
fn try_once<F: Future>(future: F) -> Option<F::Output> {
    match Alarm::new().poll(pin!(future)) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What the threads of a model share.
struct Shared<T> {
    object: T,
    data: Data,
}

fn share<T>(object: T) -> Arc<Shared<T>> {
    Arc::new(Shared { object, data: Data::default() })
}

fn spawn<T: 'static, R: 'static>(
    shared: &Arc<Shared<T>>,
    f: impl FnOnce(&Shared<T>) -> R + 'static,
) -> thread::JoinHandle<R> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

/// A task is woken by a set, even if the event is cleared at once, and sees what was written before.
#[test]
fn a_task_sees_the_set_and_what_was_written_before() {
    for clears in [false, true] {
        check(2, move || {
            let shared = share(Event::new());
            let wait = shared.object.wait_async();
            let setting = spawn(&shared, move |it| {
                it.data.add_one();
                it.object.set();
                if clears {
                    it.object.clear();
                }
            });
            block_on(wait);
            assert_eq!(shared.data.get(), 1);
            setting.join().unwrap();
            assert_eq!(n_parked(), 0);
        });
    }
}

/// A future is dropped while its waker is taken, or woken, or before that: nothing of it is left, and the event can be used.
#[test]
fn a_future_is_dropped_while_its_task_is_woken() {
    check(2, || {
        let shared = share(Event::new());
        let setting = spawn(&shared, |it| it.object.set());
        try_once(shared.object.wait_async());
        assert_eq!(n_parked(), 0);
        block_on(shared.object.wait_async());
        setting.join().unwrap();
    });
}

/// The event is freed as soon as the task sees it set.
#[test]
fn a_task_frees_the_event_that_woke_it() {
    check(2, || {
        let shared = share(Event::new());
        let setting = spawn(&shared, |it| it.object.set());
        block_on(shared.object.wait_async());
        drop(shared);
        setting.join().unwrap();
    });
}

/// A task learns of a stop, whenever it is requested.
#[test]
fn a_task_learns_of_a_stop() {
    check(2, || {
        let stop = StopSource::new();
        let token = stop.token();
        let stopping = thread::spawn(move || stop.request_stop());
        block_on(token.stopped_async());
        assert!(token.stop_requested() && stopping.join().unwrap());
        assert_eq!(n_parked(), 0);
    });
}

/// Checks a lock that three want, two of them as `first` and `second` do.
fn check_lock(
    first: fn(&Shared<Lock<()>>),
    second: fn(&Shared<Lock<()>>),
    kinds: &[fn() -> RawLock],
) {
    for new in kinds.iter().copied() {
        check(3, move || {
            let shared = share(Lock::from_raw(new(), ()));
            let guard = shared.object.acquire();
            let others = [spawn(&shared, first), spawn(&shared, second)];
            shared.data.add_one();
            drop(guard);
            others.into_iter().for_each(|it| it.join().unwrap());
            assert_eq!(n_parked(), 0);
            assert!(shared.object.try_acquire().is_some());
        });
    }
}

fn as_thread(shared: &Shared<Lock<()>>) {
    let _guard = shared.object.acquire();
    shared.data.add_one();
}

fn as_task(shared: &Shared<Lock<()>>) {
    let _guard = block_on(shared.object.acquire_async());
    shared.data.add_one();
}

fn tries_once(shared: &Shared<Lock<()>>) {
    if let Some(_guard) = try_once(shared.object.acquire_async()) {
        shared.data.add_one();
    }
}

/// A task and a thread both get a lock, and each sees what the other wrote.
#[test]
fn a_task_and_a_thread_get_a_lock_one_after_the_other() {
    check_lock(as_task, as_thread, &KINDS);
}

/// Two tasks both get a lock.
#[test]
fn two_tasks_get_a_lock_one_after_the_other() {
    check_lock(as_task, as_task, &KINDS);
}

/// A task that gives up, perhaps after it was told, keeps the lock from no thread.
#[test]
fn a_dropped_task_keeps_no_thread_from_a_lock() {
    check_lock(tries_once, as_thread, &KINDS);
}

/// A task that gives up, perhaps after it was told, passes the wake-up on to another task.
#[test]
fn a_dropped_task_passes_the_wake_up_to_the_next() {
    check_lock(tries_once, as_task, &KINDS);
}

/// A thread that tries a lock in whose queue are tasks never finds it held when it is free.
#[test]
fn a_thread_finds_a_lock_free_although_a_task_waits() {
    check(3, || {
        let shared = share(Lock::new(()));
        let guard = shared.object.acquire();
        let task = spawn(&shared, |it| {
            let _ = try_once(it.object.acquire_async());
        });
        let waits = spawn(&shared, as_task);
        drop(guard);
        task.join().unwrap();
        waits.join().unwrap();
        assert!(shared.object.try_acquire().is_some());
    });
}

/// Checks a semaphore from which two take one permit each, in the given ways.
fn check_semaphore(
    permits: usize,
    first: fn(&Semaphore),
    second: fn(&Semaphore),
    releases: &'static [usize],
    left: usize,
) {
    check(3, move || {
        let shared = share(Semaphore::new(permits));
        let others = [first, second].map(|it| spawn(&shared, move |shared| it(&shared.object)));
        releases.iter().for_each(|n| shared.object.release(*n).unwrap());
        others.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!((n_parked(), shared.object.available()), (0, left));
        assert_eq!(shared.object.release(1), Ok(()));
        assert!(shared.object.try_acquire_many(left + 1).is_some(), "nobody is in the queue");
    });
}

fn task_takes(semaphore: &Semaphore) {
    block_on(semaphore.acquire_async()).forget();
}

fn task_takes_two(semaphore: &Semaphore) {
    block_on(semaphore.acquire_many_async(2)).forget();
}

fn task_tries_once(semaphore: &Semaphore) {
    drop(try_once(semaphore.acquire_async()));
}

fn thread_takes(semaphore: &Semaphore) {
    semaphore.acquire().forget();
}

fn thread_takes_two(semaphore: &Semaphore) {
    semaphore.acquire_many(2).forget();
}

/// Two permits serve a task and a thread, or two tasks, one by one or together.
#[test]
fn two_permits_serve_a_task_and_another() {
    for releases in [&[1, 1][..], &[2]] {
        check_semaphore(0, task_takes, thread_takes, releases, 0);
        check_semaphore(0, task_takes, task_takes, releases, 0);
    }
}

/// A task that gives up, perhaps after it was told, keeps the permit from no thread and no task.
#[test]
fn a_dropped_task_keeps_no_permit_from_others() {
    check_semaphore(0, task_tries_once, thread_takes, &[1], 0);
    check_semaphore(0, task_tries_once, task_takes, &[1], 0);
}

/// A task and a thread that wants two permits, in either order of arrival, both get theirs.
#[test]
fn a_task_and_a_thread_that_wants_many_are_both_served() {
    check_semaphore(0, task_takes, thread_takes_two, &[1, 1, 1], 0);
    check_semaphore(0, task_takes, thread_takes_two, &[3], 0);
}

/// A task that gives up does not block a thread that wants two permits, nor the other way round.
#[test]
fn a_dropped_task_does_not_block_a_thread_that_wants_many() {
    check_semaphore(0, task_tries_once, thread_takes_two, &[1, 1], 0);
}

/// A task that wants two permits gets them, and does not block the others.
#[test]
fn a_task_that_wants_many_and_another_are_both_served() {
    check_semaphore(1, task_takes_two, thread_takes, &[1, 1], 0);
    check_semaphore(1, task_takes_two, task_takes, &[1, 1], 0);
}
