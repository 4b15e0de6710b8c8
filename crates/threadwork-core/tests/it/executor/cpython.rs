//! What CPython's tests of `concurrent.futures` claim, as far as it is no matter of Python alone. The name of each test is that of its original, in
//! `Lib/test/test_concurrent_futures`.
//!
//! Left out: processes and interpreters; arguments by keyword (`test_submit_keyword`), which Rust does not have; callbacks of futures
//! (`test_done_callback_*`), which a [`Task`] does not have; results that are set from outside (`test_multiple_set_*`, `test_get_snapshot`), since only the
//! work gives the result here; `map`, `wait` and `as_completed`, which are tested elsewhere. What happens at the end of the program is tested in
//! programs of their own (`tests/ends/executors.rs`): `test_interpreter_shutdown`, `test_submit_after_interpreter_shutdown`, `test_hang_gh83386`,
//! `test_process_fork_from_a_threadpool`.

use std::{
    cell::Cell,
    panic::catch_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use threadwork_core::{Executor, Refusal, ResultError, Task};
use threadwork_sync::{Event, Semaphore};

use super::{block, busy, result, shut_down};
use crate::support::{PATIENCE, eventually, join};

/// Submits jobs that each take a permit.
fn submit_acquires(executor: &Executor, permits: &Arc<Semaphore>, jobs: usize) -> Vec<Task<()>> {
    let acquire = |_| {
        let permits = Arc::clone(permits);
        executor.submit(move || permits.acquire_timeout(PATIENCE).unwrap().forget())
    };
    (0..jobs).map(acquire).collect()
}

// executor.py, ExecutorTest

#[test]
fn test_submit() {
    assert_eq!(result(Executor::new(5).submit(|| 2_u32.pow(8))), Ok(256));
}

/// The threads of an executor keep nothing of a job after its end, even if nobody asks for its result.
#[test]
fn test_no_stale_references() {
    let executor = Executor::new(5);
    let object = Arc::new(());
    let weak = Arc::downgrade(&object);
    drop(executor.submit(move || Arc::strong_count(&object)));
    eventually("the object is dropped", || weak.upgrade().is_none().then_some(()));
}

/// DIFFERENCE: it is a panic, since the call has no error to return.
#[test]
fn test_max_workers_negative() {
    let payload = catch_unwind(|| Executor::new(0)).unwrap_err();
    let message = payload.downcast_ref::<&str>().unwrap();
    assert_eq!(*message, "an executor without workers runs no job; give it at least one");
}

#[test]
fn test_shutdown_race_issue12456() {
    let executor = Executor::new(5);
    (0..6).for_each(|it| drop(executor.submit(move || it)));
    shut_down(&executor);
}

// test_thread_pool.py, ThreadPoolExecutorTest

/// DIFFERENCE: as many as can run at the same time.
#[test]
fn test_default_workers() {
    let expected = available_parallelism().unwrap().get();
    assert_eq!(Executor::builder().build().max_workers(), expected);
}

#[test]
fn test_saturation() {
    let (executor, permits) = (Executor::new(4), Arc::new(Semaphore::new(0)));
    let tasks = submit_acquires(&executor, &permits, 15 * 4);
    assert_eq!((executor.workers().len(), executor.max_workers()), (4, 4));
    permits.release(15 * 4).unwrap();
    shut_down(&executor);
    assert!(tasks.into_iter().all(|it| it.into_result().is_ok()));
}

#[test]
fn test_idle_thread_reuse() {
    let executor = Executor::new(8);
    for factors in [(21, 2), (6, 7), (3, 14)] {
        assert_eq!(result(executor.submit(move || factors.0 * factors.1)), Ok(42));
    }
    assert_eq!(executor.workers().len(), 1);
    shut_down(&executor);
}

/// A job that submits itself again and again ends with the executor. (The original forks beside it.)
#[test]
fn test_hang_global_shutdown_lock() {
    fn submit(executor: &Arc<Executor>) {
        let inside = Arc::clone(executor);
        drop(executor.submit(move || submit(&inside)));
    }
    let executor = Arc::new(Executor::new(1));
    submit(&executor);
    shut_down(&executor);
    assert_eq!(executor.pending(), 0);
}

// test_shutdown.py, ExecutorShutdownTest and ThreadPoolShutdownTest

/// DIFFERENCE: the error is that of the task.
#[test]
fn test_run_after_shutdown() {
    let executor = Executor::new(5);
    shut_down(&executor);
    let task = executor.submit(|| 2_u32.pow(5));
    assert_eq!(result(task), Err(ResultError::Refused(Refusal::ShutDown)));
}

#[test]
fn test_hang_issue12364() {
    let executor = Executor::new(5);
    let sleep = || threadwork_core::sleep(Duration::from_millis(1));
    let tasks: Vec<_> = (0..50).map(|_| executor.submit(sleep)).collect();
    shut_down(&executor);
    tasks.into_iter().for_each(|it| it.into_result().unwrap().unwrap());
}

#[test]
fn test_cancel_futures() {
    let (executor, permits) = (Executor::new(5), Arc::new(Semaphore::new(0)));
    let tasks = submit_acquires(&executor, &permits, 50);
    executor.close();
    assert_eq!(executor.cancel_pending(), 45);
    permits.release(5).unwrap();
    shut_down(&executor);
    assert_eq!(tasks.iter().filter(|it| it.is_cancelled()).count(), 45);
    let others: Vec<_> = tasks.into_iter().filter(|it| !it.is_cancelled()).collect();
    assert!(others.iter().all(|it| it.is_done()));
    assert!(others.into_iter().all(|it| it.into_result().is_ok()));
}

#[test]
fn test_hang_gh94440() {
    let executor = Executor::new(1);
    result(executor.submit(|| ())).unwrap();
    executor.submit(|| ()).cancel();
    shut_down(&executor);
}

#[test]
fn test_threads_terminate() {
    let (executor, permits) = (Executor::new(5), Arc::new(Semaphore::new(0)));
    let _tasks = submit_acquires(&executor, &permits, 3);
    assert_eq!(executor.workers().len(), 3);
    permits.release(3).unwrap();
    shut_down(&executor);
    executor.workers().iter().for_each(|it| join(it).unwrap());
}

/// What `with` does in Python is `shutdown` here.
#[test]
fn test_context_manager_shutdown() {
    let executor = Executor::new(5);
    let tasks: Vec<_> = (-5_i32..5).map(|it| executor.submit(move || it.abs())).collect();
    let results: Vec<_> = tasks.into_iter().map(|it| result(it).unwrap()).collect();
    assert_eq!(results, [5, 4, 3, 2, 1, 0, 1, 2, 3, 4]);
    shut_down(&executor);
    assert!(executor.workers().iter().all(|it| !it.is_alive()));
}

#[test]
fn test_del_shutdown() {
    let executor = Executor::new(5);
    let tasks: Vec<_> = (-5_i32..5).map(|it| executor.submit(move || it.abs())).collect();
    let workers = executor.workers();
    drop(executor);
    workers.iter().for_each(|it| join(it).unwrap());
    for (task, number) in tasks.into_iter().zip(-5_i32..) {
        assert_eq!(task.get_result(), Ok(&number.abs()), "it was computed before the end");
    }
}

#[test]
fn test_shutdown_no_wait() {
    let executor = Executor::new(5);
    let tasks: Vec<_> = (-5_i32..5).map(|it| executor.submit(move || it.abs())).collect();
    executor.close();
    executor.workers().iter().for_each(|it| join(it).unwrap());
    for (task, number) in tasks.into_iter().zip(-5_i32..) {
        assert_eq!(task.get_result(), Ok(&number.abs()), "it was computed before the end");
    }
}

#[test]
fn test_thread_names_assigned() {
    let executor = Executor::builder().workers(5).name("SpecialPool").build();
    (0..10).for_each(|it| drop(executor.submit(move || it)));
    let names: Vec<_> = (0..5).map(|it| format!("SpecialPool-{it}")).collect();
    assert!(executor.workers().iter().all(|it| names.contains(&it.name())));
    assert_eq!(executor.group().unwrap().name(), "SpecialPool");
    shut_down(&executor);
}

#[test]
fn test_thread_names_default() {
    let executor = Executor::new(5);
    result(executor.submit(|| ())).unwrap();
    let name = executor.workers()[0].name();
    let number = name.strip_prefix("Executor-").and_then(|it| it.strip_suffix("-0")).unwrap();
    assert!(number.parse::<u32>().unwrap() > 0, "{name}");
    assert_ne!(Executor::new(1).name(), executor.name());
}

#[test]
fn test_cancel_futures_wait_false() {
    let (executor, go, running) = busy();
    let pending = executor.submit(|| ());
    assert_eq!(executor.shutdown_now(), 1);
    assert!(pending.is_cancelled() && !running.is_done());
    go.set();
    assert_eq!(result(running), Ok(()));
}

// test_init.py

thread_local! {
    static INITIALIZER_STATUS: Cell<&'static str> = const { Cell::new("uninitialized") };
}

#[test]
fn test_initializer() {
    let initializer = || INITIALIZER_STATUS.set("initialized");
    let executor = Executor::builder().workers(2).initializer(initializer).build();
    for task in [(); 2].map(|()| executor.submit(|| INITIALIZER_STATUS.get())) {
        assert_eq!(result(task), Ok("initialized"));
    }
}

/// `FailingInitializerMixin.test_initializer`: what waits for the worker is refused, and what comes later.
#[test]
fn test_failing_initializer() {
    let go = Arc::new(Event::new());
    let inside = Arc::clone(&go);
    let fail = move || {
        inside.wait();
        Err::<(), _>("error in initializer")
    };
    let executor = Executor::builder().workers(1).initializer(fail).build();
    let tasks = [(); 3].map(|()| executor.submit(|| INITIALIZER_STATUS.get()));
    go.set();
    let later = executor.submit(|| INITIALIZER_STATUS.get());
    for task in tasks.into_iter().chain([later]) {
        let error = result(task).unwrap_err();
        let ResultError::Refused(Refusal::Broken(failure)) = error else { panic!("{error}") };
        assert_eq!(failure.message(), "error in initializer");
    }
    eventually("the executor is broken", || executor.is_shut_down().then_some(()));
    assert!(executor.try_submit(|| ()).is_err());
}

// test_future.py, FutureTests

#[test]
fn test_cancel() {
    let (executor, go, running) = busy();
    let pending = executor.submit(|| 7);
    assert!(pending.cancel());
    assert!(pending.is_cancelled());
    assert!(pending.cancel(), "it is cancelled already");
    assert!(!running.cancel());
    assert!(!running.is_cancelled());
    go.set();
    let failed = executor.submit_fallible(|| -> Result<(), _> { Err("no luck".into()) });
    failed.wait_result().unwrap_err();
    assert!(!failed.cancel() && !failed.is_cancelled());
    running.wait_result().unwrap();
    assert!(!running.cancel() && !running.is_cancelled());
    assert_eq!(running.get_result(), Ok(&()));
}

#[test]
fn test_cancelled() {
    let (executor, go, running) = busy();
    let (pending, cancelled) = (executor.submit(|| ()), executor.submit(|| ()));
    cancelled.cancel();
    let all = [&pending, &running, &cancelled].map(|it| it.is_cancelled());
    assert_eq!(all, [false, false, true]);
    go.set();
    pending.wait_result().unwrap();
    assert!(!pending.is_cancelled());
}

#[test]
fn test_done() {
    let (executor, go, running) = busy();
    let (pending, cancelled) = (executor.submit(|| ()), executor.submit(|| ()));
    cancelled.cancel();
    let all = [&pending, &running, &cancelled].map(|it| it.is_done());
    assert_eq!(all, [false, false, true]);
    go.set();
    pending.wait_result().unwrap();
    assert!(pending.is_done() && running.is_done());
}

#[test]
fn test_result_with_timeout() {
    let (executor, go, running) = busy();
    let (pending, cancelled) = (executor.submit(|| ()), executor.submit(|| ()));
    cancelled.cancel();
    let now = Duration::ZERO;
    assert_eq!(pending.wait_result_timeout(now), Err(ResultError::StillRunning));
    assert_eq!(running.wait_result_timeout(now), Err(ResultError::StillRunning));
    assert_eq!(cancelled.wait_result_timeout(now), Err(ResultError::Cancelled));
    go.set();
    assert_eq!(pending.wait_result_timeout(PATIENCE), Ok(&()));
    assert_eq!(pending.wait_result_timeout(now), Ok(&()));
}

#[test]
fn test_result_with_success() {
    let executor = Executor::new(1);
    let go = Arc::new(Event::new());
    let running = Arc::new(block(&executor, &go));
    let inside = Arc::clone(&running);
    let waiting = Task::spawn(move || inside.wait_result_timeout(PATIENCE).is_ok()).unwrap();
    crate::support::blocked(waiting.thread().unwrap());
    go.set();
    assert_eq!(result(waiting), Ok(true));
}

#[test]
fn test_result_with_cancel() {
    let (executor, go, _running) = busy();
    let called = Arc::new(AtomicBool::new(false));
    let inside = Arc::clone(&called);
    let pending = executor.submit(move || inside.store(true, Ordering::Relaxed)).shared();
    let other = Arc::clone(&pending);
    let waiting =
        Task::spawn(move || other.wait_result_timeout(PATIENCE) == Err(ResultError::Cancelled));
    let waiting = waiting.unwrap();
    crate::support::blocked(waiting.thread().unwrap());
    assert!(pending.cancel());
    assert_eq!(result(waiting), Ok(true));
    go.set();
    shut_down(&executor);
    assert!(!called.load(Ordering::Relaxed));
}
