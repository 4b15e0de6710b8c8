//! How cost grows with the number of threads and of timers.

use std::{
    hint::black_box,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use threadwork::{Event, enumerate, waits};

use crate::{
    board::{Board, timed},
    contests::{start_ours, start_theirs},
    spread::median,
};

/// What each of a number of threads costs, in seconds: medians.
#[derive(Clone, Copy, Debug)]
pub struct CostOfThread {
    /// The number of threads.
    pub threads: usize,
    /// Starting and joining it, ours and std's.
    pub start_and_join: [f64; 2],
    /// Waking it, when all wait for one event of ours, and at one condition variable of std.
    pub wake: [f64; 2],
    /// Being listed by `enumerate`, while all wait.
    pub enumerate: f64,
    /// Being listed by `waits`, while all wait.
    pub waits: f64,
}

/// Measures what each of so many threads costs.
pub fn cost_of_thread(board: &Board, threads: usize) -> CostOfThread {
    let count = board.amount(threads);
    let mut all = [const { Vec::new() }; 6];
    // More rounds of fewer threads, which take less time.
    for _ in 0..board.rounds(if threads < 10_000 { 31 } else { 9 }) {
        let ours = of_ours(count);
        let theirs = of_std(count);
        let start_and_join = [start_and_join_ours(count), start_and_join_theirs(count)];
        let costs = [start_and_join[0], start_and_join[1], ours[0], theirs, ours[1], ours[2]];
        all.iter_mut().zip(costs).for_each(|(all, it)| all.push(it.as_secs_f64() / count as f64));
    }
    let [ours, theirs, our_wake, their_wake, enumerate, waits] = all.map(median);
    CostOfThread {
        threads,
        start_and_join: [ours, theirs],
        wake: [our_wake, their_wake],
        enumerate,
        waits,
    }
}

fn start_and_join_ours(count: usize) -> Duration {
    timed(|| start_ours(count, || ()).iter().for_each(|it| it.join().expect("no panics")))
}

fn start_and_join_theirs(count: usize) -> Duration {
    timed(|| {
        start_theirs(count, || ()).into_iter().for_each(|it| it.join().expect("no panics"));
    })
}

/// Returns how long it takes to wake all threads, to enumerate them, and to list their waits.
fn of_ours(count: usize) -> [Duration; 3] {
    let event = Arc::new(Event::new());
    let go = Arc::clone(&event);
    let threads = start_ours(count, move || go.wait());
    while waits().len() < count {
        std::thread::yield_now();
    }
    let enumerated = timed(|| assert!(black_box(enumerate()).len() >= count));
    let listed = timed(|| assert!(black_box(waits()).len() >= count));
    let woken = timed(|| {
        event.set();
        threads.iter().for_each(|it| it.join().expect("no panics"));
    });
    [woken, enumerated, listed]
}

/// Returns how long it takes to wake all threads of std.
fn of_std(count: usize) -> Duration {
    let pair = Arc::new((Mutex::new((0, false)), Condvar::new()));
    let waiting = Arc::clone(&pair);
    let threads = start_theirs(count, move || {
        let (state, changed) = &*waiting;
        let mut state = state.lock().unwrap();
        state.0 += 1;
        while !state.1 {
            state = changed.wait(state).unwrap();
        }
    });
    let (state, changed) = &*pair;
    while state.lock().unwrap().0 < count {
        std::thread::yield_now();
    }
    timed(|| {
        state.lock().unwrap().1 = true;
        changed.notify_all();
        threads.into_iter().for_each(|it| it.join().expect("no panics"));
    })
}
