//! Contexts: values that threads inherit instead of those of their starters. Their dispatchers are in
//! `tests/dispatcher.rs`, and their spans in the tests of `threadwork-diagnostics`.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use threadwork_core::{
    Builder, Context, Local, MyThread, Thread, ThreadGroup, ThreadState, copy_context, scope,
};
use threadwork_sync::Barrier;
use threadwork_test_support::patience::until;

use crate::{
    local::message_of,
    support::{ABSURD_STACK_SIZE, foreign, in_time, join, run},
};

fn with(context: &Context) -> Builder {
    Thread::builder().context(context)
}

#[track_caller]
fn value_with(context: &Context, local: &'static Local<Cell<u32>>) -> u32 {
    let thread = with(context).build_my_thread(|| local.get());
    thread.start().unwrap();
    join(&thread).unwrap();
    thread.into_result().unwrap()
}

#[test]
fn threads_inherit_from_their_context_whoever_starts_them() {
    static DEPTH: Local<Cell<u32>> =
        Local::inheritable(|| Cell::new(0), |parent| Cell::new(parent.get() + 1));
    DEPTH.set(10);
    let context = copy_context();
    DEPTH.set(20);
    assert_eq!(value_with(&context, &DEPTH), 12);
    assert_eq!(value_with(&context.clone(), &DEPTH), 12, "it stays as it was made");
    assert_eq!(value_with(&Context::new(), &DEPTH), 0);
    assert_eq!(foreign(move || value_with(&context, &DEPTH)), 12);
    assert_eq!(DEPTH.get(), 20);
}

#[test]
fn a_context_has_only_the_values_that_its_maker_had() {
    static LOCAL: Local<Cell<u32>> = Local::inheritable(|| Cell::new(1), Cell::clone);
    static NOT_INHERITED: Local<Cell<u32>> = Local::new(|| Cell::new(1));
    let before = copy_context();
    LOCAL.set(2);
    NOT_INHERITED.set(2);
    let after = copy_context();
    assert_eq!((value_with(&before, &LOCAL), value_with(&after, &LOCAL)), (1, 2));
    assert_eq!(value_with(&after, &NOT_INHERITED), 1);
    assert_eq!(format!("{before:?}"), "Context { n_values: 0, is_traced: false }");
    assert_eq!(format!("{after:?}"), "Context { n_values: 1, is_traced: false }");
}

#[test]
fn what_is_below_a_thread_inherits_from_that_thread() {
    static DEPTH: Local<Cell<u32>> =
        Local::inheritable(|| Cell::new(0), |parent| Cell::new(parent.get() + 1));
    DEPTH.set(10);
    let thread = with(&copy_context()).build_my_thread(|| {
        let below = MyThread::spawn(|| DEPTH.get()).unwrap();
        (below.into_result().unwrap(), value_with(&copy_context(), &DEPTH))
    });
    thread.start().unwrap();
    assert_eq!(thread.into_result().unwrap(), (13, 14));
}

#[test]
fn the_context_says_nothing_about_group_daemon_and_stop() {
    let group = ThreadGroup::new("family");
    let thread = group.builder().daemon(true).build_my_thread(|| {
        let thread = with(&Context::new()).build(|| ());
        (thread.group(), thread.is_daemon())
    });
    thread.start().unwrap();
    assert_eq!(thread.into_result().unwrap(), (Some(group), true));
}

#[test]
fn timers_and_scopes_take_a_context() {
    static LOCAL: Local<Cell<u32>> = Local::inheritable(|| Cell::new(1), Cell::clone);
    static FROM_TIMER: AtomicU32 = AtomicU32::new(0);
    LOCAL.set(7);
    let context = copy_context();
    LOCAL.set(8);
    let timer = with(&context).timer(Duration::ZERO, || {
        FROM_TIMER.store(LOCAL.get(), Ordering::Relaxed);
    });
    timer.start().unwrap();
    join(&timer).unwrap();
    assert_eq!(FROM_TIMER.load(Ordering::Relaxed), 7);
    let in_scope = scope(|scope| {
        scope.call_as(with(&context), || LOCAL.get()).unwrap().into_result().unwrap()
    });
    assert_eq!(in_scope, 7);
}

#[test]
fn threads_that_start_at_once_with_one_context_have_values_of_their_own() {
    static LOCAL: Local<Cell<u32>> = Local::inheritable(|| Cell::new(0), Cell::clone);
    static MEET: Barrier = Barrier::new(4);
    LOCAL.set(5);
    let context = copy_context();
    let starters = [(); 4].map(|()| {
        let context = context.clone();
        MyThread::new(move || {
            MEET.wait().unwrap();
            with(&context).spawn_my_thread(|| LOCAL.replace(6)).unwrap().into_result().unwrap()
        })
    });
    starters.iter().for_each(|it| it.start().unwrap());
    for starter in &starters {
        join(starter).unwrap();
        assert_eq!(starter.get_result().unwrap(), &5);
    }
}

#[test]
fn the_function_of_a_local_may_start_a_thread_with_the_same_context() {
    static CONTEXT: Local<Cell<Option<Context>>> = Local::new(|| Cell::new(None));
    static DEPTH: Local<Cell<u32>> = Local::inheritable(
        || Cell::new(0),
        |parent| {
            if let Some(context) = CONTEXT.take() {
                with(&context).spawn(|| ()).unwrap().join().unwrap();
            }
            parent.clone()
        },
    );
    in_time(|| {
        DEPTH.set(3);
        let context = copy_context();
        CONTEXT.set(Some(context.clone()));
        assert_eq!(value_with(&context, &DEPTH), 3);
    });
}

#[test]
fn a_panic_of_the_function_leaves_the_copy_or_the_start() {
    static PANICS: Local<Cell<u32>> = Local::inheritable(
        || Cell::new(0),
        |parent| {
            assert!(parent.get() > 0, "no heir");
            Cell::new(parent.get() - 1)
        },
    );
    PANICS.set(0);
    assert_eq!(message_of(|| _ = copy_context()), "no heir");
    PANICS.set(1);
    let context = copy_context();
    let thread = with(&context).build(|| ());
    assert_eq!(message_of(|| _ = thread.start()), "no heir");
    assert_eq!(thread.state(), ThreadState::New);
    PANICS.set(2);
    assert_eq!(value_with(&copy_context(), &PANICS), 0);
}

#[test]
fn the_values_of_a_context_are_dropped_with_it() {
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
    let context = copy_context();
    let refused = with(&context).stack_size(ABSURD_STACK_SIZE).build(|| ());
    refused.start().unwrap_err();
    drop(refused);
    assert_eq!(ALIVE.load(Ordering::SeqCst), 2, "one here, one in the context");
    let thread = with(&context).build(|| assert_eq!(ALIVE.load(Ordering::SeqCst), 3));
    run(&thread).unwrap();
    drop(context);
    assert_eq!(ALIVE.load(Ordering::SeqCst), 2, "the thread object still has the context");
    drop(thread);
    // The thread may still be on its way out, with a handle of its own.
    let falls_to = |n| until("values are left", || ALIVE.load(Ordering::SeqCst) == n);
    falls_to(1);
    let context = copy_context();
    drop(local);
    assert_eq!(ALIVE.load(Ordering::SeqCst), 1);
    run(&with(&context).build(|| ())).unwrap();
    drop(context);
    falls_to(0);
}
