//! Threads and timers that hand on what they are stopped by leave no memory behind: a process of its own, with an allocator that counts, and one test.

use std::time::Duration;

use threadwork_core::{
    Builder, Thread, ThreadGroup, ThreadHandle, active_count, current_stop_token, current_thread,
};
use threadwork_sync::{Event, Lock, Semaphore, StopSource, Wait};
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// The last runner has arrived, and waits for a stop.
static ARRIVED: Event = Event::new();
static LAST: Lock<Option<ThreadHandle>> = Lock::new(None);
/// Runners that the last one has seen to end with a stop.
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

/// Lets so many run after each other; `stop` reaches the last of them. Returns how much memory is in use when it alone is left.
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
    // One for each of them would be twenty times as much.
    let at_most = isize::try_from(length).unwrap() * 20;
    let growth = by_group(length) - before;
    assert!(growth < at_most, "{what}: {growth} bytes more");
}

#[test]
fn a_relay_takes_as_much_memory_as_its_last_runners() {
    check("threads", thread, 10_000);
    check("timers", timer, 10_000);
}
