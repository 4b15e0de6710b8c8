//! A panic of a thread is data, and does not affect other threads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind},
    sync::Arc,
};

use threadwork_core::{JoinError, Outcome, Panic, Runnable, Thread, ThreadState, enumerate};
use threadwork_sync::{Event, Lock};

use crate::support::{Gated, blocked, join, run};

#[track_caller]
fn panic_of<T: ?Sized>(thread: &Thread<T>) -> Panic {
    match run(thread) {
        Err(JoinError::Panicked(panic)) => panic,
        other => panic!("no panic but {other:?}"),
    }
}

#[test]
fn a_panic_is_caught_and_kept() {
    let thread = Thread::builder().name("parser").build(|| panic!("no number"));
    let panic = panic_of(&thread);
    assert_eq!(panic.message(), "no number");
    assert_eq!(panic.thread_name(), "parser");
    assert_eq!(panic.to_string(), "thread 'parser' panicked: no number");
    assert_eq!(format!("{panic:?}"), r#"Panic { thread: "parser", message: "no number", .. }"#);
    assert_eq!(thread.state(), ThreadState::Panicked);
    assert!(!thread.is_alive());
    assert!(!enumerate().contains(&thread));
    assert!(matches!(thread.outcome(), Some(Outcome::Panicked(it)) if it.message() == "no number"));
    assert_eq!(thread.join().unwrap_err().to_string(), panic.to_string());
}

#[test]
fn every_form_of_panic_has_its_message() {
    #[derive(Debug, PartialEq)]
    struct Code(u32);

    let said: [(Box<dyn Runnable>, &str); 4] = [
        (Box::new(|| panic!("a literal")), "a literal"),
        (Box::new(|| panic!("number {}", 7)), "number 7"),
        (Box::new(|| panic_any(String::from("a string"))), "a string"),
        (Box::new(|| panic_any(Code(7))), "a payload that is not a string"),
    ];
    for (runnable, message) in said {
        assert_eq!(panic_of(&Thread::new(runnable)).message(), message);
    }
}

#[test]
fn a_panic_without_the_panic_hook_is_kept_too() {
    let thread = Thread::new(|| resume_unwind(Box::new("quietly")));
    assert_eq!(panic_of(&thread).message(), "quietly");
}

#[test]
fn the_payload_can_be_taken_once_and_resumed() {
    #[derive(Debug, PartialEq)]
    struct Code(u32);

    let thread = Thread::new(|| panic_any(Code(7)));
    let panic = panic_of(&thread);
    let Err(JoinError::Panicked(same)) = thread.join() else { panic!("no panic") };
    let payload = panic.take_payload().expect("the payload was not taken");
    assert!(panic.take_payload().is_none());
    assert!(same.take_payload().is_none(), "all clones share the payload");
    assert_eq!(same.message(), "a payload that is not a string");
    let caught = catch_unwind(AssertUnwindSafe(|| resume_unwind(payload))).unwrap_err();
    assert_eq!(*caught.downcast::<Code>().unwrap(), Code(7));
}

#[test]
fn the_name_in_a_panic_is_the_one_at_its_time() {
    let thread = Thread::builder().name("before").build(|| {
        threadwork_core::current_thread().set_name("meanwhile").unwrap();
        panic!("on purpose");
    });
    let panic = panic_of(&thread);
    thread.set_name("after").unwrap();
    assert_eq!(panic.thread_name(), "meanwhile");
    assert_eq!(thread.name(), "after");
}

#[test]
fn locks_that_a_panicking_thread_holds_are_released() {
    static LOCK: Lock<u32> = Lock::new(0);
    let thread = Thread::new(|| {
        let mut value = LOCK.acquire();
        *value = 7;
        panic!("with the lock");
    });
    panic_of(&thread);
    assert!(!LOCK.is_locked());
    assert_eq!(*LOCK.acquire(), 7);
}

#[test]
fn other_threads_continue_when_one_panics() {
    let gated = Gated::started();
    let waits_for_it = {
        let panics = Thread::new(|| panic!("on purpose"));
        panics.start().unwrap();
        let handle = panics.handle().clone();
        Thread::new(move || assert!(matches!(join(&handle), Err(JoinError::Panicked(_)))))
    };
    run(&waits_for_it).unwrap();
    assert!(gated.is_alive());
    assert!(enumerate().contains(&gated));
    gated.end().unwrap();
}

struct PanicsWhenDropped {
    gate: Arc<Event>,
    panics_when_run: bool,
}

impl Runnable for PanicsWhenDropped {
    fn run(&mut self) {
        self.gate.wait();
        assert!(!self.panics_when_run, "while running");
    }
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("while being dropped");
    }
}

#[track_caller]
fn check_drop_after_owner(panics_when_run: bool, message: &str) {
    let gate = Arc::new(Event::new());
    let thread = Thread::new(PanicsWhenDropped { gate: Arc::clone(&gate), panics_when_run });
    let handle = thread.handle().clone();
    thread.start().unwrap();
    blocked(&handle);
    let joiner = {
        let handle = handle.clone();
        Thread::new(move || _ = handle.join())
    };
    joiner.start().unwrap();
    blocked(&joiner);
    drop(thread);
    gate.set();
    let Err(JoinError::Panicked(panic)) = join(&handle) else { panic!("no panic") };
    assert_eq!(panic.message(), message);
    join(&joiner).unwrap();
    assert!(!enumerate().contains(&handle));
}

#[test]
fn a_panic_in_the_drop_of_a_runnable_without_an_owner_is_the_threads() {
    check_drop_after_owner(false, "while being dropped");
}

#[test]
fn of_a_panic_in_the_run_and_one_in_the_drop_the_first_is_kept() {
    check_drop_after_owner(true, "while running");
}

#[test]
fn a_panic_in_the_drop_of_a_runnable_with_an_owner_is_the_owners() {
    let gate = Arc::new(Event::new());
    gate.set();
    let thread = Thread::new(PanicsWhenDropped { gate, panics_when_run: false });
    run(&thread).unwrap();
    let handle = thread.handle().clone();
    let caught = catch_unwind(AssertUnwindSafe(|| drop(thread))).unwrap_err();
    assert_eq!(*caught.downcast::<&str>().unwrap(), "while being dropped");
    assert_eq!(handle.state(), ThreadState::Finished);
}

#[test]
fn a_panic_in_a_name_reaches_the_builder_and_no_thread_is_made() {
    struct Nameless;
    impl Runnable for Nameless {
        fn name(&self) -> std::borrow::Cow<'_, str> {
            panic!("no name");
        }
    }

    catch_unwind(|| Thread::new(Nameless)).unwrap_err();
    run(&Thread::builder().name("named").build(Nameless)).unwrap();
}

#[test]
fn a_thread_can_catch_its_own_panic_and_finish() {
    let thread = Thread::new(|| {
        catch_unwind(|| panic!("caught")).unwrap_err();
    });
    run(&thread).unwrap();
    assert_eq!(thread.state(), ThreadState::Finished);
}
