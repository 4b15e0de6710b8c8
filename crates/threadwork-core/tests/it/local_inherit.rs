//! Values that a thread inherits from its starter.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use threadwork_core::{JoinError, Local, MyThread, Thread, ThreadState};

use crate::{
    local::message_of,
    support::{ABSURD_STACK_SIZE, foreign, join, run},
};

/// Runs `f` in a thread that the current one starts, and returns its result.
#[track_caller]
fn child<R: Send + Sync + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let mut thread = MyThread::new(f);
    thread.start().unwrap();
    join(&thread).unwrap();
    thread.take_result().unwrap()
}

#[test]
fn a_thread_inherits_a_value_computed_from_its_starters() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    static DEPTH: Local<Cell<u32>> = Local::inheritable(
        || Cell::new(100 * MADE.fetch_add(1, Ordering::SeqCst)),
        |parent| Cell::new(parent.get() + 1),
    );
    static OTHER: Local<Cell<u32>> = Local::new(|| Cell::new(0));
    DEPTH.set(10);
    OTHER.set(10);
    let generations = child(|| {
        let here = (DEPTH.get(), OTHER.get());
        OTHER.set(20);
        (here, child(|| (DEPTH.get(), OTHER.get())))
    });
    assert_eq!(generations, ((11, 0), (12, 0)));
    assert_eq!((DEPTH.get(), MADE.load(Ordering::SeqCst)), (10, 0));
    // The value is computed at the start.
    let thread = MyThread::new(|| DEPTH.get());
    DEPTH.set(30);
    thread.start().unwrap();
    DEPTH.set(40);
    assert_eq!(thread.wait_result().unwrap(), &31);
}

#[test]
fn without_a_value_none_is_passed_on() {
    static LOCAL: Local<Cell<u32>> =
        Local::inheritable(|| Cell::new(1), |_| panic!("there is no value"));
    assert_eq!(child(|| LOCAL.replace(2)), 1);
    LOCAL.set(3);
    LOCAL.remove();
    assert_eq!(child(|| LOCAL.replace(2)), 1);
    Local::inheritable(|| 1, |_| panic!("the object is gone")).with(|_| ());
    assert_eq!(child(|| LOCAL.replace(2)), 1);
}

#[test]
fn foreign_threads_pass_values_on_and_get_none() {
    static LOCAL: Local<Cell<u32>> =
        Local::inheritable(|| Cell::new(1), |parent| Cell::new(parent.get() + 1));
    LOCAL.set(5);
    let there = foreign(|| {
        let here = LOCAL.get();
        LOCAL.set(7);
        (here, child(|| LOCAL.get()))
    });
    assert_eq!(there, (1, 8));
}

#[test]
fn several_values_are_passed_on_the_oldest_first() {
    static ORDER: Local<Cell<u32>> = Local::new(|| Cell::new(0));
    fn next(_: &u32) -> u32 {
        ORDER.replace(ORDER.get() + 1)
    }
    // The order of the places differs from the order in which the values are made.
    let locals: Arc<Vec<_>> = Arc::new((0..30).map(|_| Local::inheritable(|| 99, next)).collect());
    locals.iter().for_each(|it| it.with(|_| ()));
    locals.iter().rev().for_each(|it| _ = it.remove());
    locals.iter().rev().for_each(|it| it.with(|_| ()));
    let there = Arc::clone(&locals);
    let seen = child(move || there.iter().map(|it| it.with(|it| *it)).collect::<Vec<_>>());
    assert_eq!(seen, (0..30).rev().collect::<Vec<_>>());
}

#[test]
fn a_panic_of_the_function_leaves_the_start_and_the_thread_can_be_started_again() {
    static PANICS: Local<Cell<bool>> = Local::inheritable(
        || Cell::new(false),
        |parent| {
            assert!(!parent.get(), "no heir");
            Cell::new(true)
        },
    );
    PANICS.set(true);
    let thread = Thread::new(|| assert!(PANICS.get(), "the thread has inherited the value"));
    assert_eq!(message_of(|| _ = thread.start()), "no heir");
    assert_eq!((thread.state(), thread.ident()), (ThreadState::New, None));
    assert!(matches!(thread.join(), Err(JoinError::NotStarted)));
    assert!(PANICS.get(), "the starter's value is unchanged");
    PANICS.set(false);
    run(&thread).unwrap();
}

#[test]
fn the_function_may_use_the_object_and_start_threads() {
    static LOCAL: Local<Cell<u32>> = Local::inheritable(
        || Cell::new(1),
        |parent| {
            // The thread that is started here would inherit too, and so on without end.
            assert!(LOCAL.remove());
            let there = child(|| LOCAL.get());
            LOCAL.set(50);
            Cell::new(parent.get() + there + LOCAL.get())
        },
    );
    LOCAL.set(5);
    assert_eq!(child(|| LOCAL.get()), 56);
    assert_eq!(LOCAL.get(), 50);
}

#[test]
fn the_values_for_a_refused_thread_are_dropped() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    struct Counted;
    impl Counted {
        fn new() -> Counted {
            ALIVE.fetch_add(1, Ordering::SeqCst);
            Counted
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let local = Local::inheritable(Counted::new, |_| Counted::new());
    local.with(|_| ());
    let thread = Thread::builder().stack_size(ABSURD_STACK_SIZE).build(|| ());
    thread.start().unwrap_err();
    assert_eq!((ALIVE.load(Ordering::SeqCst), local.len()), (1, 1));
    // An inherited value is dropped when its thread ends.
    run(&Thread::new(|| assert_eq!(ALIVE.load(Ordering::SeqCst), 2))).unwrap();
    assert_eq!((ALIVE.load(Ordering::SeqCst), local.len()), (1, 1));
}
