//! The same program under three executors: tasks and threads share a lock, permits, an event, a stop and the ends of threads.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use threadwork_core::{JoinError, MyThread, Thread};
use threadwork_sync::{Event, Latch, Lock, Semaphore, StopSource};
use threadwork_test_support::tasks::block_on;

const TASKS: usize = 8;
const ROUNDS: usize = 200;

/// What tasks and threads share.
struct Shared {
    begin: Event,
    total: Lock<usize>,
    permits: Semaphore,
    done: Latch,
    stop: StopSource,
}

impl Shared {
    fn new() -> Arc<Shared> {
        Arc::new(Shared {
            begin: Event::new(),
            total: Lock::new(0),
            permits: Semaphore::new(2),
            done: Latch::new(2 * TASKS),
            stop: StopSource::new(),
        })
    }

    /// Starts the threads, which do the same as the tasks.
    fn threads(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        let threads = (0..TASKS).map(|number| {
            let shared = Arc::clone(self);
            thread::spawn(move || {
                shared.begin.wait();
                for round in 0..ROUNDS {
                    let _permit = shared.permits.acquire_many(1 + (number + round) % 2);
                    *shared.total.acquire() += 1;
                }
                shared.done.count_down(1).unwrap();
            })
        });
        threads.collect()
    }
}

/// What one task does. It is `Send`: the guard of the lock is gone before the next `await`.
async fn work(shared: Arc<Shared>, number: usize) -> usize {
    shared.begin.wait_async().await;
    for round in 0..ROUNDS {
        let _permit = shared.permits.acquire_many_async(1 + (number + round) % 2).await;
        *shared.total.acquire_async().await += 1;
    }
    shared.done.count_down(1).unwrap();
    shared.stop.token().stopped_async().await;
    let thread = MyThread::with_args(|a: usize, b: usize| a * b, (number, 2));
    thread.start().unwrap();
    *thread.wait_result_async().await.unwrap()
}

/// Lets the work begin, waits until it is done, and stops the tasks.
async fn direct(shared: &Shared) {
    shared.begin.set();
    shared.done.wait_async().await;
    assert_eq!(*shared.total.acquire_async().await, 2 * TASKS * ROUNDS);
    assert_eq!(shared.permits.available(), 2);
    shared.stop.request_stop();
}

fn check(shared: &Shared, threads: Vec<JoinHandle<()>>, results: &[usize]) {
    threads.into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(results, (0..TASKS).map(|it| it * 2).collect::<Vec<_>>());
    assert!(!shared.total.is_locked());
}

#[test]
fn under_tokio() {
    let shared = Shared::new();
    let threads = shared.threads();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let results = runtime.block_on(async {
        let tasks: Vec<_> =
            (0..TASKS).map(|number| tokio::spawn(work(Arc::clone(&shared), number))).collect();
        direct(&shared).await;
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    });
    check(&shared, threads, &results);
}

#[test]
fn under_async_executor() {
    let shared = Shared::new();
    let threads = shared.threads();
    let executor = async_executor::Executor::new();
    let results = futures_lite::future::block_on(executor.run(async {
        let tasks: Vec<_> =
            (0..TASKS).map(|number| executor.spawn(work(Arc::clone(&shared), number))).collect();
        direct(&shared).await;
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await);
        }
        results
    }));
    check(&shared, threads, &results);
}

/// Each task in a thread that polls it.
#[test]
fn under_the_simplest_executor() {
    let shared = Shared::new();
    let threads = shared.threads();
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || block_on(work(shared, number)))
        })
        .collect();
    block_on(direct(&shared));
    let results: Vec<_> = tasks.into_iter().map(|it| it.join().unwrap()).collect();
    check(&shared, threads, &results);
}

#[test]
fn a_deadline_comes_from_the_executor() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let gate = Arc::new(Event::new());
        let waiting = Arc::clone(&gate);
        let thread = Thread::new(move || waiting.wait());
        thread.start().unwrap();
        let in_time = tokio::time::timeout(Duration::from_millis(1), thread.join_async()).await;
        assert!(in_time.is_err());
        gate.set();
        assert!(matches!(thread.join_async().await, Ok::<(), JoinError>(())));
    });
}

#[test]
fn a_stop_is_the_first_of_two_futures() {
    let (event, stop) = (Event::new(), StopSource::new());
    let token = stop.token();
    let either = futures_lite::future::or(
        async {
            event.wait_async().await;
            "set"
        },
        async {
            token.stopped_async().await;
            "stopped"
        },
    );
    stop.request_stop();
    assert_eq!(futures_lite::future::block_on(either), "stopped");
}
