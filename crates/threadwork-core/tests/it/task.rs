//! Results without the types of their functions.

use std::{cell::Cell, pin::pin, sync::Arc, task::Poll, time::Duration};

use threadwork_core::{
    JoinError, MyThread, Outcome, ResultError, Task, Thread, as_completed, sleep,
};
use threadwork_sync::{
    Event, Lock, StopSource, Wait, WaitKind, Waitable, Waiter, Waiting, get_ident, wait_any, waits,
};
use threadwork_test_support::tasks::{Woken, block_on};

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

/// What is recorded of a task that the current thread has polled.
fn own_record() -> Waiting {
    let here = get_ident();
    waits().into_iter().find(|it| it.thread.ident == here).expect("it is listed")
}

#[test]
fn tasks_of_different_functions_are_one_type() {
    struct Numbers {
        tasks: Vec<Task<u64>>,
    }

    let text = String::from("abc");
    let mut numbers = Numbers { tasks: vec![Task::spawn(|| 1).unwrap()] };
    numbers.tasks.push(Task::spawn(move || text.len() as u64).unwrap());
    let named = Thread::builder().name("five").my_thread(|a: u64, b: u64| a + b, (2, 3));
    named.start().unwrap();
    numbers.tasks.push(named.into_task());
    let fallible = MyThread::spawn_fallible(|| Ok("7".parse::<u64>()?)).unwrap();
    numbers.tasks.push(fallible.into_task());
    assert_eq!(numbers.tasks[2].thread().unwrap().name(), "five");
    let results = numbers.tasks.into_iter().map(|it| it.into_result().unwrap());
    assert_eq!(results.collect::<Vec<_>>(), [1, 3, 5, 7]);
}

#[test]
fn a_task_is_waited_for_in_all_forms() {
    let (mut task, gate) = gated(7);
    assert!(!task.is_done());
    assert!(matches!(task.get_result(), Err(ResultError::StillRunning)));
    assert!(matches!(task.take_result(), Err(ResultError::StillRunning)));
    let timed_out = task.wait_result_timeout(Duration::ZERO);
    assert!(matches!(timed_out, Err(ResultError::StillRunning)));
    let stop = StopSource::new();
    stop.request_stop();
    let stopped = task.wait_result_with(&Wait::forever().or_stop(&stop.token()));
    assert!(matches!(stopped, Err(ResultError::WaitStopped)));
    gate.set();
    assert_eq!(task.wait_result_timeout(PATIENCE).unwrap(), &7);
    assert!(task.is_done());
    assert_eq!((task.wait_result().unwrap(), task.get_result().unwrap()), (&7, &7));
    assert_eq!(task.take_result().unwrap(), 7);
    assert!(matches!(task.get_result(), Err(ResultError::Taken)));
    assert!(matches!(task.into_result(), Err(ResultError::Taken)));
}

#[test]
fn who_waits_for_a_task_is_recorded_as_one_who_joins_its_thread() {
    let (task, gate) = gated(7);
    let thread = task.thread().unwrap().clone();
    let waiter = MyThread::spawn(move || task.into_result().unwrap()).unwrap();
    let record = blocked(&waiter);
    assert_eq!((record.kind, record.holder), (WaitKind::Join, thread.ident()));
    assert_eq!(record.location.file(), file!());
    gate.set();
    assert_eq!(waiter.into_result().unwrap(), 7);
}

#[test]
fn a_task_tells_why_there_is_no_result() {
    let panics = Task::spawn(|| -> u32 { panic!("no paper") }).unwrap();
    let Err(ResultError::Panicked(panic)) = panics.wait_result() else { panic!("it panics") };
    assert_eq!(panic.message(), "no paper");
    let fails = MyThread::spawn_fallible(|| Ok("seven".parse::<u32>()?)).unwrap().into_task();
    assert!(matches!(fails.into_result(), Err(ResultError::Failed(_))));
    let unstarted = MyThread::new(|| 7).into_task();
    assert!(matches!(unstarted.wait_result(), Err(ResultError::NotStarted)));
    assert!(matches!(block_on(unstarted.wait_result_async()), Err(ResultError::NotStarted)));
}

#[test]
fn work_cannot_wait_for_its_own_result() {
    let (go, slot) = (Arc::new(Event::new()), Arc::new(Lock::new(None::<Task<bool>>)));
    let (its_go, its_slot) = (Arc::clone(&go), Arc::clone(&slot));
    let task = Task::spawn(move || {
        its_go.wait();
        let own = its_slot.acquire().take().unwrap();
        assert!(wait_any(&[&own], &Wait::timeout(Duration::ZERO)).is_err());
        assert!(matches!(as_completed([&own]), Err(JoinError::CurrentThread)));
        matches!(own.into_result(), Err(ResultError::CurrentThread))
    });
    let task = task.unwrap();
    let thread = task.thread().unwrap().clone();
    *slot.acquire() = Some(task);
    go.set();
    join(&thread).unwrap();
}

#[test]
fn a_result_that_is_not_sync_is_given_by_value() {
    let task = Task::spawn(|| Cell::new(7)).unwrap();
    let task = in_time(move || task.into_result().unwrap().get());
    assert_eq!(task, 7);
    assert_eq!(block_on(Task::spawn(|| Cell::new(8)).unwrap().into_future()).unwrap().get(), 8);
}

#[test]
fn a_stop_of_a_task_is_a_stop_of_its_work() {
    let task = Task::spawn(|| sleep(Duration::MAX).is_err()).unwrap();
    assert!(task.request_stop());
    assert!(!task.request_stop());
    assert_eq!(task.wait_result().unwrap(), &true);
    assert_eq!(task.thread().unwrap().outcome(), Some(Outcome::Stopped));
}

#[test]
fn a_dropped_task_leaves_its_work_alone() {
    let (task, gate) = gated(7);
    let handle = task.thread().unwrap().clone();
    drop(task);
    assert!(!handle.stop_requested());
    gate.set();
    join(&handle).unwrap();
}

#[test]
fn a_shared_task_lends_its_result_and_the_last_owner_takes_it() {
    let (task, gate) = gated(7);
    let task = task.shared();
    let readers = [(); 2].map(|()| {
        let task = Arc::clone(&task);
        MyThread::spawn(move || *task.wait_result().unwrap()).unwrap()
    });
    gate.set();
    assert_eq!(readers.map(|it| it.into_result().unwrap()), [7, 7]);
    let task = Arc::into_inner(task).expect("the readers have ended");
    assert_eq!(task.into_result().unwrap(), 7);
}

#[test]
fn tasks_are_awaited_by_value_and_by_reference() {
    let woken = Woken::new();
    let (task, gate) = gated(7);
    let mut by_reference = Box::pin(task.wait_result_async());
    assert!(woken.poll(by_reference.as_mut()).is_pending());
    let record = own_record();
    assert_eq!((record.thread.waiter, record.kind), (Waiter::Task, WaitKind::Join));
    assert_eq!((record.holder, record.location.file()), (task.thread().unwrap().ident(), file!()));
    gate.set();
    task.wait_result().unwrap();
    assert_eq!(woken.count(), 1);
    assert!(matches!(woken.poll(by_reference.as_mut()), Poll::Ready(Ok(&7))));
    drop(by_reference);
    let sum = block_on(async {
        let by_reference = *(&task).await.unwrap();
        by_reference + task.await.unwrap()
    });
    assert_eq!(sum, 14);
}

#[test]
fn an_awaited_task_is_recorded_at_the_line_of_the_await() {
    let (task, gate) = gated(7);
    let (line, woken) = (line!() + 1, Woken::new());
    let mut awaits = pin!(async { task.await.unwrap() });
    assert!(woken.poll(awaits.as_mut()).is_pending());
    let record = own_record();
    assert_eq!((record.location.file(), record.location.line()), (file!(), line));
    gate.set();
    assert_eq!(block_on(awaits), 7);
}

#[test]
fn tasks_come_in_the_order_of_their_ends_and_any_of_them_can_be_awaited() {
    let (tasks, gates): (Vec<_>, Vec<_>) = (0..3).map(gated).unzip();
    let mut ends = as_completed(&tasks).unwrap();
    assert!(ends.try_next().is_none());
    for at in [2, 0, 1] {
        let objects: [&dyn Waitable; 2] = [&Event::new(), &tasks[at]];
        assert!(wait_any(&objects, &Wait::timeout(Duration::ZERO)).is_err());
        gates[at].set();
        assert_eq!(ends.next().unwrap().get_result().unwrap(), &(at as u64));
        assert_eq!(wait_any(&objects, &Wait::timeout(PATIENCE)), Ok(1));
    }
    assert!(ends.next().is_none());
    let unstarted = [MyThread::new(|| 7).into_task()];
    assert!(as_completed(&unstarted).is_err());
}
