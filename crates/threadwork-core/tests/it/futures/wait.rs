//! `test_wait.py`: the class `WaitTests` and `ThreadPoolWaitTests`.
//!
//! Left out: what is about processes.

use std::{iter, sync::Arc, time::Duration};

use threadwork_core::{
    JoinError, MyThread, ResultError, ReturnWhen, StartError, Task, Thread, Waited, current_thread,
    wait, wait_timeout, wait_with,
};
use threadwork_sync::{Event, StopSource, Wait, WaitError};

use crate::support::{PATIENCE, blocked, in_time, join};

/// A task that returns its number once its gate is open.
fn gated(number: u64) -> (Task<u64>, Arc<Event>) {
    let gate = Arc::new(Event::new());
    let waiting = Arc::clone(&gate);
    let task = Task::spawn(move || {
        waiting.wait();
        number
    });
    (task.unwrap(), gate)
}

fn finished(number: u64) -> Task<u64> {
    let task = Task::spawn(move || number).unwrap();
    task.wait_result_timeout(PATIENCE).unwrap();
    task
}

/// A task that fails once its gate is open.
fn failing() -> (Task<u64>, Arc<Event>) {
    let gate = Arc::new(Event::new());
    let waiting = Arc::clone(&gate);
    let quiet = Thread::builder().on_failure(|_, _| ()).on_panic(|_, _| ());
    let thread = quiet.my_thread(
        move || {
            waiting.wait();
            panic!("out of paper")
        },
        (),
    );
    thread.start().unwrap();
    (thread.into_task(), gate)
}

/// The number of those that are done, of those that are not, and what ended the wait.
fn counts<T: ?Sized>(waited: &Waited<'_, T>) -> (usize, usize, Result<(), WaitError>) {
    (waited.done.len(), waited.not_done.len(), waited.ended)
}

#[test]
fn test_20369() {
    // DIFFERENCE: one that is given twice comes twice.
    let task = finished(1);
    let waited = wait([&task, &task], ReturnWhen::AllCompleted).unwrap();
    assert_eq!(counts(&waited), (2, 0, Ok(())));
}

#[test]
fn test_first_completed() {
    let (first, first_gate) = gated(1);
    let (other, other_gate) = gated(2);
    let tasks = Arc::new([other, first]);
    let seen = Arc::clone(&tasks);
    let waiter = MyThread::spawn(move || {
        let waited = wait(&*seen, ReturnWhen::FirstCompleted).unwrap();
        assert!(std::ptr::eq(waited.done[0], &raw const seen[1]));
        assert!(std::ptr::eq(waited.not_done[0], &raw const seen[0]));
        (waited.done.len(), waited.not_done.len(), waited.ended)
    });
    let waiter = waiter.unwrap();
    blocked(&waiter);
    first_gate.set();
    join(&waiter).unwrap();
    assert_eq!(waiter.into_result().unwrap(), (1, 1, Ok(())));
    other_gate.set();
}

#[test]
fn test_first_completed_some_already_completed() {
    let (other, gate) = gated(2);
    let tasks = [finished(1), other];
    // It takes an iterator that can be used once, too.
    let waited = in_time_of(&tasks, ReturnWhen::FirstCompleted);
    assert_eq!(waited, (1, 1, Ok(())));
    gate.set();
}

/// Waits for tasks of which enough have ended already, so that the test fails instead of hanging.
#[track_caller]
fn in_time_of(tasks: &[Task<u64>], when: ReturnWhen) -> (usize, usize, Result<(), WaitError>) {
    let waited = wait_timeout(tasks.iter(), when, PATIENCE).unwrap();
    counts(&waited)
}

#[test]
fn test_first_exception() {
    let ((bad, bad_gate), (good, good_gate), (late, late_gate)) = (failing(), gated(1), gated(2));
    let tasks = Arc::new([good, late, bad]);
    let seen = Arc::clone(&tasks);
    let waiter = MyThread::spawn(move || {
        let waited = wait(&*seen, ReturnWhen::FirstFailure).unwrap();
        assert!(matches!(waited.done.last().unwrap().get_result(), Err(ResultError::Panicked(_))));
        counts(&waited)
    });
    let waiter = waiter.unwrap();
    blocked(&waiter);
    good_gate.set();
    join(tasks[0].thread().unwrap()).unwrap();
    // The end of one that has not failed is not enough.
    blocked(&waiter);
    bad_gate.set();
    join(&waiter).unwrap();
    assert_eq!(waiter.into_result().unwrap(), (2, 1, Ok(())));
    late_gate.set();
}

#[test]
fn test_first_exception_some_already_complete() {
    let (bad, bad_gate) = failing();
    let (late, late_gate) = gated(2);
    bad_gate.set();
    join(bad.thread().unwrap()).unwrap_err();
    let tasks = [late, finished(1), bad];
    assert_eq!(in_time_of(&tasks, ReturnWhen::FirstFailure), (2, 1, Ok(())));
    late_gate.set();
}

#[test]
fn test_first_exception_one_already_failed() {
    let (bad, bad_gate) = failing();
    let (late, late_gate) = gated(2);
    bad_gate.set();
    join(bad.thread().unwrap()).unwrap_err();
    let tasks = [bad, late];
    assert_eq!(in_time_of(&tasks, ReturnWhen::FirstFailure), (1, 1, Ok(())));
    late_gate.set();
}

#[test]
fn a_wait_for_the_first_failure_ends_with_all_if_there_is_none() {
    let tasks = [finished(1), finished(2)];
    assert_eq!(in_time_of(&tasks, ReturnWhen::FirstFailure), (2, 0, Ok(())));
    let failing = MyThread::spawn_fallible(|| Ok("seven".parse::<u64>()?)).unwrap().into_task();
    failing.wait_result().unwrap_err();
    let (late, gate) = gated(3);
    let tasks = [failing, late];
    assert_eq!(in_time_of(&tasks, ReturnWhen::FirstFailure), (1, 1, Ok(())), "a failure counts");
    gate.set();
}

#[test]
fn test_all_completed() {
    let ((bad, bad_gate), (good, good_gate)) = (failing(), gated(1));
    let seen = Arc::new([bad, good]);
    let tasks = Arc::clone(&seen);
    let waiter = MyThread::spawn(move || counts(&wait(&*tasks, ReturnWhen::AllCompleted).unwrap()));
    let waiter = waiter.unwrap();
    blocked(&waiter);
    bad_gate.set();
    join(seen[0].thread().unwrap()).unwrap_err();
    blocked(&waiter);
    good_gate.set();
    join(&waiter).unwrap();
    assert_eq!(waiter.into_result().unwrap(), (2, 0, Ok(())));
}

#[test]
fn test_timeout() {
    let (late, gate) = gated(2);
    let tasks = [finished(1), late];
    let soon = Duration::from_millis(5);
    let waited = wait_timeout(&tasks, ReturnWhen::AllCompleted, soon).unwrap();
    assert_eq!(counts(&waited), (1, 1, Err(WaitError::TimedOut)));
    assert!(std::ptr::eq(waited.done[0], &raw const tasks[0]));
    gate.set();
}

#[test]
fn test_pending_calls_race() {
    // Issue 14406: a race between those that end and one that begins to wait for all of them.
    for _ in 0..20 {
        let go = Arc::new(Event::new());
        let racing = |_| {
            let go = Arc::clone(&go);
            Task::spawn(move || go.wait())
        };
        let tasks: Vec<_> = (0..10).map(racing).collect::<Result<_, StartError>>().unwrap();
        go.set();
        let waited = wait_timeout(&tasks, ReturnWhen::AllCompleted, PATIENCE).unwrap();
        assert_eq!(counts(&waited), (10, 0, Ok(())));
    }
}

#[test]
fn a_wait_for_nothing_is_over_at_once() {
    for when in [ReturnWhen::FirstCompleted, ReturnWhen::FirstFailure, ReturnWhen::default()] {
        let waited = wait(iter::empty::<&Thread>(), when).unwrap();
        assert_eq!(counts(&waited), (0, 0, Ok(())));
    }
}

#[test]
fn a_stop_ends_the_wait_but_an_end_goes_first() {
    let (late, gate) = gated(2);
    let tasks = [finished(1), late];
    let stop = StopSource::new();
    stop.request_stop();
    let stopped = Wait::forever().or_stop(&stop.token());
    let waited = wait_with(&tasks, ReturnWhen::AllCompleted, &stopped).unwrap();
    assert_eq!(counts(&waited), (1, 1, Err(WaitError::Stopped)));
    let waited = wait_with(&tasks, ReturnWhen::FirstCompleted, &stopped).unwrap();
    assert_eq!(counts(&waited), (1, 1, Ok(())));
    gate.set();
}

#[test]
fn threads_of_all_kinds_are_waited_for_in_the_order_of_their_ends() {
    let threads = [(); 3].map(|()| Thread::new(|| ()));
    for at in [2, 0, 1] {
        threads[at].start().unwrap();
        join(&threads[at]).unwrap();
    }
    let handles = threads.each_ref().map(|it| it.handle());
    let waited = wait(handles, ReturnWhen::FirstCompleted).unwrap();
    assert_eq!(waited.done, handles, "those that have ended before come in the given order");
    let unstarted = Thread::new(|| ());
    let refused = wait([&unstarted], ReturnWhen::AllCompleted).unwrap_err();
    assert!(matches!(refused, JoinError::NotStarted));
    let own = in_time(|| wait([&current_thread()], ReturnWhen::AllCompleted).unwrap_err());
    assert!(matches!(own, JoinError::CurrentThread));
}
