//! The order of items, what a priority queue does when a comparison panics, and what is dropped when.

use std::{
    cell::{Cell, RefCell},
    cmp::Ordering,
    rc::Rc,
    sync::Arc,
};

use threadwork_sync::{GetError, LifoQueue, PriorityQueue, PutError, Queue, WaitKind};

use crate::{
    objects::{message, panic_of, start_waiting},
    support::Helper,
};

#[test]
fn equal_items_are_taken_in_the_order_in_which_they_were_put() {
    /// Compared by the first number alone.
    #[derive(Debug)]
    struct Job(u32, u32);
    impl PartialEq for Job {
        fn eq(&self, other: &Job) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Job {}
    impl PartialOrd for Job {
        fn partial_cmp(&self, other: &Job) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Job {
        fn cmp(&self, other: &Job) -> Ordering {
            self.0.cmp(&other.0)
        }
    }

    let queue = PriorityQueue::new();
    for number in 0..60 {
        queue.put(Job(number % 3, number)).unwrap();
    }
    queue.shutdown();
    let taken: Vec<_> = queue.iter().map(|it| (it.0, it.1)).collect();
    assert_eq!(taken.len(), 60);
    assert!(taken.is_sorted(), "{taken:?}");
}

thread_local! {
    static PANICS: Cell<bool> = const { Cell::new(false) };
    /// The items that were dropped, and the number of unfinished tasks of their queue then.
    static DROPPED: RefCell<Vec<(u32, usize)>> = const { RefCell::new(Vec::new()) };
}

/// An item whose comparison may panic, and whose drop uses the queue: it would block for ever if that were locked.
struct Touchy {
    value: u32,
    queue: &'static PriorityQueue<Touchy>,
}

impl PartialEq for Touchy {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Touchy {}
impl PartialOrd for Touchy {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Touchy {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!PANICS.get(), "these cannot be compared");
        self.value.cmp(&other.value)
    }
}
impl Drop for Touchy {
    fn drop(&mut self) {
        let unfinished = self.queue.unfinished();
        DROPPED.with_borrow_mut(|it| it.push((self.value, unfinished)));
    }
}

#[test]
fn a_comparison_that_panics_leaves_the_queue_as_it_was_and_drops_with_nothing_locked() {
    let queue: &'static PriorityQueue<Touchy> = Box::leak(Box::new(PriorityQueue::new()));
    let item = |value| Touchy { value, queue };
    for value in [5, 3, 4, 1, 2] {
        assert!(queue.put(item(value)).is_ok());
    }
    PANICS.set(true);
    assert_eq!(panic_of(|| queue.put(item(0))), "these cannot be compared");
    assert_eq!(DROPPED.take(), [(0, 5)]);
    assert_eq!(panic_of(|| queue.get()), "these cannot be compared");
    assert_eq!(panic_of(|| queue.try_get()), "these cannot be compared");
    assert_eq!((queue.len(), queue.unfinished(), DROPPED.take().len()), (5, 5, 0));
    PANICS.set(false);
    assert_eq!([(); 5].map(|()| queue.get().ok().unwrap().value), [1, 2, 3, 4, 5]);
}

#[test]
fn a_thread_whose_comparison_panics_leaves_its_turn_to_the_next() {
    /// The two that cannot be compared with each other are at the bottom.
    #[derive(Debug, PartialEq, Eq)]
    struct Item(u32);
    impl PartialOrd for Item {
        fn partial_cmp(&self, other: &Item) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Item {
        fn cmp(&self, other: &Item) -> Ordering {
            assert!(self.0 + other.0 < 100, "these cannot be compared");
            self.0.cmp(&other.0)
        }
    }
    let queue: &PriorityQueue<Item> = Box::leak(Box::new(PriorityQueue::bounded(2)));
    queue.put(Item(1)).unwrap();
    queue.put(Item(2)).unwrap();
    let bad = start_waiting(WaitKind::QueuePut, || queue.put(Item(99)));
    let good = start_waiting(WaitKind::QueuePut, || queue.put(Item(3)));
    assert_eq!(queue.get(), Ok(Item(1)));
    // It is woken first, and its panic must not keep the other from the free place.
    let message = message(bad.outcome().map(drop)).unwrap();
    assert_eq!(message, "these cannot be compared");
    assert_eq!(good.join(), Ok(()));
    assert_eq!([queue.get(), queue.get()], [Ok(Item(2)), Ok(Item(3))]);
}

#[test]
fn a_queue_that_is_dropped_drops_its_items() {
    let item = Arc::new(());
    let (fifo, lifo, priority) = (Queue::new(), LifoQueue::new(), PriorityQueue::new());
    fifo.put(Arc::clone(&item)).unwrap();
    lifo.put(Arc::clone(&item)).unwrap();
    priority.put(Arc::clone(&item)).unwrap();
    assert_eq!(Arc::strong_count(&item), 4);
    drop((fifo, lifo, priority));
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn what_a_shutdown_takes_away_is_returned_in_the_order_of_gets() {
    let (fifo, lifo) = (Queue::new(), LifoQueue::new());
    for item in 0..3 {
        fifo.put(item).unwrap();
        lifo.put(item).unwrap();
    }
    assert_eq!(fifo.shutdown_now(), [0, 1, 2]);
    assert_eq!(lifo.shutdown_now(), [2, 1, 0]);
    assert_eq!((fifo.unfinished(), lifo.unfinished()), (0, 0));
}

#[test]
fn get_many_takes_what_is_there_and_lets_others_put() {
    let queue = Arc::new(Queue::bounded(3));
    (0..3).for_each(|item| queue.put(item).unwrap());
    let putting = [3, 4].map(|item| {
        let queue = Arc::clone(&queue);
        start_waiting(WaitKind::QueuePut, move || queue.put(item).unwrap())
    });
    assert_eq!(queue.get_many(0), Ok(vec![]));
    assert_eq!(queue.get_many(2), Ok(vec![0, 1]));
    putting.into_iter().for_each(Helper::join);
    assert_eq!(queue.get_many(9).unwrap().len(), 3);
    assert_eq!(queue.try_get_many(9), Err(GetError::Empty));
    queue.shutdown();
    assert_eq!(queue.get_many(9), Err(GetError::ShutDown));
}

#[test]
fn a_queue_without_room_cannot_be_created() {
    let message = panic_of(|| Queue::<u32>::bounded(0));
    assert!(message.starts_with("cannot create a queue without room"), "{message}");
}

#[test]
fn debug_shows_the_queue_and_not_its_items() {
    let queue = LifoQueue::bounded(2).named("plates");
    queue.put(Rc::new(1)).unwrap();
    let shown = "LifoQueue { name: Some(\"plates\"), len: 1, limit: Some(2), is_shut_down: false }";
    assert_eq!(format!("{queue:?}"), shown);
    queue.shutdown();
    assert!(format!("{queue:?}").contains("is_shut_down: true"));
    assert_eq!(format!("{:?}", PutError::Full(Rc::new(1))), "Full(..)");
}
