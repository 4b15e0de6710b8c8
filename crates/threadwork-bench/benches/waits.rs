//! The time of `waits()` with many blocked threads.
//!
//! Prints one line per kind of object that they wait for: the median and the quartiles of the times.

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use threadwork::{Condition, Event, Lock, RwLock, waits};

const THREADS: usize = 1_000;
const BOUND: Duration = Duration::from_millis(5);

/// Measures `waits()` while `block(number)` blocks each of the threads until `let_go`.
fn measure(what: &str, block: impl Fn(usize) + Sync, let_go: impl FnOnce()) {
    thread::scope(|scope| {
        for number in 0..THREADS {
            let block = &block;
            let thread = thread::Builder::new().stack_size(64 * 1024);
            thread.spawn_scoped(scope, move || block(number)).expect("there is room for a thread");
        }
        while waits().len() < THREADS {
            thread::yield_now();
        }
        let mut times: Vec<_> = (0..101)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(black_box(waits()).len(), THREADS);
                start.elapsed()
            })
            .collect();
        times.sort();
        let [low, median, high] = [1, 2, 3].map(|quarter| times[times.len() * quarter / 4]);
        let verdict = if median < BOUND { "" } else { "  MISSED" };
        let what = format!("waits(), {THREADS} threads blocked, {what}");
        println!(
            "{what:58} {median:8.1?}  [{low:8.1?} .. {high:8.1?}]  less than {BOUND:?}{verdict}"
        );
        let_go();
    });
}

fn main() {
    let event = Event::new();
    measure("one event", |_| event.wait(), || event.set());

    let events: Vec<_> = (0..THREADS).map(|_| Event::new()).collect();
    measure("an event each", |number| events[number].wait(), || events.iter().for_each(Event::set));

    // The holder is read from the lock, so the thread must be found in the lock's queue.
    let lock = Lock::new(());
    let guard = lock.acquire();
    measure("one lock", |_| drop(lock.acquire()), || drop(guard));

    let locks: Vec<_> = (0..THREADS).map(|_| Lock::new(())).collect();
    let guards: Vec<_> = locks.iter().map(Lock::acquire).collect();
    measure("a lock each", |number| drop(locks[number].acquire()), || drop(guards));

    let lock = RwLock::new(());
    let guard = lock.write();
    measure("one read-write lock", |_| drop(lock.read()), || drop(guard));

    let (lock, condition) = (Lock::new(()), Condition::new());
    let notify = || _ = condition.notify_all(&lock.acquire());
    measure("one condition", |_| condition.wait(&mut lock.acquire()), notify);
}
