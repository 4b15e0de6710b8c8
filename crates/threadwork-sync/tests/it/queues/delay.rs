//! The queue whose items come at their time. The tests assert lower bounds only.

use std::time::{Duration, Instant};

use threadwork_sync::{
    Deadline, DelayQueue, GetError, StopSource, Wait, WaitError, WaitKind, wait_any,
};

use crate::objects::{start_waiting, until};

const HOUR: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(20);

fn leaked() -> &'static DelayQueue<u32> {
    Box::leak(Box::new(DelayQueue::new()))
}

#[test]
fn items_come_in_the_order_of_their_times_and_not_before() {
    let (queue, begin) = (leaked(), Instant::now());
    for item in [3, 1, 2, 0] {
        queue.put_at(item, (begin + item * SHORT).into()).unwrap();
    }
    for item in 0..4 {
        assert_eq!(queue.get(), Ok(item));
        assert!(begin.elapsed() >= item * SHORT);
    }
}

#[test]
fn an_item_that_is_not_due_is_not_taken() {
    let queue = leaked();
    queue.put_after(1, HOUR).unwrap();
    queue.put_at(2, Deadline::NEVER).unwrap();
    assert_eq!((queue.len(), queue.try_get()), (2, Err(GetError::Empty)));
    assert_eq!(queue.get_timeout(SHORT), Err(GetError::TimedOut));
    assert_eq!(queue.try_get_many(2), Err(GetError::Empty));
    let stop = StopSource::new();
    let wait = until(&stop);
    let getting = start_waiting(WaitKind::QueueGet, move || queue.get_with(&wait));
    stop.request_stop();
    assert_eq!(getting.join(), Err(GetError::Stopped));
    queue.put_after(3, Duration::ZERO).unwrap();
    assert_eq!(queue.get_many(3), Ok(vec![3]));
}

#[test]
fn an_earlier_item_is_taken_by_a_thread_that_waits_for_a_later_one() {
    let queue = leaked();
    queue.put_after(9, HOUR).unwrap();
    let getting = start_waiting(WaitKind::QueueGet, || queue.get());
    queue.put_after(1, SHORT).unwrap();
    assert_eq!(getting.join(), Ok(1));
}

/// The thread that looked out for the next item leaves: another one has to.
#[test]
fn a_thread_that_is_stopped_leaves_the_next_item_to_others() {
    let queue = leaked();
    let stop = StopSource::new();
    let wait = until(&stop);
    let first = start_waiting(WaitKind::QueueGet, move || queue.get_with(&wait));
    let second = start_waiting(WaitKind::QueueGet, || queue.get());
    queue.put_after(1, 5 * SHORT).unwrap();
    stop.request_stop();
    // It may have been late: then it has taken the item.
    match first.join() {
        Ok(item) => {
            assert_eq!(item, 1);
            queue.put_after(1, Duration::ZERO).unwrap();
        }
        Err(error) => assert_eq!(error, GetError::Stopped),
    }
    assert_eq!(second.join(), Ok(1));
}

#[test]
fn each_of_several_threads_gets_one_of_several_items() {
    let queue = leaked();
    let getting = [(); 4].map(|()| start_waiting(WaitKind::QueueGet, || queue.get().unwrap()));
    for item in 0..4 {
        queue.put_after(item, (4 - item) * SHORT / 4).unwrap();
    }
    let mut got = getting.map(|it| it.join());
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 3]);
}

#[test]
fn after_a_shutdown_the_rest_comes_at_its_time() {
    let queue = leaked();
    let getting = [(); 2].map(|()| start_waiting(WaitKind::QueueGet, || queue.get()));
    let begin = Instant::now();
    queue.put_after(1, SHORT).unwrap();
    queue.shutdown();
    let mut got = getting.map(|it| it.join());
    got.sort_unstable_by_key(|it| it.is_err());
    assert_eq!(got, [Ok(1), Err(GetError::ShutDown)]);
    assert!(begin.elapsed() >= SHORT);
    assert!(queue.put_after(2, SHORT).is_err());
}

#[test]
fn wait_any_wakes_when_an_item_is_due() {
    let (queue, stop, begin) = (leaked(), StopSource::new(), Instant::now());
    let soon = Wait::timeout(Duration::from_millis(1));
    queue.put_after(7, HOUR).unwrap();
    assert_eq!(wait_any(&[queue, &stop.token()], &soon), Err(WaitError::TimedOut));
    queue.put_after(1, SHORT).unwrap();
    assert_eq!(wait_any(&[&stop.token(), queue], &Wait::forever()), Ok(1));
    assert!(begin.elapsed() >= SHORT);
    assert_eq!(queue.try_get(), Ok(1));
    // An earlier item is put while a thread waits for a later one.
    let waiting = start_waiting(WaitKind::QueueGet, || wait_any(&[queue], &Wait::forever()));
    queue.put_after(2, Duration::ZERO).unwrap();
    assert_eq!(waiting.join(), Ok(0));
    assert_eq!(queue.try_get(), Ok(2));
}
