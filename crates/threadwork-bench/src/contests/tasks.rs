//! Tasks of async programs that wait for our objects.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use event_listener::Listener;
use threadwork::{Event, Lock, Semaphore};
use threadwork_test_support::tasks::block_on;
use tokio::sync::{Mutex, Notify, Semaphore as TokioSemaphore};

use crate::{
    board::{Board, timed},
    contest::Contest,
};

/// How often a round does what one task does.
const TIMES: usize = 20_000;

/// How many tasks wait at once.
const MANY: usize = 1_000;

fn contest(what: &str, rival: &str, each: usize) -> Contest {
    Contest::new(what, rival).at_most(2.0).rounds(101).each(each)
}

/// Polls a future once, without a waker that does anything.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Measures a task that waits, is woken and goes on, all in one thread: no system call is in the way.
pub fn one_task(board: &mut Board) {
    let (ours, theirs) = (Event::new(), Notify::new());
    let times = board.amount(TIMES);
    let contest = |rival| contest("Event set, one task waits", rival, times);
    let wait_for_ours = || {
        for _ in 0..times {
            let mut wait = pin!(ours.wait_async());
            assert!(poll(wait.as_mut()).is_pending());
            ours.set();
            assert!(poll(wait).is_ready());
            ours.clear();
        }
    };
    board.compare(contest("tokio's Notify"), wait_for_ours, || {
        for _ in 0..times {
            let mut wait = pin!(theirs.notified());
            assert!(poll(wait.as_mut()).is_pending());
            theirs.notify_waiters();
            assert!(poll(wait).is_ready());
        }
    });
    let listened = event_listener::Event::new();
    board.compare(contest("event-listener"), wait_for_ours, || {
        for _ in 0..times {
            let mut wait = pin!(listened.listen());
            assert!(poll(wait.as_mut()).is_pending());
            listened.notify(usize::MAX);
            assert!(poll(wait).is_ready());
        }
    });
}

/// Measures an event for which many tasks wait, and which is set once.
pub fn many_tasks(board: &mut Board) {
    let contest = |rival| contest("Event set, 1,000 tasks wait", rival, MANY);
    let ours = || {
        let event = Event::new();
        let mut waits: Vec<_> = (0..MANY).map(|_| Box::pin(event.wait_async())).collect();
        waits.iter_mut().for_each(|it| assert!(poll(it.as_mut()).is_pending()));
        timed(|| event.set())
    };
    board.compare_times(contest("tokio's Notify"), ours, || {
        let notify = Notify::new();
        let mut waits: Vec<_> = (0..MANY).map(|_| Box::pin(notify.notified())).collect();
        waits.iter_mut().for_each(|it| assert!(poll(it.as_mut()).is_pending()));
        timed(|| notify.notify_waiters())
    });
    board.compare_times(contest("event-listener"), ours, || {
        let event = event_listener::Event::new();
        let mut waits: Vec<_> = (0..MANY).map(|_| event.listen()).collect();
        waits.iter_mut().for_each(|it| assert!(poll(Pin::new(it)).is_pending()));
        let time = timed(|| _ = event.notify(usize::MAX));
        waits.into_iter().for_each(|it| it.wait());
        time
    });
}

/// Measures permits and locks that are free, and such that one task hands to the next.
pub fn permits_and_locks(board: &mut Board) {
    let (ours, theirs) = (Semaphore::new(1), TokioSemaphore::new(1));
    let times = board.amount(TIMES);
    board.compare(
        contest("Semaphore, free, as a task", "tokio", times).at_most(1.0),
        || (0..times).for_each(|_| drop(block_on(ours.acquire_async()))),
        || (0..times).for_each(|_| drop(block_on(theirs.acquire()))),
    );
    board.compare(
        contest("Semaphore, one task waits", "tokio", times),
        || {
            for _ in 0..times {
                let permit = ours.try_acquire();
                let mut next = pin!(ours.acquire_async());
                assert!(poll(next.as_mut()).is_pending());
                drop(permit);
                assert!(poll(next).is_ready());
            }
        },
        || {
            for _ in 0..times {
                let permit = theirs.try_acquire();
                let mut next = pin!(theirs.acquire());
                assert!(poll(next.as_mut()).is_pending());
                drop(permit);
                assert!(poll(next).is_ready());
            }
        },
    );
    let (ours, theirs) = (Lock::new(0), Mutex::new(0));
    board.compare(
        contest("Lock, free, as a task", "tokio's Mutex", times).at_most(1.0),
        || (0..times).for_each(|_| *block_on(ours.acquire_async()) += 1),
        || (0..times).for_each(|_| *block_on(theirs.lock()) += 1),
    );
}
