//! Foreign threads are listed when they first ask for their handle, and are removed when they end.
//! This is one test in its own process.

use std::{
    cell::RefCell,
    sync::mpsc::channel,
    thread::{self, JoinHandle},
};

use threadwork_core::{
    JoinError, Thread, ThreadHandle, ThreadState, active_count, current_thread, enumerate,
    main_thread,
};
use threadwork_sync::{Event, Lock, get_ident, get_native_id};

/// Starts a foreign thread that sends its handle, and that ends when the sender is dropped.
fn foreign() -> (ThreadHandle, std::sync::mpsc::Sender<()>, JoinHandle<()>) {
    let (tell, told) = channel();
    let (enough, wait) = channel::<()>();
    let other = thread::spawn(move || {
        tell.send(current_thread()).unwrap();
        let _ = wait.recv();
    });
    (told.recv().unwrap(), enough, other)
}

/// Asks for the current thread's handle when it is dropped, at the end of its thread.
struct AsksAtTheEnd(Box<dyn Fn(ThreadHandle)>);

impl Drop for AsksAtTheEnd {
    fn drop(&mut self) {
        (self.0)(current_thread());
    }
}

thread_local! {
    static AT_THE_END: RefCell<Option<AsksAtTheEnd>> = const { RefCell::new(None) };
}

/// After `ThreadTests.test_foreign_thread` and `test_ident_of_no_threading_threads`.
fn a_foreign_thread_appears_and_vanishes() {
    let (dummy, enough, other) = foreign();
    assert_eq!(dummy.name(), "Dummy-1");
    assert!(dummy.is_alive() && dummy.is_daemon());
    assert_eq!(dummy.state(), ThreadState::Running);
    assert!(dummy.ident().is_some());
    assert_eq!(dummy.native_id().is_some(), get_native_id().is_some());
    assert!(dummy.outcome().is_none());
    assert_eq!(enumerate(), [main_thread(), dummy.clone()]);
    assert!(matches!(dummy.join(), Err(JoinError::ForeignThread)));
    assert!(dummy.set_daemon(false).is_err());
    dummy.set_name("renamed").unwrap();
    assert_eq!(enumerate()[1].name(), "renamed");

    drop(enough);
    other.join().unwrap();
    assert!(!dummy.is_alive());
    assert_eq!(dummy.state(), ThreadState::Finished);
    assert!(dummy.ident().is_some(), "the handle keeps the number");
    assert_eq!(enumerate(), [main_thread()]);
}

fn several_are_told_apart() {
    let (first, enough_of_first, first_thread) = foreign();
    let (second, enough_of_second, second_thread) = foreign();
    assert_eq!([first.name(), second.name()], ["Dummy-2", "Dummy-3"]);
    assert_ne!(first, second);
    assert_eq!(enumerate(), [main_thread(), first.clone(), second.clone()]);
    drop(enough_of_first);
    first_thread.join().unwrap();
    assert_eq!(enumerate(), [main_thread(), second]);
    drop(enough_of_second);
    second_thread.join().unwrap();
    assert_eq!(active_count(), 1);
}

/// After `BaseLockTests.test_thread_leak`.
fn locks_events_and_numbers_do_not_list_a_foreign_thread() {
    static LOCK: Lock<u32> = Lock::new(0);
    static EVENT: Event = Event::new();
    let others: Vec<_> = (0..10)
        .map(|_| {
            thread::spawn(|| {
                EVENT.wait();
                *LOCK.acquire() += 1;
                let _ = (get_ident(), get_native_id(), main_thread(), enumerate(), active_count());
                // Asking what a thread would inherit does not list the asking thread.
                assert!(Thread::builder().name("not started").build(|| ()).is_daemon());
            })
        })
        .collect();
    EVENT.set();
    others.into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(*LOCK.acquire(), 10);
    assert_eq!(active_count(), 1);
}

fn a_foreign_thread_that_panics_vanishes_too() {
    let panicked = thread::spawn(|| {
        assert!(enumerate().contains(&current_thread()));
        panic!("on purpose");
    });
    panicked.join().unwrap_err();
    assert_eq!(active_count(), 1);
}

fn a_foreign_thread_that_first_asks_at_its_end_is_not_left_behind() {
    let (tell, told) = channel();
    let other = thread::spawn(move || {
        // Made before the library's thread-local, so it is dropped after it.
        AT_THE_END.with(|it| {
            let tell = move |current| tell.send(current).unwrap();
            *it.borrow_mut() = Some(AsksAtTheEnd(Box::new(tell)));
        });
        current_thread()
    });
    let during = other.join().unwrap();
    let last = told.recv().unwrap();
    assert_eq!(last.ident(), during.ident(), "whatever its name is by then");
    assert!(last.is_daemon());
    assert_eq!(active_count(), 1);
}

fn a_thread_of_this_library_has_its_handle_to_the_end() {
    let (tell, told) = channel();
    let thread = Thread::new(move || {
        let tell = tell.clone();
        AT_THE_END.with(|it| {
            let tell = move |current| tell.send(current).unwrap();
            *it.borrow_mut() = Some(AsksAtTheEnd(Box::new(tell)));
        });
    });
    thread.start().unwrap();
    thread.join().unwrap();
    assert_eq!(told.recv().unwrap(), *thread.handle());
    assert_eq!(active_count(), 1);
}

#[test]
fn foreign_threads_are_listed_when_they_ask_for_their_handle_until_they_end() {
    assert_eq!(active_count(), 1, "the test's thread is not listed yet");
    a_foreign_thread_appears_and_vanishes();
    several_are_told_apart();
    locks_events_and_numbers_do_not_list_a_foreign_thread();
    a_foreign_thread_that_panics_vanishes_too();
    a_foreign_thread_that_first_asks_at_its_end_is_not_left_behind();
    a_thread_of_this_library_has_its_handle_to_the_end();
}
