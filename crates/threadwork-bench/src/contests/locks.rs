//! Locks that one thread holds at a time.

use std::{cell::Cell, hint::black_box, sync::Mutex as StdMutex, time::Duration};

use parking_lot::{Mutex, ReentrantMutex};
use threadwork::{Lock, RLock};

use crate::{
    board::Board,
    contest::Contest,
    together::{busy, together},
};

/// How often a free lock is acquired in a round.
const FREE: usize = 100_000;

fn free(what: &str, rival: &str, board: &Board) -> Contest {
    Contest::new(what, rival).at_most(1.0).rounds(101).each(board.amount(FREE))
}

/// Measures locks that are free.
pub fn free_locks(board: &mut Board) {
    let all = board.amount(FREE);
    let (ours, theirs, std) = (Lock::new(0_u64), Mutex::new(0_u64), StdMutex::new(0_u64));
    let acquire = || (0..all).for_each(|_| *black_box(&ours).acquire() += 1);
    board.compare(free("Lock, free", "parking_lot", board), acquire, || {
        (0..all).for_each(|_| *black_box(&theirs).lock() += 1);
    });
    board.compare(free("Lock, free", "std", board), acquire, || {
        (0..all).for_each(|_| *black_box(&std).lock().unwrap() += 1);
    });
    let (ours, theirs) = (RLock::new(Cell::new(0_u64)), ReentrantMutex::new(Cell::new(0_u64)));
    let acquire = || (0..all).for_each(|_| black_box(&ours).acquire().set(1));
    let lock = || (0..all).for_each(|_| black_box(&theirs).lock().set(1));
    board.compare(free("RLock, free", "parking_lot", board), acquire, lock);
    let _outer = (ours.acquire(), theirs.lock());
    board.compare(free("RLock, again", "parking_lot", board), acquire, lock);
}

/// Measures locks that threads acquire all the time.
pub fn busy_locks(board: &mut Board) {
    let (ours, theirs, std) = (Lock::new(0_u64), Mutex::new(0_u64), StdMutex::new(0_u64));
    for threads in [2, 8, 64] {
        for (section, rounds) in [(Duration::ZERO, 400_000), (Duration::from_micros(1), 8_000)] {
            let each = board.amount(rounds) / threads;
            let contest = |rival| {
                let what = format!("Lock, {threads} threads, {section:?} inside");
                Contest::new(what, rival).at_most(1.0).each(each * threads)
            };
            let add = |value: &mut u64| {
                *value += 1;
                busy(section);
            };
            let acquire = || together(threads, each, &|| add(&mut ours.acquire()));
            board.compare_times(contest("parking_lot"), acquire, || {
                together(threads, each, &|| add(&mut theirs.lock()))
            });
            board.compare_times(contest("std"), acquire, || {
                together(threads, each, &|| add(&mut std.lock().unwrap()))
            });
        }
    }
}

/// Measures locks with occasional contention: between two rounds each thread does other work.
pub fn meetings(board: &mut Board) {
    let (ours, theirs, std) = (Lock::new(0_u64), Mutex::new(0_u64), StdMutex::new(0_u64));
    for (threads, held, apart) in [(2, 100, 300), (2, 1000, 1000), (2, 2000, 2000), (8, 1000, 8000)]
    {
        let [held, apart] = [held, apart].map(Duration::from_nanos);
        let round = |add: &dyn Fn()| {
            add();
            busy(apart);
        };
        let add = |value: &mut u64| {
            *value += 1;
            busy(held);
        };
        let each = board.amount(20_000) / threads;
        let contest = |rival| {
            let what = format!("Lock, {threads} threads, {held:?} inside, {apart:?} outside");
            Contest::new(what, rival).at_most(1.05).each(each * threads)
        };
        let acquire = || together(threads, each, &|| round(&|| add(&mut ours.acquire())));
        board.compare_times(contest("parking_lot"), acquire, || {
            together(threads, each, &|| round(&|| add(&mut theirs.lock())))
        });
        board.compare_times(contest("std"), acquire, || {
            together(threads, each, &|| round(&|| add(&mut std.lock().unwrap())))
        });
    }
}
