//! The iterators that Python 3.15 adds to `threading`, claim by claim, after its manual and the tests of more-itertools, from which it has them
//! (`TestSerialize`, `TestSynchronized`, `TestConcurrentTee`).
//!
//! Left out are the claims about `send`, `throw` and `close`, which iterators here do not have, and about a negative number of iterators.

use std::{
    iter,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use threadwork_sync::{ConcurrentTee, SerializeIterator, concurrent_tee, synchronized_iterator};

/// An iterator that no two threads may be inside at once, as a generator of Python.
struct Generator<I> {
    items: I,
    is_running: Arc<AtomicBool>,
}

fn generator<I: Iterator>(items: I) -> Generator<I> {
    Generator { items, is_running: Arc::default() }
}

impl<I: Iterator> Iterator for Generator<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        assert!(!self.is_running.swap(true, Ordering::Relaxed), "generator already executing");
        thread::yield_now();
        let item = self.items.next();
        self.is_running.store(false, Ordering::Relaxed);
        item
    }
}

/// After `TestSerialize.test_concurrent_calls`.
#[test]
fn each_item_goes_to_exactly_one_thread() {
    const LIMIT: u64 = 5_000;
    let shared = SerializeIterator::new(generator(0..LIMIT));
    let mut all: Vec<u64> = thread::scope(|scope| {
        let workers = [(); 10].map(|()| scope.spawn(|| shared.clone().collect::<Vec<_>>()));
        workers.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    all.sort_unstable();
    assert!(all.into_iter().eq(0..LIMIT));
}

/// After `TestSerialize.test_exception_in_next`, and what the manual says of generators. DIFFERENCE: an iterator here is asked again after a panic; it
/// is Python's generators, and not its `serialize_iterator`, that have ended then.
#[test]
fn a_panic_goes_to_the_thread_whose_turn_it_is_and_the_next_one_has_its_turn() {
    let shared = SerializeIterator::new((0..3).inspect(|it| assert_ne!(*it, 1, "one")));
    assert_eq!(shared.next(), Some(0));
    catch_unwind(AssertUnwindSafe(|| shared.next())).unwrap_err();
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(shared.next(), Some(2)));
    });
    assert_eq!(shared.next(), None);
}

/// After `TestSynchronized.test_concurrent_calls`.
#[test]
fn a_wrapped_function_makes_iterators_that_do_not_disturb_each_other() {
    const CALLS: usize = 50;
    const USERS: usize = 3;
    let counter = synchronized_iterator(|first: usize| generator(first..));
    let counters = [0, 1000, 2000].map(&counter);
    thread::scope(|scope| {
        for counter in counters.iter().cycle().take(counters.len() * USERS) {
            scope.spawn(move || (0..CALLS).for_each(|_| _ = counter.next()));
        }
    });
    assert_eq!(counters.map(|it| it.next()), [150, 1150, 2150].map(Some));
}

/// After `TestConcurrentTee.test_concurrent_consumers`.
#[test]
fn every_thread_sees_all_items_in_order() {
    const LIMIT: u64 = 500;
    let tees = vec![ConcurrentTee::new(generator(0..LIMIT)); 20];
    thread::scope(|scope| {
        for tee in tees {
            scope.spawn(|| assert!(tee.eq(0..LIMIT)));
        }
    });
}

/// After `TestConcurrentTee.test_concurrent_consumers`, its corner case.
#[test]
fn there_may_be_no_iterators_at_all() {
    let none: [ConcurrentTee<_>; 0] = concurrent_tee(0..3);
    assert_eq!(none.len(), 0);
}

/// The manual: "Values are buffered until consumed by all of the derived iterators."
#[test]
fn an_item_is_kept_until_all_have_passed_it() {
    let item = Arc::new(());
    let [mut fast, mut slow] = concurrent_tee(iter::repeat_n(Arc::clone(&item), 10));
    fast.by_ref().for_each(drop);
    // The source has dropped its own after the last item.
    assert_eq!(Arc::strong_count(&item), 1 + 10);
    assert_eq!(slow.by_ref().take(4).count(), 4);
    assert_eq!(Arc::strong_count(&item), 1 + 6);
    drop(slow);
    assert_eq!(Arc::strong_count(&item), 1);
}

/// The manual: "To share just one of the new iterators across multiple threads, wrap it with `serialize_iterator`."
#[test]
fn one_of_the_iterators_can_be_shared_in_turn() {
    let [one, other] = concurrent_tee(0..100);
    let shared = SerializeIterator::new(one);
    let sum: i32 = thread::scope(|scope| {
        let workers = [(); 4].map(|()| scope.spawn(|| shared.clone().sum::<i32>()));
        workers.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert_eq!(sum, other.sum());
}
