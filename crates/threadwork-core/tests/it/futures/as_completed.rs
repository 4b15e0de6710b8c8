//! `test_as_completed.py`: the class `AsCompletedTests`.
//!
//! Left out: `test_correct_timeout_exception_msg`, since [`AsCompleted`](threadwork_core::AsCompleted) itself tells how many are left.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_core::{ResultError, Task, as_completed, sleep};
use threadwork_sync::{Event, Wait, WaitError};

use crate::support::PATIENCE;

#[test]
fn test_no_timeout() {
    let finished = Task::spawn(|| 6 * 7).unwrap();
    finished.wait_result_timeout(PATIENCE).unwrap();
    let failed = Task::spawn(|| -> i32 { panic!("out of paper") }).unwrap();
    let slow = Task::spawn(|| 7 * 6).unwrap();
    let tasks = [finished, failed, slow];
    let mut ends = as_completed(&tasks).unwrap();
    let mut results: Vec<_> = Vec::new();
    while let Some(task) = ends.next_timeout(PATIENCE).unwrap() {
        results.push(task.get_result());
    }
    assert_eq!(results.len(), 3);
    assert_eq!(results[0], Ok(&42), "it has ended before");
    assert_eq!(results.iter().filter(|it| **it == Ok(&42)).count(), 2);
    assert!(results.iter().any(|it| matches!(it, Err(ResultError::Panicked(_)))));
}

#[test]
fn test_future_times_out() {
    let finished = Task::spawn(|| true).unwrap();
    finished.wait_result_timeout(PATIENCE).unwrap();
    for timeout in [Duration::ZERO, Duration::from_millis(10)] {
        let late = Task::spawn(|| sleep(Duration::MAX).is_err()).unwrap();
        let tasks = [&finished, &late];
        // One wait for all of them: it has one deadline.
        let (begin, wait) = (Instant::now(), Wait::timeout(timeout));
        let mut ends = as_completed(tasks).unwrap();
        let first = ends.next_with(&wait).unwrap().unwrap();
        assert!(std::ptr::eq(first, &raw const finished));
        assert_eq!(ends.next_with(&wait).unwrap_err(), WaitError::TimedOut);
        assert!(begin.elapsed() >= timeout);
        assert_eq!(ends.len(), 1);
        late.request_stop();
    }
}

#[test]
fn test_duplicate_futures() {
    // DIFFERENCE: one that is given several times comes as often.
    let task = Task::spawn(|| ()).unwrap();
    assert_eq!(as_completed(std::iter::repeat_n(&task, 3)).unwrap().count(), 3);
}

#[test]
fn test_free_reference_yielded_future() {
    // The iterator borrows the tasks, and no result is kept by it: once it is gone, the last owner takes each by value.
    let gate = Arc::new(Event::new());
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let gate = Arc::clone(&gate);
            Task::spawn(move || {
                gate.wait();
                Arc::new(())
            })
        })
        .collect::<Result<_, _>>()
        .unwrap();
    gate.set();
    assert_eq!(as_completed(&tasks).unwrap().count(), 3);
    for task in tasks {
        assert_eq!(Arc::strong_count(&task.into_result().unwrap()), 1);
    }
}
