//! Tasks at queues, polled by hand.

use std::{pin::pin, sync::Arc, task::Poll};

use threadwork_sync::{GetError, PutError, Queue, WaitKind, Waiter, waits};
use threadwork_test_support::tasks::{Woken, block_on};

use crate::{
    objects::start_waiting,
    support::{Helper, eventually},
};

#[test]
fn a_get_that_is_dropped_takes_nothing_and_passes_the_wake_up_on() {
    let queue = Queue::new();
    let woken = [Woken::new(), Woken::new()];
    let [mut first, mut second] = [(); 2].map(|()| Box::pin(queue.get_async()));
    assert!(woken[0].poll(first.as_mut()).is_pending());
    assert!(woken[1].poll(second.as_mut()).is_pending());
    queue.put(1).unwrap();
    assert_eq!(woken.each_ref().map(|it| it.count()), [1, 0]);
    drop(first);
    assert_eq!(woken.each_ref().map(|it| it.count()), [1, 1]);
    assert_eq!(woken[1].poll(second.as_mut()), Poll::Ready(Ok(1)));
}

#[test]
fn a_told_get_that_is_dropped_wakes_a_thread() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::new()));
    let woken = Woken::new();
    let mut task = Box::pin(queue.get_async());
    assert!(woken.poll(task.as_mut()).is_pending());
    queue.put(1).unwrap();
    assert_eq!(woken.count(), 1);
    // It finds the item and takes it before the task does.
    assert_eq!(queue.get(), Ok(1));
    let getting = start_waiting(WaitKind::QueueGet, || queue.get());
    drop(task);
    queue.put(2).unwrap();
    assert_eq!(getting.join(), Ok(2));
}

#[test]
fn a_task_that_is_told_and_not_polled_holds_up_no_thread() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::new()));
    let woken = Woken::new();
    let mut task = pin!(queue.get_async());
    assert!(woken.poll(task.as_mut()).is_pending());
    let getting = start_waiting(WaitKind::QueueGet, || queue.get());
    queue.put(1).unwrap();
    assert_eq!(getting.join(), Ok(1));
    assert_eq!(Helper::start(|| queue.try_get()).join(), Err(GetError::Empty));
    queue.put(2).unwrap();
    assert_eq!(woken.poll(task.as_mut()), Poll::Ready(Ok(2)));
}

#[test]
fn a_put_waits_for_room_and_a_drop_drops_its_item() {
    let (queue, item) = (Queue::bounded(1), Arc::new(()));
    queue.put(Arc::clone(&item)).unwrap();
    let woken = Woken::new();
    let mut put = Box::pin(queue.put_async(Arc::clone(&item)));
    assert!(woken.poll(put.as_mut()).is_pending());
    assert_eq!(Arc::strong_count(&item), 3);
    drop(put);
    assert_eq!(Arc::strong_count(&item), 2);
    let mut put = pin!(queue.put_async(Arc::clone(&item)));
    assert!(woken.poll(put.as_mut()).is_pending());
    drop(queue.get().unwrap());
    assert_eq!(woken.count(), 1);
    assert!(woken.poll(put.as_mut()).is_ready());
    assert_eq!(queue.len(), 1);
}

#[test]
fn a_shutdown_ends_the_waits_of_tasks() {
    let queue = Queue::<u32>::bounded(1);
    let woken = [(); 3].map(|()| Woken::new());
    let mut get = pin!(queue.get_async());
    assert!(woken[0].poll(get.as_mut()).is_pending());
    queue.shutdown();
    assert_eq!(woken[0].poll(get.as_mut()), Poll::Ready(Err(GetError::ShutDown)));

    let queue = Queue::bounded(1);
    queue.put(1).unwrap();
    let mut put = pin!(queue.put_async(2));
    let mut join = pin!(queue.join_async());
    assert!(woken[1].poll(put.as_mut()).is_pending());
    assert!(woken[2].poll(join.as_mut()).is_pending());
    assert_eq!(queue.shutdown_now(), [1]);
    assert_eq!(woken.each_ref().map(|it| it.count()), [1, 1, 1]);
    assert_eq!(woken[1].poll(put.as_mut()), Poll::Ready(Err(PutError::ShutDown(2))));
    assert_eq!(woken[2].poll(join.as_mut()), Poll::Ready(()));
}

#[test]
fn a_join_counts_from_the_call_and_not_from_the_first_poll() {
    let queue = Queue::new();
    queue.put(1).unwrap();
    let join = queue.join_async();
    queue.task_done().unwrap();
    queue.put(2).unwrap();
    block_on(join);
    assert!(!queue.try_join());
}

#[test]
fn the_record_of_a_task_says_what_it_waits_for() {
    let queue: Queue<u32> = Queue::new().named("told");
    let woken = Woken::new();
    let mut get = pin!(queue.get_async());
    assert!(woken.poll(get.as_mut()).is_pending());
    let record =
        eventually("the task is listed", || waits().into_iter().find(|it| it.name == Some("told")));
    assert_eq!((record.kind, record.thread.waiter), (WaitKind::QueueGet, Waiter::Task));
}

#[test]
fn tasks_and_threads_share_all_items() {
    let queue: &Queue<usize> = Box::leak(Box::new(Queue::bounded(2)));
    let threads = [(); 2].map(|()| Helper::start(|| queue.iter().sum::<usize>()));
    let tasks = [(); 2].map(|()| {
        Helper::start(|| {
            block_on(async {
                let mut sum = 0;
                while let Ok(item) = queue.get_async().await {
                    sum += item;
                }
                sum
            })
        })
    });
    block_on(async {
        for item in 0..2_000 {
            queue.put_async(item).await.unwrap();
        }
    });
    queue.shutdown();
    let sum: usize = threads.into_iter().chain(tasks).map(Helper::join).sum();
    assert_eq!(sum, (0..2_000).sum());
}
