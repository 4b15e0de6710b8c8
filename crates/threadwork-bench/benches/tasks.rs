//! Tasks that wait for our objects, beside `event-listener` and tokio's `Notify`, `Semaphore` and `Mutex`: ratios, measured in turns.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use event_listener::Listener;
use threadwork::{Event, Lock, Semaphore};
use threadwork_test_support::tasks::block_on;
use tokio::sync::{Mutex, Notify, Semaphore as TokioSemaphore};

mod compare;
use compare::{compare, compare_times};

const ROUNDS: usize = 101;
const TIMES: usize = 20_000;
const MANY: usize = 1_000;

/// Polls a future once, without a waker that does anything.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A task waits, is woken and goes on, all in one thread: no system call is in the way.
fn one_by_one() {
    let (ours, theirs) = (Event::new(), Notify::new());
    let wait_for_ours = || {
        for _ in 0..TIMES {
            let mut wait = pin!(ours.wait_async());
            assert!(poll(wait.as_mut()).is_pending());
            ours.set();
            assert!(poll(wait).is_ready());
            ours.clear();
        }
    };
    compare("Event set, one task waits / Notify", 2.0, ROUNDS, wait_for_ours, || {
        for _ in 0..TIMES {
            let mut wait = pin!(theirs.notified());
            assert!(poll(wait.as_mut()).is_pending());
            theirs.notify_waiters();
            assert!(poll(wait).is_ready());
        }
    });
    let listened = event_listener::Event::new();
    compare("Event set, one task waits / event-listener", 2.0, ROUNDS, wait_for_ours, || {
        for _ in 0..TIMES {
            let mut wait = pin!(listened.listen());
            assert!(poll(wait.as_mut()).is_pending());
            listened.notify(usize::MAX);
            assert!(poll(wait).is_ready());
        }
    });
}

/// Many tasks wait for one event, which is set once.
fn all_at_once() {
    let ours = || {
        let event = Event::new();
        let mut waits: Vec<_> = (0..MANY).map(|_| Box::pin(event.wait_async())).collect();
        waits.iter_mut().for_each(|it| assert!(poll(it.as_mut()).is_pending()));
        timed(|| event.set())
    };
    compare_times("Event set, 1,000 tasks wait / Notify", 2.0, ROUNDS, ours, || {
        let notify = Notify::new();
        let mut waits: Vec<_> = (0..MANY).map(|_| Box::pin(notify.notified())).collect();
        waits.iter_mut().for_each(|it| assert!(poll(it.as_mut()).is_pending()));
        timed(|| notify.notify_waiters())
    });
    compare_times("Event set, 1,000 tasks wait / event-listener", 2.0, ROUNDS, ours, || {
        let event = event_listener::Event::new();
        let mut waits: Vec<_> = (0..MANY).map(|_| event.listen()).collect();
        waits.iter_mut().for_each(|it| assert!(poll(std::pin::Pin::new(it)).is_pending()));
        let time = timed(|| _ = event.notify(usize::MAX));
        waits.into_iter().for_each(|it| it.wait());
        time
    });
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Permits and locks that are free, and such that one task hands to the next.
fn permits_and_locks() {
    let (ours, theirs) = (Semaphore::new(1), TokioSemaphore::new(1));
    compare(
        "Semaphore, free, as a task / tokio",
        1.0,
        ROUNDS,
        || (0..TIMES).for_each(|_| drop(block_on(ours.acquire_async()))),
        || (0..TIMES).for_each(|_| drop(block_on(theirs.acquire()))),
    );
    compare(
        "Semaphore, one task waits / tokio",
        2.0,
        ROUNDS,
        || {
            for _ in 0..TIMES {
                let permit = ours.try_acquire();
                let mut next = pin!(ours.acquire_async());
                assert!(poll(next.as_mut()).is_pending());
                drop(permit);
                assert!(poll(next).is_ready());
            }
        },
        || {
            for _ in 0..TIMES {
                let permit = theirs.try_acquire();
                let mut next = pin!(theirs.acquire());
                assert!(poll(next.as_mut()).is_pending());
                drop(permit);
                assert!(poll(next).is_ready());
            }
        },
    );
    let (ours, theirs) = (Lock::new(0), Mutex::new(0));
    compare(
        "Lock, free, as a task / tokio's Mutex",
        1.0,
        ROUNDS,
        || (0..TIMES).for_each(|_| *block_on(ours.acquire_async()) += 1),
        || (0..TIMES).for_each(|_| *block_on(theirs.lock()) += 1),
    );
}

fn main() {
    one_by_one();
    all_at_once();
    permits_and_locks();
}
