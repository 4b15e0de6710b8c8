//! Locks of readers and writers.

use std::{cell::Cell, hint::black_box, sync::RwLock as StdRwLock};

use parking_lot::RwLock as PlRwLock;
use threadwork::RwLock;

use crate::{board::Board, contest::Contest, together::together};

/// How often a free lock is acquired in a round.
const FREE: usize = 100_000;

/// Measures read-write locks that are free.
pub fn free_rwlocks(board: &mut Board) {
    let all = board.amount(FREE);
    let contest = |what, rival| Contest::new(what, rival).at_most(1.0).rounds(101).each(all);
    let (ours, theirs, std) = (RwLock::new(0_u64), PlRwLock::new(0_u64), StdRwLock::new(0_u64));
    let read = || (0..all).for_each(|_| _ = black_box(*black_box(&ours).read()));
    board.compare(contest("RwLock, read, free", "parking_lot"), read, || {
        (0..all).for_each(|_| _ = black_box(*black_box(&theirs).read()));
    });
    board.compare(contest("RwLock, read, free", "std"), read, || {
        (0..all).for_each(|_| _ = black_box(*black_box(&std).read().unwrap()));
    });
    let write = || (0..all).for_each(|_| *black_box(&ours).write() += 1);
    board.compare(contest("RwLock, write, free", "parking_lot"), write, || {
        (0..all).for_each(|_| *black_box(&theirs).write() += 1);
    });
    board.compare(contest("RwLock, write, free", "std"), write, || {
        (0..all).for_each(|_| *black_box(&std).write().unwrap() += 1);
    });
}

/// Returns `true` if it is the turn of a write of the current thread: one of this many operations is one.
fn is_write(writes: u32) -> bool {
    thread_local!(static TURN: Cell<u32> = const { Cell::new(0) });
    TURN.set(TURN.get() + 1);
    TURN.get().is_multiple_of(writes)
}

/// Measures read-write locks that threads acquire all the time.
pub fn busy_rwlocks(board: &mut Board) {
    let (ours, theirs, std) = (RwLock::new(0_u64), PlRwLock::new(0_u64), StdRwLock::new(0_u64));
    for (threads, writes) in [(2, 2), (8, 2), (8, 16)] {
        let each = board.amount(100_000) / threads;
        let contest = |rival| {
            let what = format!("RwLock, {threads} threads, 1 in {writes} writes");
            Contest::new(what, rival).at_most(1.0).each(each * threads)
        };
        let acquire = || {
            together(threads, each, &|| {
                if is_write(writes) { *ours.write() += 1 } else { _ = black_box(*ours.read()) }
            })
        };
        board.compare_times(contest("parking_lot"), acquire, || {
            together(threads, each, &|| {
                if is_write(writes) { *theirs.write() += 1 } else { _ = black_box(*theirs.read()) }
            })
        });
        board.compare_times(contest("std"), acquire, || {
            together(threads, each, &|| {
                if is_write(writes) {
                    *std.write().unwrap() += 1;
                } else {
                    black_box(*std.read().unwrap());
                }
            })
        });
    }
}
