//! Ratios between contenders, measured in turns so that a busy machine affects all of them alike.
//!
//! Prints one line per comparison: the median and the quartiles of the ratios of the rounds.

use std::hint::black_box;

use threadwork::{MyThread, Thread};
use threadwork_test_support::heap::CountingHeap;

mod compare;
mod means;
use compare::compare;
use means::compare_means;

/// Counts the allocations of all contenders.
#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

fn allocations(work: impl FnOnce()) -> isize {
    let before = HEAP.allocated();
    work();
    HEAP.allocated() - before
}

fn ours(count: usize) {
    for _ in 0..count {
        let thread = Thread::builder().name("loop").build(|| _ = black_box(1));
        thread.start().expect("there is room for a thread");
        thread.join().expect("no panics");
    }
}

fn theirs(count: usize) {
    for _ in 0..count {
        let builder = std::thread::Builder::new().name("loop".to_owned());
        let thread = builder.spawn(|| _ = black_box(1)).expect("there is room for a thread");
        thread.join().expect("no panics");
    }
}

fn ours_recycled() {
    let builder = Thread::builder().name("loop").recycled(true);
    let thread = builder.build(|| _ = black_box(1));
    thread.start().expect("there is room for a thread");
    thread.join().expect("no panics");
}

fn our_result(builder: threadwork::Builder) {
    let thread = builder.build_my_thread(|| black_box(1));
    thread.start().expect("there is room for a thread");
    black_box(thread.into_result().expect("no panics"));
}

fn their_result(builder: std::thread::Builder) {
    let thread = builder.spawn(|| black_box(1)).expect("there is room for a thread");
    black_box(thread.join().expect("no panics"));
}

/// Starts of single threads beside those of std.
fn starts() {
    let named = || std::thread::Builder::new().name("loop".to_owned());
    compare_means("start and join / std, both named", 1.05, 10_000, || ours(1), || theirs(1));
    compare_means(
        "MyThread with its result / std, both named",
        1.05,
        10_000,
        || our_result(Thread::builder().name("loop")),
        || their_result(named()),
    );
    compare_means(
        "MyThread with its result and a default name / std, no name",
        f64::INFINITY,
        10_000,
        || {
            let thread = MyThread::new(|| black_box(1));
            thread.start().expect("there is room for a thread");
            black_box(thread.into_result().expect("no panics"));
        },
        || their_result(std::thread::Builder::new()),
    );
    compare_means(
        "20 recycled starts and joins / std, all named",
        0.25,
        500,
        || (0..20).for_each(|_| ours_recycled()),
        || theirs(20),
    );
    // Between two rounds the operating system's thread falls asleep, and it has to be woken as a new one has.
    compare_means(
        "one recycled start and join now and then / std",
        f64::INFINITY,
        10_000,
        ours_recycled,
        || theirs(1),
    );
}

fn main() {
    const LOCKS: usize = 100_000;
    let ours_lock = threadwork::Lock::new(0_u64);
    let their_lock = parking_lot::Mutex::new(0_u64);
    let std_lock = std::sync::Mutex::new(0_u64);
    let mut lock_ours = || (0..LOCKS).for_each(|_| *black_box(&ours_lock).acquire() += 1);
    compare("lock uncontended / parking_lot", 1.0, 101, &mut lock_ours, || {
        (0..LOCKS).for_each(|_| *black_box(&their_lock).lock() += 1);
    });
    compare("lock uncontended / std", 1.0, 101, &mut lock_ours, || {
        (0..LOCKS).for_each(|_| *black_box(&std_lock).lock().expect("no panics") += 1);
    });
    starts();
    compare_means(
        "start 100, then join 100 / std, both named",
        1.05,
        100,
        || {
            let threads: Vec<_> = (0..100)
                .map(|_| Thread::builder().name("loop").build(|| _ = black_box(1)))
                .collect();
            threads.iter().for_each(|it| it.start().expect("there is room for a thread"));
            threads.iter().for_each(|it| it.join().expect("no panics"));
        },
        || {
            let threads: Vec<_> = (0..100)
                .map(|_| {
                    let builder = std::thread::Builder::new().name("loop".to_owned());
                    builder.spawn(|| _ = black_box(1)).expect("there is room for a thread")
                })
                .collect();
            threads.into_iter().for_each(|it| it.join().expect("no panics"));
        },
    );
    let (ours, theirs) = (allocations(|| ours(1000)), allocations(|| theirs(1000)));
    println!("allocations of 1,000 threads: {ours}, with std {theirs}; both name them");
}
