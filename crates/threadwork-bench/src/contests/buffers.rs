//! A bounded buffer, made of a lock and two conditions, beside the same on other locks.

use std::{
    collections::VecDeque,
    hint::black_box,
    sync::Barrier,
    time::{Duration, Instant},
};

use threadwork::{Condition, Lock};

use crate::{board::Board, contest::Contest};

/// How many items fit into a buffer.
const ROOM: usize = 64;

/// How many items go through a buffer in one round.
const ITEMS: usize = 48_000;

/// A buffer of one kind of lock.
trait Buffer: Sync {
    fn new() -> Self;
    fn put(&self, item: usize);
    fn get(&self) -> usize;
}

struct Ours {
    items: Lock<VecDeque<usize>>,
    not_full: Condition,
    not_empty: Condition,
}

impl Buffer for Ours {
    fn new() -> Ours {
        Ours {
            items: Lock::new(VecDeque::with_capacity(ROOM)),
            not_full: Condition::new(),
            not_empty: Condition::new(),
        }
    }

    fn put(&self, item: usize) {
        let mut items = self.items.acquire();
        while items.len() == ROOM {
            self.not_full.wait(&mut items);
        }
        items.push_back(item);
        self.not_empty.notify(&items, 1);
    }

    fn get(&self) -> usize {
        let mut items = self.items.acquire();
        loop {
            if let Some(item) = items.pop_front() {
                self.not_full.notify(&items, 1);
                return item;
            }
            self.not_empty.wait(&mut items);
        }
    }
}

struct ParkingLot {
    items: parking_lot::Mutex<VecDeque<usize>>,
    not_full: parking_lot::Condvar,
    not_empty: parking_lot::Condvar,
}

impl Buffer for ParkingLot {
    fn new() -> ParkingLot {
        ParkingLot {
            items: parking_lot::Mutex::new(VecDeque::with_capacity(ROOM)),
            not_full: parking_lot::Condvar::new(),
            not_empty: parking_lot::Condvar::new(),
        }
    }

    fn put(&self, item: usize) {
        let mut items = self.items.lock();
        while items.len() == ROOM {
            self.not_full.wait(&mut items);
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    fn get(&self) -> usize {
        let mut items = self.items.lock();
        loop {
            if let Some(item) = items.pop_front() {
                self.not_full.notify_one();
                return item;
            }
            self.not_empty.wait(&mut items);
        }
    }
}

struct Std {
    items: std::sync::Mutex<VecDeque<usize>>,
    not_full: std::sync::Condvar,
    not_empty: std::sync::Condvar,
}

impl Buffer for Std {
    fn new() -> Std {
        Std {
            items: std::sync::Mutex::new(VecDeque::with_capacity(ROOM)),
            not_full: std::sync::Condvar::new(),
            not_empty: std::sync::Condvar::new(),
        }
    }

    fn put(&self, item: usize) {
        let mut items = self.items.lock().unwrap();
        while items.len() == ROOM {
            items = self.not_full.wait(items).unwrap();
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    fn get(&self) -> usize {
        let mut items = self.items.lock().unwrap();
        loop {
            if let Some(item) = items.pop_front() {
                self.not_full.notify_one();
                return item;
            }
            items = self.not_empty.wait(items).unwrap();
        }
    }
}

/// Lets `pairs` threads put items and as many get them. Returns the time from the first item to the last.
fn run<B: Buffer>(pairs: usize, items: usize) -> Duration {
    let (buffer, begin) = (B::new(), Barrier::new(2 * pairs + 1));
    let each = items / pairs;
    let mut since = None;
    std::thread::scope(|scope| {
        for _ in 0..pairs {
            scope.spawn(|| {
                begin.wait();
                (0..each).for_each(|item| buffer.put(item));
            });
            scope.spawn(|| {
                begin.wait();
                (0..each).for_each(|_| _ = black_box(buffer.get()));
            });
        }
        begin.wait();
        since = Some(Instant::now());
    });
    since.map_or(Duration::ZERO, |since| since.elapsed())
}

/// Measures a buffer between as many threads at one end as at the other.
pub fn buffers(board: &mut Board) {
    for pairs in [1, 4, 16] {
        let items = board.amount(ITEMS) / 16 * 16;
        let contest = |rival| {
            let what = format!("buffer of {ROOM}, {pairs}:{pairs}");
            Contest::new(what, rival).at_most(1.0).rounds(21).each(items)
        };
        let ours = || run::<Ours>(pairs, items);
        board.compare_times(contest("parking_lot"), ours, || run::<ParkingLot>(pairs, items));
        board.compare_times(contest("std"), ours, || run::<Std>(pairs, items));
    }
}
