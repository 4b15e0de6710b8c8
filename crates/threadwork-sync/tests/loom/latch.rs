//! Latches: no waiter misses zero, and all see what was written before it.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Latch, ReleaseError, StopSource, Wait, WaitError, internal::model::let_time_pass,
};

use crate::{Data, check, timed};

struct Shared {
    latch: Latch,
    data: [Data; 2],
}

impl Shared {
    fn new(count: usize) -> Arc<Shared> {
        Arc::new(Shared { latch: Latch::new(count), data: Default::default() })
    }
}

fn spawn<T: 'static>(
    shared: &Arc<Shared>,
    f: impl FnOnce(&Shared) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

/// A waiter returns at zero, and sees what each of two threads wrote before it counted down.
#[test]
fn a_wait_sees_what_each_wrote_before_it_counted_down() {
    check(4, || {
        let shared = Shared::new(2);
        let count_down = |it: &Shared, n: usize| {
            it.data[n].add_one();
            it.latch.count_down(1).unwrap();
        };
        let waiter = spawn(&shared, |it| {
            it.latch.wait();
            (it.data[0].get(), it.data[1].get())
        });
        let other = spawn(&shared, move |it| count_down(it, 1));
        count_down(&shared, 0);
        assert_eq!(waiter.join().unwrap(), (1, 1));
        other.join().unwrap();
    });
}

/// A thread that finds zero without waiting sees what was written before.
#[test]
fn try_wait_sees_what_was_written_before() {
    check(4, || {
        let shared = Shared::new(1);
        let waiter = spawn(&shared, |it| it.latch.wait());
        let reader = spawn(&shared, |it| !it.latch.try_wait() || it.data[0].get() == 1);
        shared.data[0].add_one();
        shared.latch.count_down(1).unwrap();
        assert!(reader.join().unwrap());
        waiter.join().unwrap();
    });
}

/// Three threads that count down and wait all return, and each sees what the others wrote.
#[test]
fn all_threads_that_arrive_and_wait_return() {
    check(4, || {
        let shared = Shared::new(2);
        let other = spawn(&shared, |it| {
            it.data[0].add_one();
            it.latch.arrive_and_wait().unwrap();
            it.data[1].get()
        });
        shared.data[1].add_one();
        shared.latch.arrive_and_wait().unwrap();
        assert_eq!(shared.data[0].get(), 1);
        assert_eq!(other.join().unwrap(), 1);
        assert_eq!(shared.latch.count_down(1), Err(ReleaseError::BelowZero));
    });
}

/// Checks that a waiter that leaves at any moment consumes no wake-up of another.
fn check_giving_up(wait: fn(&StopSource) -> Wait, end: fn(&StopSource), error: WaitError) {
    check(4, move || {
        let shared = Shared::new(1);
        let stop = StopSource::new();
        let giving_up = {
            let wait = wait(&stop);
            spawn(&shared, move |it| it.latch.wait_with(&wait).map(|()| it.data[0].get()))
        };
        let waiter = spawn(&shared, |it| {
            it.latch.wait();
            it.data[0].get()
        });
        let ending = {
            let stop = stop.clone();
            thread::spawn(move || end(&stop))
        };
        shared.data[0].add_one();
        shared.latch.count_down(1).unwrap();
        assert_eq!(waiter.join().unwrap(), 1);
        let ended = giving_up.join().unwrap();
        assert!(ended == Ok(1) || ended == Err(error));
        ending.join().unwrap();
    });
}

/// A stop loses no wake-up.
#[test]
fn a_stop_loses_no_wake_up() {
    let wait = |it: &StopSource| Wait::forever().or_stop(&it.token());
    check_giving_up(wait, |it| _ = it.request_stop(), WaitError::Stopped);
}

/// A deadline loses no wake-up.
#[test]
fn a_timeout_loses_no_wake_up() {
    check_giving_up(|_| timed(), |_| let_time_pass(), WaitError::TimedOut);
}
