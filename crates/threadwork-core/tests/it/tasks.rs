//! Tasks of async programs that wait for threads, polled by hand.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use threadwork_core::{JoinError, MyThread, ResultError, Thread, current_thread, enumerate, scope};
use threadwork_sync::{Event, WaitKind, Waiter, get_ident, waits};
use threadwork_test_support::tasks::{Woken, block_on, poll_calling};

use crate::support::{Gated, eventually, join};

#[test]
fn a_task_joins_a_thread() {
    let thread = Gated::started();
    let woken = Woken::new();
    let mut ends = pin!(thread.join_async());
    assert!(woken.poll(ends.as_mut()).is_pending());
    let here = get_ident();
    let record = waits().into_iter().find(|it| it.thread.ident == here).expect("it is listed");
    assert_eq!((record.thread.waiter, record.kind), (Waiter::Task, WaitKind::Join));
    assert_eq!((record.holder, record.location.file()), (thread.ident(), file!()));
    thread.open();
    join(&thread).unwrap();
    assert_eq!(woken.count(), 1);
    assert!(matches!(woken.poll(ends.as_mut()), Poll::Ready(Ok(()))));
    assert!(block_on(thread.join_async()).is_ok());
}

#[test]
fn a_task_is_told_what_a_joiner_is_told() {
    let thread = Thread::new(|| panic!("no paper"));
    assert!(matches!(block_on(thread.join_async()), Err(JoinError::NotStarted)));
    thread.start().unwrap();
    let Err(JoinError::Panicked(panic)) = block_on(thread.join_async()) else {
        panic!("it has panicked")
    };
    assert_eq!(panic.message(), "no paper");
    let itself = Thread::new(|| {
        let joined = block_on(current_thread().join_async());
        assert!(matches!(joined, Err(JoinError::CurrentThread)));
    });
    itself.start().unwrap();
    join(&itself).unwrap();
    let foreign = std::thread::spawn(current_thread).join().unwrap();
    assert!(matches!(block_on(foreign.join_async()), Err(JoinError::ForeignThread)));
}

#[test]
fn a_task_waits_for_a_result() {
    let thread = MyThread::with_args(|a: u32, b: u32| a + b, (1, 2));
    assert!(matches!(block_on(thread.wait_result_async()), Err(ResultError::NotStarted)));
    thread.start().unwrap();
    assert_eq!(block_on(thread.wait_result_async()).unwrap(), &3);
    let mut thread = thread;
    assert_eq!(thread.take_result().unwrap(), 3);
    assert!(matches!(block_on(thread.wait_result_async()), Err(ResultError::Taken)));
}

#[test]
fn a_task_joins_a_thread_of_a_scope() {
    let words = [String::from("a"), String::from("b")];
    let joined = scope(|scope| {
        let thread = scope.call(|| words.concat()).unwrap();
        block_on(thread.join_async()).unwrap();
        thread.into_result().unwrap()
    });
    assert_eq!(joined, "ab");
}

#[test]
fn a_dropped_future_leaves_no_waker_at_the_thread() {
    let thread = Gated::started();
    let woken = Woken::new();
    assert!(woken.poll(pin!(thread.join_async())).is_pending());
    assert_eq!(Arc::strong_count(&woken), 1);
    thread.open();
    join(&thread).unwrap();
    assert_eq!(woken.count(), 0);
}

/// At the end of a thread wakers run in that thread, with nothing of the library locked.
#[test]
fn a_waker_may_do_everything_at_the_end_of_a_thread() {
    let thread = Gated::started();
    let handle = thread.handle().clone();
    let (calls, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(Event::new()));
    let mut ends = Box::pin(thread.join_async());
    let pending = poll_calling(ends.as_mut(), {
        let (handle, calls, done) = (handle.clone(), Arc::clone(&calls), Arc::clone(&done));
        move || {
            assert!(handle.state().has_ended());
            assert_eq!(current_thread(), handle);
            assert!(matches!(handle.join(), Err(JoinError::CurrentThread)));
            handle.set_name("ended").unwrap();
            let other = MyThread::new(enumerate);
            other.start().unwrap();
            assert!(other.wait_result().unwrap().contains(&other));
            assert!(handle.request_stop());
            calls.fetch_add(1, Ordering::SeqCst);
            done.set();
        }
    });
    assert!(pending.is_pending());
    thread.open();
    done.wait();
    join(&handle).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_waker_that_panics_changes_nothing_at_the_end_of_a_thread() {
    let thread = Gated::started();
    let woken = Woken::new();
    let mut ends = [Box::pin(thread.join_async()), Box::pin(thread.join_async())];
    assert!(poll_calling(ends[0].as_mut(), || panic!("no")).is_pending());
    assert!(woken.poll(ends[1].as_mut()).is_pending());
    thread.open();
    join(&thread).unwrap();
    assert_eq!(woken.count(), 1);
    let ident = thread.ident();
    eventually("the thread is still listed", || {
        enumerate().iter().all(|it| it.ident() != ident).then_some(())
    });
}
