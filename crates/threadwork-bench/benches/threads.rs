//! Threads beside those of `std`: the memory of many of them, and `enumerate`.

use std::{
    hint::black_box,
    sync::{Arc, Barrier},
    time::Instant,
};

use threadwork::{Event, enumerate};
use threadwork_bench::{
    board::{Board, measure},
    contests::{current_threads, start_ours, start_theirs},
};
use threadwork_test_support::heap::CountingHeap;

/// Counts the bytes of all contenders.
#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Returns the bytes on the heap per live thread, ours and std's, with all threads blocked on one object.
fn bytes_per_thread(count: usize) -> (f64, f64) {
    let per_thread = |before: isize| (HEAP.bytes() - before) as f64 / count as f64;
    let measure = |ours: bool| {
        let (ready, go) = (Arc::new(Barrier::new(count + 1)), Arc::new(Barrier::new(count + 1)));
        let run = {
            let (ready, go) = (Arc::clone(&ready), Arc::clone(&go));
            move || {
                ready.wait();
                go.wait();
            }
        };
        let before = HEAP.bytes();
        if ours {
            let threads = start_ours(count, run);
            ready.wait();
            let bytes = per_thread(before);
            go.wait();
            threads.iter().for_each(|it| it.join().expect("no panics"));
            bytes
        } else {
            let threads = start_theirs(count, run);
            ready.wait();
            let bytes = per_thread(before);
            go.wait();
            threads.into_iter().for_each(|it| it.join().expect("no panics"));
            bytes
        }
    };
    measure(true);
    (measure(true), measure(false))
}

fn many(_: &mut Board) {
    const MANY: usize = 10_000;
    static GO: Event = Event::new();
    let threads = start_ours(MANY, || GO.wait());
    let times = (0..21).map(|_| {
        let since = Instant::now();
        assert!(black_box(enumerate()).len() >= MANY);
        since.elapsed()
    });
    let mut times: Vec<_> = times.collect();
    times.sort();
    println!("enumerate of {MANY} threads: {:?} (bound 5 ms)", times[10]);
    GO.set();
    threads.iter().for_each(|it| it.join().expect("no panics"));
}

fn bytes(_: &mut Board) {
    let (ours, theirs) = bytes_per_thread(1000);
    println!(
        "bytes on the heap per live thread: {ours:.0}, std {theirs:.0}, more by {:.0} (bound 1024)",
        ours - theirs
    );
}

fn main() {
    measure(&[("current", current_threads), ("bytes", bytes), ("many", many)]);
}
