//! Threads beside those of `std`: the cost of many of them, and `enumerate`.

use std::{
    hint::black_box,
    sync::{Arc, Barrier},
    time::Instant,
};

use threadwork::{Builder, Event, Thread, current_thread, enumerate};
use threadwork_test_support::heap::CountingHeap;

mod compare;
mod means;
use compare::compare;
use means::compare_means;

/// Counts the bytes of all contenders.
#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

const STACK: usize = 64 * 1024;

fn start_ours(count: usize, run: impl Fn() + Clone + Send + 'static) -> Vec<Thread> {
    start_with(&Thread::builder(), count, run)
}

fn start_with(
    builder: &Builder,
    count: usize,
    run: impl Fn() + Clone + Send + 'static,
) -> Vec<Thread> {
    let builder = builder.clone().name("loop").stack_size(STACK);
    let threads: Vec<Thread> =
        (0..count).map(|_| builder.clone().build(run.clone()).erase()).collect();
    threads.iter().for_each(|it| it.start().expect("there is room for a thread"));
    threads
}

fn start_theirs(
    count: usize,
    run: impl Fn() + Clone + Send + 'static,
) -> Vec<std::thread::JoinHandle<()>> {
    let builder = || std::thread::Builder::new().name("loop".to_owned()).stack_size(STACK);
    let spawn = |_| builder().spawn(run.clone()).expect("there is room for a thread");
    (0..count).map(spawn).collect()
}

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

fn many() {
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

fn main() {
    const CALLS: usize = 100_000;
    black_box((current_thread(), std::thread::current()));
    compare(
        "current_thread / std::thread::current",
        1.0,
        101,
        || (0..CALLS).for_each(|_| drop(black_box(current_thread()))),
        || (0..CALLS).for_each(|_| drop(black_box(std::thread::current()))),
    );
    compare_means(
        "start 1,000, then join / std",
        1.05,
        51,
        || start_ours(1000, || ()).iter().for_each(|it| it.join().expect("no panics")),
        || start_theirs(1000, || ()).into_iter().for_each(|it| it.join().expect("no panics")),
    );
    let recycled = Thread::builder().recycled(true);
    compare_means(
        "start 100 recycled, then join / std",
        0.25,
        101,
        || start_with(&recycled, 100, || ()).iter().for_each(|it| it.join().expect("no panics")),
        || start_theirs(100, || ()).into_iter().for_each(|it| it.join().expect("no panics")),
    );
    let (ours, theirs) = bytes_per_thread(1000);
    println!(
        "bytes on the heap per live thread: {ours:.0}, std {theirs:.0}, more by {:.0} (bound 1024)",
        ours - theirs
    );
    many();
}
