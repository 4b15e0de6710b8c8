//! `BaseQueueTestMixin`, but for shutdown.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{GetError, PutError, WaitKind};

use super::{Kind, for_each_kind};
use crate::{objects::start_waiting, support::Helper};

const LONG: Duration = Duration::from_secs(100);
const SHORT: Duration = Duration::from_millis(1);

for_each_kind! {
    a_queue_orders_items_fills_up_and_empties
    a_put_that_blocks_goes_on_after_a_get
    a_get_that_blocks_goes_on_after_a_put
    task_done_may_be_called_once_for_each_item
    join_waits_for_all_tasks_and_can_be_called_again
    the_forms_that_do_not_wait
}

/// `test_basic`, `simple_queue_test`.
fn a_queue_orders_items_fills_up_and_empties<Q: Kind>() {
    let queue = Q::bounded(3);
    // Twice, because a queue can be used again after it was empty.
    for _ in 0..2 {
        assert_eq!(queue.len(), 0);
        for item in [111, 333, 222] {
            queue.put(item).unwrap();
        }
        assert_eq!([(); 3].map(|()| queue.get().unwrap()), Q::ORDER);
        for item in 0..2 {
            queue.put(item).unwrap();
            assert!(queue.len() > 0 && !queue.is_full());
        }
        queue.put(4).unwrap();
        assert!(queue.is_full());
        assert_eq!(queue.try_put(5), Err(PutError::Full(5)));
        assert_eq!(queue.put_timeout(5, SHORT), Err(PutError::TimedOut(5)));
        assert_eq!(queue.len(), 3);
        (0..3).for_each(|_| _ = queue.get().unwrap());
        assert_eq!(queue.len(), 0);
        assert_eq!(queue.try_get(), Err(GetError::Empty));
        assert_eq!(queue.get_timeout(SHORT), Err(GetError::TimedOut));
    }
}

/// `simple_queue_test`: `do_blocking_test(q.put, …)`.
fn a_put_that_blocks_goes_on_after_a_get<Q: Kind>() {
    for with_timeout in [false, true] {
        let queue = Arc::new(Q::bounded(1));
        queue.put(1).unwrap();
        let inside = Arc::clone(&queue);
        let putting = start_waiting(WaitKind::QueuePut, move || {
            if with_timeout { inside.put_timeout(2, LONG) } else { inside.put(2) }
        });
        assert_eq!(queue.get(), Ok(1));
        assert_eq!(putting.join(), Ok(()));
        assert_eq!(queue.get(), Ok(2));
    }
}

/// `simple_queue_test`: `do_blocking_test(q.get, …)`.
fn a_get_that_blocks_goes_on_after_a_put<Q: Kind>() {
    for with_timeout in [false, true] {
        let queue = Arc::new(Q::new());
        let inside = Arc::clone(&queue);
        let getting = start_waiting(WaitKind::QueueGet, move || {
            if with_timeout { inside.get_timeout(LONG) } else { inside.get() }
        });
        queue.put(3).unwrap();
        assert_eq!(getting.join(), Ok(3));
        assert_eq!(queue.len(), 0);
    }
}

/// `test_queue_task_done`.
fn task_done_may_be_called_once_for_each_item<Q: Kind>() {
    let queue = Q::new();
    assert!(queue.task_done().is_err());
    queue.put(1).unwrap();
    queue.put(2).unwrap();
    assert!(queue.task_done().is_ok());
    assert!(queue.task_done().is_ok());
    let error = queue.task_done().unwrap_err();
    assert!(error.to_string().starts_with("`task_done` was called too many times"), "{error}");
}

/// `test_queue_join`, `queue_join_test`: twice, to see that it can be called again.
fn join_waits_for_all_tasks_and_can_be_called_again<Q: Kind>() {
    let queue = Arc::new(Q::new());
    for _ in 0..2 {
        let sum = Arc::new(AtomicI32::new(0));
        let workers = [(); 2].map(|()| {
            let (queue, sum) = (Arc::clone(&queue), Arc::clone(&sum));
            Helper::start(move || {
                loop {
                    let item = queue.get().unwrap();
                    if item < 0 {
                        return queue.task_done().unwrap();
                    }
                    sum.fetch_add(item, Ordering::Relaxed);
                    queue.task_done().unwrap();
                }
            })
        });
        (0..100).for_each(|item| queue.put(item).unwrap());
        queue.join();
        assert_eq!(sum.load(Ordering::Relaxed), (0..100).sum());
        (0..2).for_each(|_| queue.put(-1).unwrap());
        queue.join();
        workers.into_iter().for_each(Helper::join);
    }
}

/// `test_nowait`.
fn the_forms_that_do_not_wait<Q: Kind>() {
    let queue = Q::bounded(3);
    for item in 0..3 {
        queue.try_put(item).unwrap();
    }
    assert_eq!(queue.try_put(4), Err(PutError::Full(4)));
    for _ in 0..3 {
        queue.try_get().unwrap();
    }
    assert_eq!(queue.try_get(), Err(GetError::Empty));
}
