//! The claims of CPython's `test_thread.py` about its low-level threads, and those of `test_threading.py` that fit no other file.
//!
//! Left out: the ends of programs and forks, which are in `tests/ends`; and tests of references, byte code, or arguments
//! of the wrong type. Stack sizes are in `tests/stack_size.rs`, exact counts in `tests/counts.rs`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    JoinError, MyThread, StartError, Thread, ThreadHandle, ThreadState, current_thread,
};
use threadwork_sync::{Barrier, BoundedSemaphore, Event, Latch, Lock, RawLock, WaitKind};

use crate::support::{Gated, PATIENCE, blocked, in_time, join, run};

/// After `ThreadRunningTests.test_starting_threads`.
#[test]
fn all_threads_that_are_started_run_to_their_ends() {
    const TASKS: usize = 10;
    static RUNNING: Latch = Latch::new(TASKS);
    static DONE: Latch = Latch::new(TASKS);
    for number in 0..TASKS {
        let task = move || {
            RUNNING.count_down(1).unwrap();
            // No thread ends before all run.
            RUNNING.wait();
            (0..number).for_each(|_| std::thread::yield_now());
            DONE.count_down(1).unwrap();
        };
        Thread::new(task).start().unwrap();
    }
    assert!(DONE.wait_timeout(PATIENCE).is_ok());
}

/// After `ThreadRunningTests.test_join_thread`.
#[test]
fn when_a_join_returns_the_thread_has_done_its_work() {
    let finished = Arc::new(Lock::new(Vec::new()));
    let inside = Arc::clone(&finished);
    let thread = Thread::new(move || {
        (0..10).for_each(|_| std::thread::yield_now());
        inside.acquire().push(current_thread());
    });
    thread.start().unwrap();
    thread.join().unwrap();
    assert_eq!(*finished.acquire(), [thread.handle().clone()]);
}

/// After `ThreadRunningTests.test_join_thread_already_exited`.
#[test]
fn a_thread_that_has_ended_long_ago_is_joined_at_once() {
    let ended = Arc::new(Event::new());
    let tells = Arc::clone(&ended);
    let thread = Thread::new(move || tells.set());
    thread.start().unwrap();
    assert!(ended.wait_timeout(PATIENCE).is_ok());
    crate::support::eventually("the thread does not end", || {
        thread.state().has_ended().then_some(())
    });
    thread.join().unwrap();
    thread.join_timeout(Duration::ZERO).unwrap();
}

/// After `ThreadRunningTests.test_join_several_times`.
#[test]
fn a_thread_can_be_joined_several_times() {
    let thread = Thread::new(|| ());
    thread.start().unwrap();
    for _ in 0..3 {
        thread.join().unwrap();
    }
}

/// After `ThreadRunningTests.test_joinable_not_joined`.
#[test]
fn a_thread_need_not_be_joined_when_it_has_ended() {
    let ended = Arc::new(Event::new());
    let tells = Arc::clone(&ended);
    let thread = Thread::new(move || tells.set());
    thread.start().unwrap();
    assert!(ended.wait_timeout(PATIENCE).is_ok());
    drop(thread);
    crate::support::eventually("its runnable is not dropped", || {
        (Arc::strong_count(&ended) == 1).then_some(())
    });
}

/// After `ThreadRunningTests.test_join_from_self`.
#[test]
fn a_thread_that_joins_itself_gets_an_error_and_continues() {
    let errors = Arc::new(Lock::new(Vec::new()));
    let inside = Arc::clone(&errors);
    let thread = Thread::new(move || inside.acquire().push(current_thread().join().unwrap_err()));
    run(&thread).unwrap();
    assert!(matches!(errors.acquire()[..], [JoinError::CurrentThread]));
}

/// After `ThreadRunningTests.test_join_then_self_join`.
#[test]
fn a_thread_that_is_being_joined_gets_an_error_too_when_it_joins_itself() {
    let gate = Arc::new(Event::new());
    let waits = Arc::clone(&gate);
    let thread = MyThread::new(move || {
        waits.wait();
        current_thread().join()
    });
    thread.start().unwrap();
    let handle = thread.handle().clone();
    let joiner = Thread::new(move || handle.join().unwrap());
    joiner.start().unwrap();
    assert_eq!(blocked(&joiner).kind, WaitKind::Join);
    gate.set();
    join(&thread).unwrap();
    join(&joiner).unwrap();
    assert!(matches!(thread.get_result().unwrap(), Err(JoinError::CurrentThread)));
}

/// After `ThreadRunningTests.test_join_with_timeout`.
#[test]
fn a_join_that_times_out_says_that_the_thread_is_alive() {
    let gated = Gated::started();
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        assert!(matches!(gated.join_timeout(timeout), Err(JoinError::TimedOut)));
        assert!(gated.is_alive());
    }
    gated.open();
    gated.join_timeout(PATIENCE).unwrap();
    assert!(!gated.is_alive());
}

/// After `ThreadRunningTests.test_join_unstarted`.
#[test]
fn a_thread_that_is_not_started_cannot_be_joined() {
    let thread = MyThread::new(|| 7);
    let handle: &ThreadHandle = thread.handle();
    assert!(matches!(handle.join(), Err(JoinError::NotStarted)));
    assert_eq!(handle.state(), ThreadState::New);
}

/// After `ThreadRunningTests.test_start_duplicate_handle`.
#[test]
fn a_running_thread_cannot_be_started_again() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let gate = Arc::new(Event::new());
    let waits = Arc::clone(&gate);
    let thread = Thread::new(move || {
        RUNS.fetch_add(1, Ordering::Relaxed);
        waits.wait();
    });
    thread.start().unwrap();
    blocked(&thread);
    assert!(matches!(thread.start(), Err(StartError::AlreadyStarted)));
    gate.set();
    join(&thread).unwrap();
    assert!(matches!(thread.start(), Err(StartError::AlreadyStarted)));
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
}

/// After `BarrierTest.test_barrier`.
#[test]
fn threads_meet_at_a_barrier_again_and_again() {
    const TASKS: usize = 10;
    const TRIPS: usize = 3;
    in_time(|| {
        let barrier = Barrier::new(TASKS);
        let arrived = [const { AtomicU32::new(0) }; TRIPS];
        threadwork_core::scope(|scope| {
            for number in 0..TASKS {
                let (barrier, arrived) = (&barrier, &arrived);
                let task = move || {
                    for trip in arrived {
                        (0..number).for_each(|_| std::thread::yield_now());
                        trip.fetch_add(1, Ordering::SeqCst);
                        barrier.wait().unwrap();
                        assert_eq!(trip.load(Ordering::SeqCst) as usize, TASKS);
                    }
                };
                scope.call(task).unwrap();
            }
        });
    });
}

/// After `ThreadTests.test_BoundedSemaphore_limit`.
#[test]
fn a_bounded_semaphore_is_released_as_often_as_acquired_and_not_once_more() {
    for limit in 1..10 {
        let semaphore = Arc::new(BoundedSemaphore::new(limit));
        let in_threads = |f: fn(&BoundedSemaphore)| {
            let start = |_| {
                let semaphore = Arc::clone(&semaphore);
                let thread = Thread::new(move || f(&semaphore));
                thread.start().unwrap();
                thread
            };
            let threads: Vec<_> = (0..limit).map(start).collect();
            threads.iter().for_each(|it| join(it).unwrap());
        };
        in_threads(|it| it.acquire().forget());
        assert_eq!(semaphore.available(), 0);
        in_threads(|it| it.release(1).unwrap());
        assert_eq!(semaphore.available(), limit);
        assert!(semaphore.release(1).is_err());
        assert_eq!(semaphore.available(), limit, "the error changes nothing");
    }
}

/// After `ThreadingExceptionTests.test_releasing_unacquired_lock`.
#[test]
fn a_free_lock_cannot_be_released() {
    let lock = RawLock::new();
    assert!(lock.release().is_err());
    assert!(lock.try_acquire(), "the error changes nothing");
    lock.release().unwrap();
}

/// After `ExceptHookTests.test_system_exit`.
///
/// DIFFERENCE: no exception ends a thread quietly; a thread that wants to end early returns, and no hook is called.
#[test]
fn a_thread_that_ends_early_by_an_error_that_it_returns_has_not_failed() {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let thread = Thread::builder().on_panic(|_, _| TOLD.store(true, Ordering::Relaxed)).my_thread(
        || {
            current_thread().request_stop();
            threadwork_core::checkpoint()?;
            Ok::<u32, threadwork_core::StopRequested>(7)
        },
        (),
    );
    run(&thread).unwrap();
    assert!(thread.get_result().unwrap().is_err());
    assert_eq!(thread.state(), ThreadState::Stopped);
    assert!(!TOLD.load(Ordering::Relaxed));
}
