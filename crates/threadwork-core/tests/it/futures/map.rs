//! `executor.py`, the tests of `map` in the class `ExecutorTest`, and `test_map_submits_without_iteration` of `test_thread_pool.py`.
//!
//! Left out: `test_map_buffersize_type_validation` and `test_map_buffersize_without_iterable`, which do not compile here.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_core::{Executor, MyThread, Refusal, ResultError, WhenFull, sleep, stop_requested};
use threadwork_sync::{Event, StopSource, Wait};

use crate::support::{PATIENCE, blocked, in_time, join};

fn pow(pair: (u64, u32)) -> u64 {
    pair.0.pow(pair.1)
}

/// An iterator that counts the items that are taken from it.
fn counted(taken: &Arc<AtomicUsize>) -> impl Iterator<Item = usize> + use<> {
    let taken = Arc::clone(taken);
    (0..).inspect(move |_| _ = taken.fetch_add(1, Ordering::SeqCst))
}

#[test]
fn test_map() {
    in_time(|| {
        let executor = Executor::new(5);
        let pairs = || (0..10).zip(0..10);
        let expected: Vec<_> = pairs().map(pow).collect();
        assert_eq!(executor.map(pow, pairs()).collect::<Vec<_>>(), expected);
        for size in [1, 3, 10, 100] {
            let chunks = executor.mapping().chunk_size(size);
            assert_eq!(chunks.map(pow, pairs()).collect::<Vec<_>>(), expected);
        }
    });
}

#[test]
fn test_map_exception() {
    in_time(|| {
        let executor = Executor::new(1);
        let divide = |n: u32| match n {
            0 => panic!("it is zero"),
            n => 1 / n,
        };
        let mut results = executor.map(divide, [1, 2, 0, 5]);
        assert_eq!((results.next(), results.next()), (Some(1), Some(0)));
        let payload = catch_unwind(AssertUnwindSafe(|| results.next())).unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"it is zero"));
        // As that of a generator that has raised: there are no more.
        assert_eq!(results.next(), None);
    });
}

#[test]
fn a_panic_with_any_payload_is_resumed_and_what_has_not_begun_is_cancelled() {
    in_time(|| {
        let executor = Executor::new(1);
        let begun = Arc::new(AtomicUsize::new(0));
        let (gate, counter) = (Arc::new(Event::new()), Arc::clone(&begun));
        let its_gate = Arc::clone(&gate);
        let function = move |n: usize| {
            counter.fetch_add(1, Ordering::SeqCst);
            if n == 0 {
                std::panic::panic_any(7_u8);
            }
            its_gate.wait();
        };
        let results = AssertUnwindSafe(executor.map(function, 0..10));
        let unwound = catch_unwind(|| {
            let mut results = results;
            results.next()
        });
        assert_eq!(unwound.unwrap_err().downcast_ref::<u8>(), Some(&7));
        gate.set();
        executor.shutdown().unwrap();
        assert!(begun.load(Ordering::SeqCst) <= 2, "the second one may have begun");
    });
}

#[test]
fn test_map_timeout() {
    in_time(|| {
        let executor = Executor::new(5);
        let nap = |duration| sleep(duration).is_ok();
        let wait = Wait::timeout(Duration::from_millis(20));
        let mut results = executor.map(nap, [Duration::ZERO, Duration::ZERO, Duration::MAX]);
        assert_eq!(results.next_timeout(PATIENCE), Ok(Some(true)));
        assert_eq!(results.next_timeout(PATIENCE), Ok(Some(true)));
        assert_eq!(results.next_with(&wait), Err(ResultError::StillRunning));
        let stop = StopSource::new();
        stop.request_stop();
        let stopped = results.next_with(&stop.token().into());
        assert_eq!(stopped, Err(ResultError::WaitStopped));
        drop(results);
        executor.shutdown_now();
        executor.shutdown().unwrap();
    });
}

#[test]
fn test_map_buffersize_value_validation() {
    let executor = Executor::new(1);
    for wrong in [
        catch_unwind(AssertUnwindSafe(|| drop(executor.mapping().buffer_size(0)))),
        catch_unwind(AssertUnwindSafe(|| drop(executor.mapping().chunk_size(0)))),
    ] {
        let payload = wrong.unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert!(message.ends_with("of no items; give it at least one"), "{message}");
    }
}

#[test]
fn test_map_buffersize() {
    in_time(|| {
        let executor = Executor::new(5);
        for buffer in [1, 2, 4, 5, 8] {
            for chunk in [1, 3] {
                let mapping = executor.mapping().buffer_size(buffer).chunk_size(chunk);
                let results = mapping.map(|n| n + 1, 0..4);
                assert_eq!(results.collect::<Vec<_>>(), [1, 2, 3, 4]);
            }
        }
    });
}

#[test]
fn test_map_buffersize_on_infinite_iterable() {
    in_time(|| {
        let executor = Executor::new(5);
        let mut results = executor.mapping().buffer_size(2).map(|n: usize| n.to_string(), 0..);
        assert_eq!(results.next().as_deref(), Some("0"));
        assert_eq!(results.next().as_deref(), Some("1"));
        assert_eq!(results.nth(100).as_deref(), Some("102"));
    });
}

#[test]
fn test_map_buffersize_when_buffer_is_full() {
    in_time(|| {
        let executor = Executor::new(5);
        let taken = Arc::new(AtomicUsize::new(0));
        let mut results = executor.mapping().buffer_size(8).map(|n| n, counted(&taken));
        assert_eq!(
            taken.load(Ordering::SeqCst),
            8,
            "no more than that are taken before a result is asked for"
        );
        assert_eq!(results.next(), Some(0));
        assert_eq!(taken.load(Ordering::SeqCst), 9);
        // A buffer is rounded up to whole chunks.
        let taken = Arc::new(AtomicUsize::new(0));
        let chunks = executor.mapping().buffer_size(8).chunk_size(5).map(|n| n, counted(&taken));
        assert_eq!(taken.load(Ordering::SeqCst), 10);
        drop(chunks);
    });
}

#[test]
fn test_map_submits_without_iteration() {
    in_time(|| {
        let (executor, finished) = (Executor::new(2), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&finished);
        let results = executor.map(move |_| _ = counter.fetch_add(1, Ordering::SeqCst), 0..10);
        executor.shutdown().unwrap();
        assert_eq!(finished.load(Ordering::SeqCst), 10);
        drop(results);
    });
}

#[test]
fn test_free_reference() {
    in_time(|| {
        let executor = Executor::new(2);
        for result in executor.map(Arc::new, 0..10) {
            // Neither the iterator nor a worker keeps the result.
            assert_eq!(Arc::strong_count(&result), 1);
        }
    });
}

#[test]
fn a_function_that_fails_ends_a_collection_into_a_result() {
    in_time(|| {
        let executor = Executor::new(2);
        let parsed = executor.map(str::parse::<u32>, ["7", "eight", "9"]);
        assert!(parsed.collect::<Result<Vec<_>, _>>().is_err());
        let parsed = executor.map(str::parse::<u32>, ["7", "8"]);
        assert_eq!(parsed.collect::<Result<Vec<_>, _>>(), Ok(vec![7, 8]));
    });
}

#[test]
fn dropping_the_iterator_cancels_what_has_not_begun_and_leaves_the_rest_alone() {
    in_time(|| {
        let executor = Executor::new(1);
        let (gate, ended) = (Arc::new(Event::new()), Arc::new(AtomicUsize::new(0)));
        let (its_gate, counter) = (Arc::clone(&gate), Arc::clone(&ended));
        let begun = Arc::new(Event::new());
        let its_begun = Arc::clone(&begun);
        let function = move |_| {
            its_begun.set();
            its_gate.wait();
            assert!(!stop_requested());
            counter.fetch_add(1, Ordering::SeqCst);
        };
        let results = executor.map(function, 0..100);
        begun.wait();
        drop(results);
        gate.set();
        executor.shutdown().unwrap();
        assert_eq!(ended.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_map_over_a_closed_executor_panics_with_the_reason() {
    in_time(|| {
        let executor = Executor::new(1);
        executor.close();
        let mut results = executor.map(|n| n, 0..3);
        let refused = results.next_with(&Wait::forever());
        assert_eq!(refused, Err(ResultError::Refused(Refusal::ShutDown)));
        assert_eq!(results.next(), None);
        let mut results = executor.map(|n| n, 0..3);
        let payload = catch_unwind(AssertUnwindSafe(|| results.next())).unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert!(message.contains("shut down"), "{message}");
        // With nothing to map, there is nothing to refuse.
        assert_eq!(executor.map(|n: u32| n, []).next(), None);
    });
}

#[test]
fn a_buffer_keeps_a_map_within_the_backlog() {
    in_time(|| {
        let executor =
            Executor::builder().workers(2).backlog(2).when_full(WhenFull::Refuse).build();
        let results = executor.mapping().buffer_size(2).map(|n| n, 0..100);
        assert_eq!(results.sum::<u32>(), 4950);
    });
}

#[test]
fn who_waits_for_the_next_result_is_recorded_with_the_callers_line() {
    let gate = Arc::new(Event::new());
    let its_gate = Arc::clone(&gate);
    let waiter = MyThread::spawn(move || {
        let executor = Executor::new(1);
        let mut results = executor.map(
            move |n| {
                its_gate.wait();
                n
            },
            [7],
        );
        (line!(), results.next().unwrap())
    });
    let waiter = waiter.unwrap();
    let record = blocked(&waiter);
    gate.set();
    join(&waiter).unwrap();
    let (line, result) = waiter.into_result().unwrap();
    assert_eq!((record.location.file(), record.location.line(), result), (file!(), line, 7));
}
