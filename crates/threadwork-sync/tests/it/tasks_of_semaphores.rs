//! Tasks that wait for permits, polled by hand: which are told of permits, and who gets them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    thread,
};

use threadwork_sync::{BoundedSemaphore, Semaphore};
use threadwork_test_support::tasks::{Woken, block_on};

use crate::support::Helper;

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
