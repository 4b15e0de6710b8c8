//! `MyThread`, which keeps the result of its function.

use std::{cell::Cell, sync::Arc, thread as std_thread, time::Duration};

use threadwork_core::{
    Call, JoinError, MyThread, ResultError, Thread, ThreadState, current_thread,
};
use threadwork_sync::{Event, Lock, StopSource, Wait, WaitKind};

use crate::support::{blocked, foreign, join, run};

/// A thread that waits for its gate, then returns `value`.
fn gated<T: Send + 'static>(
    gate: &Arc<Event>,
    value: T,
) -> MyThread<impl FnOnce() -> T + use<T>, T> {
    let gate = Arc::clone(gate);
    MyThread::new(move || {
        gate.wait();
        value
    })
}

#[test]
fn a_result_is_missing_then_available_then_taken() {
    let gate = Arc::new(Event::new());
    let mut thread = gated(&gate, 7);
    assert!(matches!(thread.get_result(), Err(ResultError::NotStarted)));
    assert!(matches!(thread.take_result(), Err(ResultError::NotStarted)));

    thread.start().unwrap();
    assert!(matches!(thread.get_result(), Err(ResultError::StillRunning)));
    blocked(&thread);
    assert!(matches!(thread.get_result(), Err(ResultError::StillRunning)));
    assert!(matches!(thread.take_result(), Err(ResultError::StillRunning)));

    gate.set();
    join(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &7);
    assert_eq!(thread.get_result().unwrap(), &7, "get_result does not take it");
    assert_eq!(thread.take_result().unwrap(), 7);
    assert!(matches!(thread.get_result(), Err(ResultError::Taken)));
    assert!(matches!(thread.take_result(), Err(ResultError::Taken)));
    assert!(matches!(thread.wait_result(), Err(ResultError::Taken)));
}

#[test]
fn instead_of_a_result_there_is_the_panic_with_its_message() {
    let mut thread = MyThread::new(|| -> u32 { panic!("no number in line {}", 7) });
    thread.set_name("parser").unwrap();
    assert!(matches!(run(&thread), Err(JoinError::Panicked(_))));
    let errors = [
        thread.get_result().unwrap_err(),
        thread.wait_result().unwrap_err(),
        thread.wait_result_timeout(Duration::MAX).unwrap_err(),
        thread.take_result().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            error.to_string(),
            "there is no result: thread 'parser' panicked: no number in line 7"
        );
        assert!(
            matches!(error, ResultError::Panicked(it) if it.message() == "no number in line 7")
        );
    }
}

#[test]
fn a_function_may_be_one_that_can_be_called_once() {
    let name = String::from("Guido");
    let mut thread = MyThread::new(move || name);
    run(&thread).unwrap();
    assert_eq!(thread.take_result().unwrap(), "Guido");
}

#[test]
fn captures_are_dropped_when_the_function_has_returned_or_panicked() {
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    let returns = MyThread::new(move || _ = Arc::strong_count(&inside));
    run(&returns).unwrap();
    assert_eq!(Arc::strong_count(&captured), 1);

    let inside = Arc::clone(&captured);
    let panics = MyThread::new(move || {
        let _inside = inside;
        panic!("on purpose");
    });
    run(&panics).unwrap_err();
    assert_eq!(Arc::strong_count(&captured), 1);
}

/// After `ThreadTests.test_no_refcycle_through_target`.
#[test]
fn arguments_are_dropped_when_the_function_has_returned() {
    let argument = Arc::new(7);
    let thread = MyThread::with_args(|it: Arc<u32>| *it, (Arc::clone(&argument),));
    assert_eq!(Arc::strong_count(&argument), 2);
    run(&thread).unwrap();
    assert_eq!(Arc::strong_count(&argument), 1);
    assert_eq!(thread.get_result().unwrap(), &7);
}

#[test]
fn a_result_need_be_neither_sync_nor_clone() {
    #[derive(Debug, PartialEq)]
    struct Unique(Cell<u32>);

    let mut thread = MyThread::new(|| Unique(Cell::new(6)));
    run(&thread).unwrap();
    assert_eq!(thread.take_result().unwrap(), Unique(Cell::new(6)));
    let thread = MyThread::spawn(|| Unique(Cell::new(7))).unwrap();
    assert_eq!(thread.into_result().unwrap(), Unique(Cell::new(7)));
}

#[test]
fn a_result_that_is_not_taken_is_dropped_with_the_thread() {
    let result = Arc::new(());
    let inside = Arc::clone(&result);
    let thread = MyThread::new(move || inside);
    run(&thread).unwrap();
    let handle = thread.handle().clone();
    assert_eq!(Arc::strong_count(&result), 2);
    drop(thread);
    assert_eq!(Arc::strong_count(&result), 1);
    assert_eq!(handle.state(), ThreadState::Finished);
}

#[test]
fn a_result_without_an_owner_is_dropped_at_the_end() {
    let (result, gate) = (Arc::new(()), Arc::new(Event::new()));
    let thread = gated(&gate, Arc::clone(&result));
    thread.start().unwrap();
    let handle = thread.handle().clone();
    blocked(&handle);
    drop(thread);
    assert_eq!(Arc::strong_count(&result), 2);
    gate.set();
    join(&handle).unwrap();
    assert_eq!(Arc::strong_count(&result), 1);
}

/// After `ThreadTests.test_args_argument`.
#[test]
#[rustfmt::skip]
fn a_function_takes_up_to_twelve_arguments() {
    macro_rules! check {
        ($sum:literal: $($number:literal $name:ident)*) => {
            let function = |$($name: u32),*| 0 $(+ $name)*;
            let thread = MyThread::with_args(function, ($($number,)*));
            run(&thread).unwrap();
            assert_eq!(thread.get_result().unwrap(), &$sum);
        };
    }
    check!(0:);
    check!(1: 1 a);
    check!(3: 1 a 2 b);
    check!(6: 1 a 2 b 3 c);
    check!(10: 1 a 2 b 3 c 4 d);
    check!(15: 1 a 2 b 3 c 4 d 5 e);
    check!(21: 1 a 2 b 3 c 4 d 5 e 6 f);
    check!(28: 1 a 2 b 3 c 4 d 5 e 6 f 7 g);
    check!(36: 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h);
    check!(45: 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i);
    check!(55: 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i 10 j);
    check!(66: 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i 10 j 11 k);
    check!(78: 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i 10 j 11 k 12 l);
}

#[test]
fn arguments_come_in_their_order_and_of_any_type() {
    fn join_up(text: String, number: u8, list: Vec<char>, flag: bool) -> String {
        format!("{text} {number} {list:?} {flag}")
    }
    let thread = MyThread::with_args(join_up, (String::from("it"), 7, vec!['a', 'b'], true));
    run(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), "it 7 ['a', 'b'] true");
    let method = MyThread::with_args(str::len, ("four",));
    run(&method).unwrap();
    assert_eq!(method.get_result().unwrap(), &4);
}

#[test]
fn a_wait_for_the_result_ends_when_it_is_available() {
    let gate = Arc::new(Event::new());
    let thread = gated(&gate, 7);
    thread.start().unwrap();
    std_thread::scope(|scope| {
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let (sender, receiver) = std::sync::mpsc::channel();
                let thread = &thread;
                let waiter = scope.spawn(move || {
                    sender.send(current_thread()).unwrap();
                    *thread.wait_result().unwrap()
                });
                blocked(&receiver.recv().unwrap());
                waiter
            })
            .collect();
        gate.set();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), 7);
        }
    });
    assert_eq!(thread.wait_result().unwrap(), &7);
}

#[test]
fn a_wait_for_the_result_can_have_a_deadline_or_a_stop() {
    let gate = Arc::new(Event::new());
    let stop = StopSource::new();
    let (at_once, or_stop) =
        (Wait::timeout(Duration::ZERO), Wait::forever().or_stop(&stop.token()));
    let thread = gated(&gate, 7);
    assert!(matches!(thread.wait_result(), Err(ResultError::NotStarted)));
    assert!(matches!(thread.wait_result_with(&or_stop), Err(ResultError::NotStarted)));
    thread.start().unwrap();
    assert!(matches!(thread.wait_result_timeout(Duration::ZERO), Err(ResultError::StillRunning)));
    assert!(matches!(thread.wait_result_with(&at_once), Err(ResultError::StillRunning)));
    stop.request_stop();
    assert!(matches!(thread.wait_result_with(&or_stop), Err(ResultError::WaitStopped)));
    gate.set();
    join(&thread).unwrap();
    assert_eq!(thread.wait_result_timeout(Duration::ZERO).unwrap(), &7);
    assert_eq!(thread.wait_result_with(&at_once).unwrap(), &7);
    assert_eq!(
        thread.wait_result_with(&or_stop).unwrap(),
        &7,
        "the result is available, so it does not wait"
    );
}

#[test]
fn a_thread_that_waits_for_its_own_result_gets_an_error() {
    type Inner = MyThread<fn() -> String, String>;
    static THREAD: Lock<Option<Arc<Inner>>> = Lock::new(None);

    let thread: Arc<Inner> = Arc::new(MyThread::new(|| {
        let thread = THREAD.acquire().clone().expect("set before the start");
        let error = thread.wait_result().unwrap_err();
        assert!(matches!(error, ResultError::CurrentThread));
        error.to_string()
    }));
    *THREAD.acquire() = Some(Arc::clone(&thread));
    run(&thread).unwrap();
    assert_eq!(
        thread.get_result().unwrap(),
        "a thread cannot wait for its own result; wait for it in another thread"
    );
}

#[test]
fn the_record_of_a_wait_for_a_result_has_the_thread_and_the_callers_line() {
    let gate = Arc::new(Event::new());
    let thread = Arc::new(gated(&gate, 7));
    thread.start().unwrap();
    let line = line!() + 2;
    let other = Arc::clone(&thread);
    let waiter = Thread::new(move || _ = other.wait_result());
    waiter.start().unwrap();
    let record = blocked(&waiter);
    assert_eq!((record.kind, record.holder), (WaitKind::Join, thread.ident()));
    assert_eq!((record.location.file(), record.location.line()), (file!(), line));
    gate.set();
    join(&waiter).unwrap();
}

#[test]
fn other_threads_can_read_a_result() {
    let thread = Arc::new(MyThread::with_args(|a: u32, b: u32| a + b, (1, 2)));
    run(&thread).unwrap();
    let other = Arc::clone(&thread);
    assert_eq!(foreign(move || *other.get_result().unwrap()), 3);
}

#[test]
fn a_built_thread_has_the_name_daemon_and_stop_of_its_builder() {
    let stop = StopSource::new();
    let thread = Thread::builder()
        .name("power")
        .daemon(false)
        .stack_size(1 << 20)
        .stop_token(&stop.token())
        .my_thread(u32::pow, (2, 10));
    assert_eq!(thread.name(), "power");
    assert!(!thread.is_daemon());
    stop.request_stop();
    assert!(thread.stop_requested());
    run(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &1024);
}

#[test]
fn a_call_is_made_once_and_keeps_its_result() {
    use threadwork_core::Runnable;

    let mut call = Call::with_args(u32::pow, (2, 10));
    assert_eq!(call.result(), None);
    assert_eq!(call.take_result(), None);
    assert_eq!(call.name(), "pow");
    assert_eq!(format!("{call:?}"), r#"Call { function: "pow", result: None }"#);
    call.run();
    assert_eq!(call.result(), Some(&1024));
    call.run();
    assert_eq!(call.result(), Some(&1024), "the function is not called twice");
    assert_eq!(format!("{call:?}"), r#"Call { function: "pow", result: Some(1024) }"#);
    assert_eq!(call.take_result(), Some(1024));
    assert_eq!(call.take_result(), None);
    call.run();
    assert_eq!(call.result(), None);
}

#[test]
fn debug_shows_a_thread() {
    let thread = Thread::builder().name("power").daemon(false).my_thread(u32::pow, (2, 10));
    let expected = r#"Thread { name: "power", state: New, ident: None, daemon: false }"#;
    assert_eq!(format!("{thread:?}"), expected);
}
