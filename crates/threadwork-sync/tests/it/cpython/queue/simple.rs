//! `BaseSimpleQueueTest`, for the queue that takes the place of `SimpleQueue`.

use std::{sync::Arc, time::Duration};

use threadwork_sync::{GetError, Queue};

use crate::support::Helper;

/// `test_basic`.
#[test]
fn a_queue_without_a_limit_takes_all_that_is_put() {
    let queue = Queue::new();
    assert!(queue.is_empty());
    assert_eq!(queue.len(), 0);
    queue.put(1).unwrap();
    assert!(!queue.is_empty() && !queue.is_full());
    assert_eq!(queue.len(), 1);
    queue.put_timeout(2, Duration::ZERO).unwrap();
    queue.try_put(3).unwrap();
    assert_eq!([(); 3].map(|()| queue.get().unwrap()), [1, 2, 3]);
    assert_eq!(queue.try_get(), Err(GetError::Empty));
    assert_eq!(queue.get_timeout(Duration::from_millis(1)), Err(GetError::TimedOut));
}

/// The number of the thread that put it, and how many it had put before.
type Item = (usize, usize);

/// Lets several threads put what they are given and as many take it, and checks that all that was put was taken, and in order for each.
#[track_caller]
fn check_many_threads(get: fn(&Queue<Item>) -> Result<Item, GetError>) {
    const THREADS: usize = 10;
    const ITEMS: usize = 200;
    let queue = Arc::new(Queue::new());
    let putting: Vec<_> = (0..THREADS)
        .map(|thread| {
            let queue = Arc::clone(&queue);
            Helper::start(move || (0..ITEMS).for_each(|item| queue.put((thread, item)).unwrap()))
        })
        .collect();
    let taking: Vec<_> = (0..THREADS)
        .map(|_| {
            let queue = Arc::clone(&queue);
            Helper::start(move || {
                let mut taken = Vec::new();
                loop {
                    match get(&queue) {
                        Ok(item) => taken.push(item),
                        Err(GetError::ShutDown) => return taken,
                        Err(_) => std::thread::yield_now(),
                    }
                }
            })
        })
        .collect();
    putting.into_iter().for_each(Helper::join);
    queue.shutdown();
    let mut all = Vec::new();
    for taken in taking.into_iter().map(Helper::join) {
        for thread in 0..THREADS {
            assert!(taken.iter().filter(|it| it.0 == thread).is_sorted(), "{taken:?}");
        }
        all.extend(taken);
    }
    all.sort_unstable();
    let expected: Vec<_> =
        (0..THREADS).flat_map(|it| (0..ITEMS).map(move |item| (it, item))).collect();
    assert_eq!(all, expected);
}

/// `test_many_threads`, `test_order`.
#[test]
fn many_threads() {
    check_many_threads(Queue::get);
}

/// `test_many_threads_nonblock`.
#[test]
fn many_threads_that_do_not_wait() {
    check_many_threads(Queue::try_get);
}

/// `test_many_threads_timeout`.
#[test]
fn many_threads_with_a_timeout() {
    check_many_threads(|it| it.get_timeout(Duration::from_micros(10)));
}

/// `test_references`: the queue keeps nothing of an item that was taken, or of a queue that was dropped.
#[test]
fn an_item_that_was_taken_belongs_to_the_taker_alone() {
    let item = Arc::new(());
    let queue = Queue::new();
    for _ in 0..20 {
        queue.put(Arc::clone(&item)).unwrap();
    }
    for left in (0..20).rev() {
        drop(queue.get().unwrap());
        assert_eq!(Arc::strong_count(&item), left + 1);
    }
    queue.put(Arc::clone(&item)).unwrap();
    drop(queue);
    assert_eq!(Arc::strong_count(&item), 1);
}
