//! What a pending job takes, and that nothing of it is left. This is one test in its own process, with a counting allocator.

use std::{hint::black_box, sync::Arc};

use threadwork_core::{Executor, Task};
use threadwork_sync::Event;
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// The size of the closure of a job.
const CLOSURE: usize = 64;

/// Returns the bytes that so many pending jobs take, each without its closure.
fn bytes_per_job(jobs: usize, priority: i32) -> usize {
    let executor = Executor::new(1);
    let (begun, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (inside, gone) = (Arc::clone(&begun), Arc::clone(&go));
    let running = executor.submit(move || {
        inside.set();
        gone.wait();
    });
    begun.wait();
    let mut tasks: Vec<Task<()>> = Vec::with_capacity(jobs);
    let before = HEAP.bytes();
    for number in 0..jobs {
        let data = [number as u8; CLOSURE];
        tasks.push(executor.job().priority(priority).submit(move || _ = black_box(data)));
    }
    let bytes = usize::try_from(HEAP.bytes() - before).unwrap();
    assert_eq!(executor.pending(), jobs);
    go.set();
    running.into_result().unwrap();
    tasks.into_iter().for_each(|it| it.into_result().unwrap());
    executor.shutdown().unwrap();
    bytes / jobs - CLOSURE
}

#[test]
fn a_pending_job_takes_at_most_128_bytes_over_its_closure() {
    // The worst case is one job more than fit into the queue's memory, which then doubles.
    for (jobs, priority) in [(1000, 0), (1025, 0), (1000, 1), (1025, -1), (100_000, 0)] {
        let bytes = bytes_per_job(jobs, priority);
        assert!(bytes <= 128, "{bytes} bytes for each of {jobs} jobs");
    }
    // Memory that is never freed is allocated by now.
    let growths = [(); 3].map(|()| {
        let before = HEAP.bytes();
        (0..20).for_each(|_| _ = bytes_per_job(100, 0));
        HEAP.bytes() - before
    });
    assert!(growths.iter().any(|it| *it < 2048), "{growths:?} bytes are left");
}
