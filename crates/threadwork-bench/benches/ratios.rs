//! Ratios between contenders, measured in turns so that a busy machine affects all of them alike.
//!
//! Prints one line per comparison: the median and the quartiles of the ratios of the rounds.

use threadwork_bench::{
    board::{Board, measure},
    contests::{free_locks, recycled_starts, start_and_join_ours, start_and_join_theirs, starts},
};
use threadwork_test_support::heap::CountingHeap;

/// Counts the allocations of all contenders.
#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

fn count_allocations(work: impl FnOnce()) -> isize {
    let before = HEAP.allocated();
    work();
    HEAP.allocated() - before
}

fn allocations(_: &mut Board) {
    let ours = count_allocations(|| start_and_join_ours(1000));
    let theirs = count_allocations(|| start_and_join_theirs(1000));
    println!("allocations of 1,000 threads: {ours}, with std {theirs}; both name them");
}

fn main() {
    measure(&[
        ("locks", free_locks),
        ("starts", starts),
        ("recycled", recycled_starts),
        ("allocations", allocations),
    ]);
}
