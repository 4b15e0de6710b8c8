//! Threads and timers that pass their stop token on to successors leak no memory. One test in its own process, with a counting allocator.
//!
//! Scenario "the stop that spreads" in docs/architecture.md.

use std::time::Duration;

use threadwork_core::{
    Builder, Thread, ThreadGroup, ThreadHandle, active_count, current_stop_token, current_thread,
};
use threadwork_sync::{Event, Lock, Semaphore, StopSource, Wait};
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Set when the last runner waits for a stop.
static ARRIVED: Event = Event::new();
static LAST: Lock<Option<ThreadHandle>> = Lock::new(None);
/// One permit for each last runner that a stop has ended.
static STOPPED: Semaphore = Semaphore::new(0);

fn builder() -> Builder {
    Thread::builder().daemon(true).stack_size(64 * 1024).stop_token(&current_stop_token())
}

fn arrive() {
    *LAST.acquire() = Some(current_thread());
    ARRIVED.set();
    let stopped = Wait::forever().or_stop(&current_stop_token());
    Event::new().wait_with(&stopped).unwrap_err();
    STOPPED.release(1).unwrap();
}

fn thread(left: u32) {
    match left.checked_sub(1) {
        Some(left) => builder().build(move || thread(left)).start().unwrap(),
        None => arrive(),
    }
}

fn timer(left: u32) {
    match left.checked_sub(1) {
        Some(left) => builder().timer(Duration::ZERO, move || timer(left)).start().unwrap(),
        None => arrive(),
    }
}

/// Lets `length` runners run one after the other; `stop` must reach the last one. Returns the memory in use when only the last one is left.
fn run(runner: fn(u32), length: u32, first: Builder, stop: impl FnOnce()) -> isize {
    ARRIVED.clear();
    first.daemon(true).build(move || runner(length)).start().unwrap();
    ARRIVED.wait();
    let last = LAST.acquire().take().unwrap();
    while active_count() > 2 {
        std::thread::yield_now();
    }
    let bytes = HEAP.bytes();
    assert!(!last.stop_requested());
    stop();
    assert!(last.stop_requested());
    STOPPED.acquire().forget();
    while active_count() > 1 {
        std::thread::yield_now();
    }
    bytes
}

#[track_caller]
fn check(what: &str, runner: fn(u32), length: u32) {
    let (top, group) = (StopSource::new(), ThreadGroup::new("group"));
    let by_token = |length| {
        run(runner, length, Thread::builder().stop_token(&top.token()), || _ = top.request_stop())
    };
    let by_group = |length| run(runner, length, group.builder(), || _ = group.request_stop());
    let before = by_token(100);
    // One source per runner would take twenty times as much.
    let at_most = isize::try_from(length).unwrap() * 20;
    let growth = by_group(length) - before;
    assert!(growth < at_most, "{what}: {growth} bytes more");
}

#[test]
fn a_relay_takes_only_the_memory_of_its_last_runners() {
    check("threads", thread, 10_000);
    check("timers", timer, 10_000);
}
