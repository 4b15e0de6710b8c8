//! Queues as one of several objects.

use std::time::Duration;

use threadwork_sync::{
    Event, LifoQueue, PriorityQueue, Queue, Wait, WaitError, WaitKind, Waiter, wait_any,
};

use crate::{
    objects::{start_waiting, waits_for},
    support::Helper,
};

const SOON: Duration = Duration::from_millis(1);

#[test]
fn a_queue_is_ready_while_it_has_an_item_and_stays_so() {
    let (event, queue) = (Event::new(), Queue::new());
    let (lifo, priority) = (LifoQueue::<u32>::new(), PriorityQueue::<u32>::new());
    let soon = || Wait::timeout(SOON);
    assert_eq!(wait_any(&[&event, &queue, &lifo, &priority], &soon()), Err(WaitError::TimedOut));
    queue.put(1).unwrap();
    assert_eq!(wait_any(&[&event, &queue, &lifo, &priority], &soon()), Ok(1));
    assert_eq!(queue.get(), Ok(1));
    priority.put(1).unwrap();
    assert_eq!(wait_any(&[&event, &queue, &lifo, &priority], &soon()), Ok(3));
    lifo.shutdown();
    assert_eq!(wait_any(&[&event, &queue, &lifo], &soon()), Ok(2), "a get would not wait");
}

#[test]
fn a_put_and_a_shutdown_wake_a_thread_that_waits_for_any() {
    let event: &Event = Box::leak(Box::new(Event::new()));
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::new().named("watched")));
    let start = || {
        start_waiting(WaitKind::QueueGet, || wait_any(&[queue, event], &Wait::forever()).unwrap())
    };
    let waiting = start();
    let record = waits_for(WaitKind::QueueGet, &waiting);
    assert_eq!((record.thread.waiter, record.name), (Waiter::AnyOf, Some("watched")));
    queue.put(1).unwrap();
    assert_eq!(waiting.join(), 0);
    assert_eq!(queue.get(), Ok(1));
    let waiting = start();
    queue.shutdown();
    assert_eq!(waiting.join(), 0);
}

#[test]
fn a_thread_that_waits_for_any_takes_no_wake_up_from_others() {
    let event: &Event = Box::leak(Box::new(Event::new()));
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::new()));
    let watching =
        start_waiting(WaitKind::QueueGet, || wait_any(&[queue, event], &Wait::forever()));
    let getting = start_waiting(WaitKind::QueueGet, || queue.get());
    queue.put(1).unwrap();
    assert_eq!(getting.join(), Ok(1));
    event.set();
    assert!(Helper::join(watching).is_ok());
}
