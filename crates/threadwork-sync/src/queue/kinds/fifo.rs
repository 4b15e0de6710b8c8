//! The queue whose first item is taken first.

use std::{fmt, num::NonZero, panic::Location, time::Duration};

use crate::{
    error::WaitError,
    floor::const_new,
    forms::{named, without_end},
    queue::{
        any_queue::AnyQueue,
        engine::{AtMost, Engine, NO_LIMIT, One},
        error::{GetError, PutError, TaskDoneError},
        future::{QueueGet, QueueJoin, QueuePut},
        iter::QueueIter,
        kinds::methods::{life_methods, put_methods, take_methods},
        split::{Receiver, Sender, split},
        store::{Fifo, Store},
    },
    wait::Wait,
};

/// A queue for any number of threads at both ends: what is put first is taken first. Python's `queue.Queue`.
///
/// It is used by reference, in an `Arc`, in a `static`, or as a [pair](Self::split) of a sender and a receiver that shuts itself down.
/// An item that is refused comes back in the [error](PutError). What is left in a queue that is dropped is dropped with it.
///
/// # Fairness
///
/// Threads may barge: a thread that finds an item takes it, even if a waiter has been woken to take it. That waiter keeps its turn, and
/// about once in a millisecond an item is kept back for the thread that has waited longest. The same holds for room.
/// A put wakes one thread at most, and none while a woken one has not come yet; a woken thread wakes the next one if it leaves items.
///
/// # Happens-before
///
/// What a thread did before it put an item is seen by the thread that takes it; what a thread did before it took an item, by the thread
/// that puts another into its place; what a thread did before `task_done` or `shutdown`, by those whose `join` or `get` it ends.
///
/// # Panics and errors
///
/// A stop, a deadline or a shutdown that meets an item neither loses nor doubles it: either the call returns the item, or the item stays.
/// No method panics, except where it says so. No code of the user runs while the queue is locked (but see
/// [`PriorityQueue`](crate::PriorityQueue)).
///
/// # Differences from Python
///
/// * `bounded(n)` and `new()` take the place of `maxsize`.
/// * `put_nowait` and `get_nowait` are [`try_put`](Self::try_put) and [`try_get`](Self::try_get).
/// * `shutdown(immediate=True)` is [`shutdown_now`](Self::shutdown_now), and returns the items.
/// * [`join`](Self::join) returns once all tasks were done, even if a new item is put before the thread runs again.
///
/// # Differences from `std::sync::mpsc`
///
/// * Any number of threads may take items, and a queue needs no pair of ends.
/// * A wait can have a deadline, and a stop request can end it; it can be one of [several](crate::wait_any), and be awaited.
/// * It can be shut down while both ends are there, it counts tasks, and it has a name and a length.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::Queue;
///
/// static JOBS: Queue<u64> = Queue::bounded(8);
///
/// std::thread::scope(|scope| {
///     let workers = [(); 2].map(|()| scope.spawn(|| JOBS.iter().sum::<u64>()));
///     for job in 1..=100 {
///         JOBS.put(job).unwrap();
///     }
///     JOBS.shutdown();
///     let sums = workers.map(|it| it.join().unwrap());
///     assert_eq!(sums.iter().sum::<u64>(), 5050);
/// });
/// ```
pub struct Queue<T> {
    engine: Engine<Fifo<T>>,
}

put_methods!(Queue, Fifo, []);
take_methods!(Queue, [], "queue.put(1)");
life_methods!(Queue, [], "queue.put(1)");
