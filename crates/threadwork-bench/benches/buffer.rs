//! A bounded buffer, made of a lock and two conditions, beside the same on other locks: `cargo bench -p threadwork-bench --bench buffer`.

use std::{collections::VecDeque, hint::black_box, sync::Barrier, time::Duration};

use threadwork::{Condition, Lock};

#[expect(dead_code, reason = "other benchmarks let it measure the time")]
mod compare;

use crate::compare::compare_times;

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
fn run<B: Buffer>(pairs: usize) -> Duration {
    let (buffer, begin) = (B::new(), Barrier::new(2 * pairs + 1));
    let each = ITEMS / pairs;
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
        since = Some(std::time::Instant::now());
    });
    since.map_or(Duration::ZERO, |since| since.elapsed())
}

fn main() {
    for pairs in [1, 4, 16] {
        let what = |rival| format!("bounded buffer of {ROOM}, {pairs}:{pairs} / {rival}");
        let ours = || run::<Ours>(pairs);
        compare_times(&what("parking_lot"), 1.0, 21, ours, || run::<ParkingLot>(pairs));
        compare_times(&what("std"), 1.0, 21, ours, || run::<Std>(pairs));
    }
}
