//! A thousand threads, one of which the operating system refuses. This is one test in its own process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{JoinError, StartError, Thread, ThreadState, active_count};
use threadwork_sync::Event;

const THREADS: usize = 1000;
const REFUSED: usize = THREADS / 2;
const PATIENCE: Duration = Duration::from_secs(60);

/// After `ThreadTests.test_start_new_thread_failed`.
#[test]
fn a_thread_that_is_refused_among_a_thousand_loses_and_blocks_nothing() {
    let (gate, ran) = (Arc::new(Event::new()), Arc::new(AtomicU32::new(0)));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let (gate, ran) = (Arc::clone(&gate), Arc::clone(&ran));
            let stack_size = if number == REFUSED { usize::MAX >> 4 } else { 128 * 1024 };
            Thread::builder().stack_size(stack_size).build(move || {
                gate.wait();
                ran.fetch_add(1, Ordering::Relaxed);
            })
        })
        .collect();
    for (number, thread) in threads.iter().enumerate() {
        match thread.start() {
            Ok(()) => assert_ne!(number, REFUSED),
            Err(StartError::Os(_)) => assert_eq!(number, REFUSED),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(active_count(), THREADS, "the main thread is listed in place of the refused one");
    gate.set();
    for (number, thread) in threads.iter().enumerate() {
        let ended = thread.join_timeout(PATIENCE);
        if number == REFUSED {
            assert!(matches!(ended, Err(JoinError::NotStarted)));
            assert_eq!(thread.state(), ThreadState::New);
        } else {
            ended.unwrap();
            thread.join().unwrap();
            assert_eq!(thread.state(), ThreadState::Finished);
        }
    }
    assert_eq!(ran.load(Ordering::Relaxed) as usize, THREADS - 1);
    assert_eq!(active_count(), 1);
    assert_eq!(Arc::strong_count(&ran), THREADS + 1, "no runnable was dropped or copied");
    drop(threads);
    assert_eq!(Arc::strong_count(&ran), 1);
}
