//! Shared iterators: no item is lost, doubled or out of order, and the end is seen by all.

use loom::thread;
use threadwork_sync::{ConcurrentTee, SerializeIterator, concurrent_tee};

use crate::{check, check_deeply};

#[test]
fn two_threads_share_the_items_of_an_iterator() {
    check(2, || {
        let shared = SerializeIterator::new(1..=2);
        let other = shared.clone();
        let theirs = thread::spawn(move || other.sum::<u32>());
        let ours: u32 = shared.clone().sum();
        assert_eq!(ours + theirs.join().unwrap(), 3);
        assert_eq!(shared.next(), None);
    });
}

#[test]
fn two_threads_both_see_all_items_of_an_iterator() {
    check_deeply(2, 2, || {
        let [left, right]: [ConcurrentTee<_>; 2] = concurrent_tee(1..=2);
        let theirs = thread::spawn(move || assert!(left.eq(1..=2)));
        assert!(right.eq(1..=2));
        theirs.join().unwrap();
    });
}
