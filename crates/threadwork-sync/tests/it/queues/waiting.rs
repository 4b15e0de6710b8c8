//! What ends a wait at a queue, what is seen of it, and that nothing is lost then.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{GetError, PutError, Queue, StopSource, Wait, WaitError, WaitKind};

use crate::{
    objects::{start_waiting, stopped, until, waits_for},
    support::Helper,
};

const SHORT: Duration = Duration::from_millis(1);

#[test]
fn a_stop_ends_a_get_a_put_and_a_join() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::bounded(1)));
    let stop = StopSource::new();
    let wait = until(&stop);
    let getting = start_waiting(WaitKind::QueueGet, move || queue.get_with(&wait));
    stop.request_stop();
    assert_eq!(getting.join(), Err(GetError::Stopped));

    queue.put(1).unwrap();
    let stop = StopSource::new();
    let (put, join) = (until(&stop), until(&stop));
    let putting = start_waiting(WaitKind::QueuePut, move || queue.put_with(2, &put));
    let joining = start_waiting(WaitKind::QueueJoin, move || queue.join_with(&join));
    stop.request_stop();
    assert_eq!(putting.join(), Err(PutError::Stopped(2)));
    assert_eq!(joining.join(), Err(WaitError::Stopped));
    assert_eq!(queue.get(), Ok(1));
    assert_eq!(queue.try_get(), Err(GetError::Empty));
}

#[test]
fn a_call_that_need_not_wait_succeeds_although_a_stop_was_requested() {
    let queue = Queue::bounded(1);
    assert_eq!(queue.put_with(1, &stopped()), Ok(()));
    assert_eq!(queue.put_with(2, &stopped()), Err(PutError::Stopped(2)));
    assert_eq!(queue.get_with(&stopped()), Ok(1));
    assert_eq!(queue.get_with(&stopped()), Err(GetError::Stopped));
    assert_eq!(queue.get_with(&Wait::timeout(Duration::ZERO)), Err(GetError::TimedOut));
    queue.task_done().unwrap();
    assert_eq!(queue.join_with(&stopped()), Ok(()));
}

#[test]
fn a_timeout_gives_the_item_back_and_leaves_the_queue_to_others() {
    let queue = Queue::bounded(1);
    assert_eq!(queue.get_timeout(SHORT), Err(GetError::TimedOut));
    queue.put(1).unwrap();
    assert_eq!(queue.put_timeout(2, SHORT), Err(PutError::TimedOut(2)));
    assert_eq!(queue.join_timeout(SHORT), Err(WaitError::TimedOut));
    assert_eq!(queue.put_timeout(2, Duration::ZERO), Err(PutError::TimedOut(2)));
    assert_eq!(queue.get_timeout(Duration::MAX), Ok(1));
    assert_eq!(queue.put_timeout(2, Duration::MAX), Ok(()));
    assert_eq!(queue.len(), 1);
}

#[test]
fn the_record_of_a_wait_has_the_name_the_length_and_the_limit() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::bounded(2).named("mail")));
    let getting = start_waiting(WaitKind::QueueGet, || queue.get());
    let record = waits_for(WaitKind::QueueGet, &getting);
    let fill = record.fill.unwrap();
    assert_eq!((record.name, fill.len, fill.limit), (Some("mail"), 0, Some(2)));
    assert_eq!((record.holder, record.location.file()), (None, file!()));
    (1..4).for_each(|item| queue.put(item).unwrap());
    assert_eq!(getting.join(), Ok(1));

    let putting = start_waiting(WaitKind::QueuePut, || queue.put(4));
    let record = waits_for(WaitKind::QueuePut, &putting);
    let fill = record.fill.unwrap();
    assert_eq!((record.name, fill.len, fill.limit), (Some("mail"), 2, Some(2)));
    let joining = start_waiting(WaitKind::QueueJoin, || queue.join());
    assert_eq!(waits_for(WaitKind::QueueJoin, &joining).fill, None);
    assert_eq!(queue.shutdown_now(), [2, 3]);
    assert_eq!(putting.join(), Err(PutError::ShutDown(4)));
    queue.task_done().unwrap();
    joining.join();

    let unbounded: &Queue<u32> = Box::leak(Box::new(Queue::new()));
    let getting = start_waiting(WaitKind::QueueGet, || unbounded.get());
    let fill = waits_for(WaitKind::QueueGet, &getting).fill.unwrap();
    assert_eq!((fill.len, fill.limit), (0, None));
    unbounded.shutdown();
    assert!(getting.join().is_err());
    assert_eq!(WaitKind::QueueGet.to_string(), "item of queue");
    assert_eq!(WaitKind::QueuePut.to_string(), "room in queue");
    assert_eq!(WaitKind::QueueJoin.to_string(), "tasks of queue");
}

#[test]
fn join_ends_once_all_were_done_although_another_item_was_put_since() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::new()));
    queue.put(1).unwrap();
    let joining = start_waiting(WaitKind::QueueJoin, || queue.join());
    queue.task_done().unwrap();
    queue.put(2).unwrap();
    joining.join();
    assert!(!queue.try_join());
    assert_eq!(queue.unfinished(), 1);
}

#[test]
fn nothing_is_lost_or_doubled_by_stops_and_timeouts() {
    const ITEMS: usize = 3_000;
    let queue: &Queue<usize> = Box::leak(Box::new(Queue::bounded(2)));
    let (stop, sum) = (StopSource::new(), Arc::new(AtomicUsize::new(0)));
    let takers: Vec<_> = (0..3)
        .map(|taker| {
            let (wait, sum) = (until(&stop), Arc::clone(&sum));
            Helper::start(move || {
                let mut is_stopped = false;
                loop {
                    let got = match taker {
                        0 if !is_stopped => queue.get_with(&wait),
                        _ => queue.get_timeout(Duration::from_micros(20)),
                    };
                    match got {
                        Ok(item) => _ = sum.fetch_add(item, Ordering::Relaxed),
                        Err(GetError::ShutDown) => return,
                        Err(error) => is_stopped |= error == GetError::Stopped,
                    }
                }
            })
        })
        .collect();
    let putters: Vec<_> = (0..2)
        .map(|putter| {
            Helper::start(move || {
                for item in (putter..ITEMS).step_by(2) {
                    let mut item = item;
                    while let Err(refused) = queue.put_timeout(item, Duration::from_micros(20)) {
                        item = refused.into_item();
                    }
                }
            })
        })
        .collect();
    stop.request_stop();
    putters.into_iter().for_each(Helper::join);
    queue.shutdown();
    takers.into_iter().for_each(Helper::join);
    assert_eq!(sum.load(Ordering::Relaxed), (0..ITEMS).sum());
}

#[test]
fn all_waiting_threads_are_woken_by_a_burst() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::new()));
    let getting = [(); 5].map(|()| start_waiting(WaitKind::QueueGet, || queue.get().unwrap()));
    (0..5).for_each(|item| queue.put(item).unwrap());
    let mut got = getting.map(Helper::join);
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 3, 4]);
}
