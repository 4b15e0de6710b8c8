//! Ratios between contenders, measured in turns so that a busy machine disturbs all of them alike.
//!
//! Prints one line a comparison: the median of the ratios of the rounds, and the two middle quarters around it.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::atomic::{AtomicUsize, Ordering},
};

use threadwork::Thread;

mod compare;
mod means;
use compare::compare;
use means::compare_means;

/// Counts allocations, for all contenders alike.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

fn ours(count: usize) {
    for _ in 0..count {
        let thread = Thread::builder().name("loop").build(|| _ = black_box(1));
        thread.start().expect("there is room for a thread");
        thread.join().expect("nobody panics");
    }
}

fn theirs(count: usize) {
    for _ in 0..count {
        let builder = std::thread::Builder::new().name("loop".to_owned());
        let thread = builder.spawn(|| _ = black_box(1)).expect("there is room for a thread");
        thread.join().expect("nobody panics");
    }
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
        (0..LOCKS).for_each(|_| *black_box(&std_lock).lock().expect("nobody panics") += 1);
    });
    compare_means("start and join / std, both named", 1.05, 10_000, || ours(1), || theirs(1));
    compare_means(
        "start 100, then join 100 / std, both named",
        1.05,
        100,
        || {
            let threads: Vec<_> = (0..100)
                .map(|_| Thread::builder().name("loop").build(|| _ = black_box(1)))
                .collect();
            threads.iter().for_each(|it| it.start().expect("there is room for a thread"));
            threads.iter().for_each(|it| it.join().expect("nobody panics"));
        },
        || {
            let threads: Vec<_> = (0..100)
                .map(|_| {
                    let builder = std::thread::Builder::new().name("loop".to_owned());
                    builder.spawn(|| _ = black_box(1)).expect("there is room for a thread")
                })
                .collect();
            threads.into_iter().for_each(|it| it.join().expect("nobody panics"));
        },
    );
    let (ours, theirs) = (allocations(|| ours(1000)), allocations(|| theirs(1000)));
    println!("allocations of 1,000 threads: {ours}, with std {theirs}; both name them");
}
