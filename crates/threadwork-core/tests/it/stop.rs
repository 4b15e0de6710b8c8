//! Stop requests to threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread as std_thread,
};

use threadwork_core::{MyThread, Thread, current_stop_token, current_thread, main_thread};
use threadwork_sync::{Event, StopCallback, StopSource, Wait, WaitError};

use crate::support::{Gated, blocked, foreign, join, run};

/// Blocks until the current thread is asked to stop.
fn wait_for_stop() -> Result<(), WaitError> {
    Event::new().wait_with(&Wait::forever().or_stop(&current_thread().stop_token()))
}

#[test]
fn only_the_first_request_counts() {
    let gated = Gated::started();
    assert!(!gated.stop_requested());
    assert!(gated.request_stop());
    assert!(gated.stop_requested());
    assert!(!gated.request_stop());
    assert!(gated.stop_requested());
    assert!(gated.is_alive(), "a request does not end a thread");
    gated.end().unwrap();
}

#[test]
fn a_stop_ends_the_waits_of_the_thread_that_have_its_token() {
    let thread = MyThread::new(wait_for_stop);
    thread.start().unwrap();
    blocked(&thread);
    assert!(thread.request_stop());
    join(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &Err(WaitError::Stopped));
}

#[test]
fn a_stop_before_the_start_is_seen_by_the_thread() {
    let thread = MyThread::new(wait_for_stop);
    assert!(thread.request_stop());
    run(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &Err(WaitError::Stopped));
}

#[test]
fn a_stop_after_the_end_is_recorded() {
    let thread = Thread::new(|| ());
    run(&thread).unwrap();
    assert!(!thread.stop_requested());
    assert!(thread.request_stop());
    assert!(thread.stop_requested() && thread.stop_token().stop_requested());
    thread.join().unwrap();
}

#[test]
fn all_handles_and_tokens_share_one_request() {
    let gated = Gated::started();
    let (handle, token) = (gated.handle().clone(), gated.stop_token());
    assert!(!token.stop_requested());
    assert!(handle.request_stop());
    assert!(gated.stop_requested() && token.stop_requested());
    assert!(gated.stop_token().stop_requested());
    gated.end().unwrap();
}

#[test]
fn a_stop_does_not_stop_the_threads_that_the_thread_starts() {
    let (one, other) = (Gated::started(), Gated::started());
    one.request_stop();
    assert!(!other.stop_requested() && !main_thread().stop_requested());
    one.end().unwrap();
    other.end().unwrap();

    let parent = MyThread::new(|| {
        let child = Thread::new(|| ());
        let with_token = Thread::builder().stop_token(&current_stop_token()).build(|| ());
        current_thread().request_stop();
        [child.handle(), with_token.handle()].map(|it| it.stop_requested())
    });
    run(&parent).unwrap();
    assert!(parent.stop_requested());
    assert_eq!(parent.get_result().unwrap(), &[false, true]);
}

#[test]
fn a_stop_of_the_parent_token_stops_all_threads_that_have_it() {
    let all = StopSource::new();
    let threads: Vec<_> = (0..3)
        .map(|_| Thread::builder().stop_token(&all.token()).my_thread(wait_for_stop, ()))
        .collect();
    for thread in &threads {
        thread.start().unwrap();
        blocked(thread);
    }
    all.request_stop();
    for thread in &threads {
        join(thread).unwrap();
        assert_eq!(thread.get_result().unwrap(), &Err(WaitError::Stopped));
        assert!(thread.stop_requested());
        assert!(!thread.request_stop(), "the stop was requested already");
    }
}

#[test]
fn a_thread_with_a_parent_token_can_be_stopped_alone() {
    let all = StopSource::new();
    let [one, other] = [(); 2].map(|()| Thread::builder().stop_token(&all.token()).build(|| ()));
    assert!(one.request_stop());
    assert!(!other.stop_requested() && !all.stop_requested());
    all.request_stop();
    assert!(other.stop_requested());
}

#[test]
fn a_parent_that_was_stopped_before_stops_a_thread_at_once() {
    let all = StopSource::new();
    let before = Thread::builder().stop_token(&all.token()).build(|| ());
    all.request_stop();
    assert!(before.stop_requested(), "also at the first query");
    let after = Thread::builder().stop_token(&all.token()).build(|| ());
    assert!(after.stop_requested());
    assert!(!after.request_stop());
}

#[test]
fn a_stop_of_another_thread_can_be_the_parent() {
    let first = Thread::new(|| ());
    let second = Thread::builder().stop_token(&first.stop_token()).build(|| ());
    let third = Thread::builder().stop_token(&second.stop_token()).build(|| ());
    first.request_stop();
    assert!(second.stop_requested() && third.stop_requested());
}

#[test]
fn a_callback_is_called_when_its_thread_is_stopped() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let gated = Gated::started();
    let callback =
        StopCallback::new(&gated.stop_token(), || _ = CALLS.fetch_add(1, Ordering::SeqCst));
    gated.request_stop();
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    drop(callback);
    gated.end().unwrap();
}

#[test]
fn a_loop_that_checks_its_token_ends() {
    let thread = Thread::new(|| {
        let token = current_thread().stop_token();
        while !token.stop_requested() {
            std_thread::yield_now();
        }
    });
    thread.start().unwrap();
    thread.request_stop();
    join(&thread).unwrap();
}

#[test]
fn a_foreign_thread_and_the_main_thread_have_tokens_too() {
    foreign(|| {
        let current = current_thread();
        assert!(current.request_stop());
        assert_eq!(wait_for_stop(), Err(WaitError::Stopped));
    });
    assert!(!main_thread().stop_token().stop_requested());
}

#[test]
fn threads_that_ask_for_the_token_at_once_get_the_same() {
    for _ in 0..50 {
        let thread = Arc::new(Thread::new(|| ()));
        let tokens: Vec<_> = std_thread::scope(|scope| {
            let askers: Vec<_> = (0..4).map(|_| scope.spawn(|| thread.stop_token())).collect();
            askers.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(thread.request_stop());
        assert!(tokens.iter().all(|it| it.stop_requested()));
    }
}
