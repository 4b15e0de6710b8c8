//! Joined threads leak no memory. This is one test in its own process, with a counting allocator.

use std::sync::Arc;

use threadwork_core::{MyThread, Thread, ThreadGroup};
use threadwork_sync::{Event, waits};
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Runs a thousand threads of several kinds, ten at a time.
fn thousand(group: &ThreadGroup) {
    for _ in 0..100 {
        let threads: Vec<Thread> = (0..9)
            .map(|number| match number % 3 {
                0 => Thread::new(|| ()).into(),
                1 => group.builder().build(|| drop(threadwork_core::current_stop_token())).into(),
                _ => Thread::builder()
                    .on_panic(|_, _| ())
                    .build(|| std::panic::resume_unwind(Box::new(7)))
                    .into(),
            })
            .collect();
        let result = MyThread::with_args(|a: u32, b: u32| vec![a; b as usize], (7, 7));
        threads.iter().for_each(|it| it.start().unwrap());
        result.start().unwrap();
        for (number, thread) in threads.iter().enumerate() {
            assert_eq!(thread.join().is_err(), number % 3 == 2);
        }
        assert_eq!(result.wait_result().unwrap().len(), 7);
    }
}

fn all_blocked_at_once(count: usize) {
    let go = Arc::new(Event::new());
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let go = Arc::clone(&go);
            Thread::new(move || go.wait())
        })
        .collect();
    threads.iter().for_each(|it| it.start().unwrap());
    while waits().len() < count {
        std::thread::yield_now();
    }
    go.set();
    threads.iter().for_each(|it| it.join().unwrap());
}

#[test]
fn a_thousand_threads_again_and_again_take_no_more_memory() {
    let group = ThreadGroup::new("group");
    // Memory that is never freed is allocated by the first threads, and by more threads blocked at once than there will be later.
    all_blocked_at_once(20);
    thousand(&group);
    let now = || (HEAP.bytes(), HEAP.blocks());
    let (bytes, blocks) = now();
    for _ in 0..3 {
        thousand(&group);
    }
    let (bytes_after, blocks_after) = now();
    // Less than one byte per thread.
    assert!(bytes_after - bytes < 2048, "{} bytes are left", bytes_after - bytes);
    assert!(blocks_after - blocks < 16, "{} blocks are left", blocks_after - blocks);
}
