//! A hundred thousand pending timers. This is one test in its own process, with a counting allocator.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::yield_now,
    time::Duration,
};

use threadwork_core::{Timer, active_count};
use threadwork_sync::waits;
use threadwork_test_support::heap::CountingHeap;

const TIMERS: u64 = 100_000;
const MAX_BYTES: usize = 200;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

fn bytes() -> usize {
    usize::try_from(HEAP.bytes()).expect("more is allocated than freed")
}

/// Returns the number of threads of this process, the test harness included, where the operating system has it.
fn n_threads() -> Option<usize> {
    Some(fs::read_dir("/proc/self/task").ok()?.count())
}

/// Starts timers whose functions capture a pointer.
fn armed(count: &Arc<AtomicU32>, hours: impl Fn(u64) -> u64) -> Vec<Timer> {
    let mut timers = Vec::with_capacity(TIMERS as usize);
    timers.extend((0..TIMERS).map(|number| {
        let count = Arc::clone(count);
        let interval = Duration::from_secs(3600 + hours(number));
        Timer::new(interval, move || count.fetch_add(1, Ordering::Relaxed))
    }));
    timers.iter().for_each(|it| it.start().unwrap());
    timers
}

#[test]
fn a_hundred_thousand_pending_timers_take_one_thread_and_200_bytes_each_until_they_are_cancelled() {
    let count = Arc::new(AtomicU32::new(0));
    let before = n_threads();
    // The first timer of a process makes what stays: the service, and what its thread needs to wait.
    let first = Timer::new(Duration::from_secs(3600), || ());
    first.start().unwrap();
    while !waits().iter().any(|it| it.name == Some("the first timer")) {
        yield_now();
    }
    first.cancel();
    drop(first);

    let orders: [fn(u64) -> u64; 4] =
        [|number| number, |number| TIMERS - number, |_| 0, |number| number * 7919 % TIMERS];
    for order in orders {
        let empty = bytes();
        let timers = armed(&count, order);
        let each = (bytes() - empty).div_ceil(TIMERS as usize);
        assert!(each <= MAX_BYTES, "{each} bytes a timer");
        assert!(timers.iter().all(Timer::is_alive));
        assert_eq!(n_threads(), before.map(|it| it + 1), "there is one more thread, the service");
        assert_eq!(active_count(), 1, "the service is not listed");

        // A cancelled timer frees its memory while others are pending, in any order.
        let (some, others) = timers.split_at(TIMERS as usize / 2);
        assert!(some.iter().all(Timer::cancel));
        assert_eq!(Arc::strong_count(&count), 1 + others.len());
        assert!(others.iter().rev().all(Timer::cancel));
        assert_eq!(Arc::strong_count(&count), 1);
        drop(timers);
        // A thread may keep memory for its next wait.
        let left = bytes().saturating_sub(empty);
        assert!(left < 1000, "{left} bytes are left after all timers");
    }
    assert_eq!(count.load(Ordering::Relaxed), 0);
}
