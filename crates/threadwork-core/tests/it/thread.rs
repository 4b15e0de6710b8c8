//! The states of a thread.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread as std_thread,
    time::Instant,
};

use threadwork_core::{Outcome, Runnable, Thread, ThreadState, current_thread};
use threadwork_sync::{Event, Lock, get_ident, get_native_id};

use crate::support::{Gated, blocked, eventually, foreign, join, run};

#[test]
fn a_thread_is_new_then_started_then_running_then_finished() {
    let gated = Gated::new();
    assert_eq!(gated.state(), ThreadState::New);
    assert!(!gated.is_alive());
    assert!(gated.outcome().is_none());

    gated.start().unwrap();
    assert!(gated.state() >= ThreadState::Started);
    assert!(gated.is_alive());
    blocked(&gated);
    assert_eq!(gated.state(), ThreadState::Running);
    assert!(gated.is_alive());
    assert!(gated.outcome().is_none());

    gated.open();
    join(&gated).unwrap();
    assert_eq!(gated.state(), ThreadState::Finished);
    assert!(!gated.is_alive());
    assert!(matches!(gated.outcome(), Some(Outcome::Finished)));
}

#[test]
fn states_follow_each_other() {
    use ThreadState::{Finished, New, Panicked, Running, Started};
    assert!([New, Started, Running, Finished, Panicked].is_sorted());
    assert_eq!(
        [New, Started, Running, Finished, Panicked].map(ThreadState::is_alive),
        [false, true, true, false, false]
    );
    assert_eq!(
        [New, Started, Running, Finished, Panicked].map(ThreadState::has_ended),
        [false, false, false, true, true]
    );
}

#[test]
fn a_thread_has_a_number_from_its_start_on_and_keeps_it() {
    let seen = Arc::new(Lock::new(None));
    let thread = Thread::new({
        let seen = Arc::clone(&seen);
        move || *seen.acquire() = Some(get_ident())
    });
    assert_eq!(thread.ident(), None);
    thread.start().unwrap();
    let ident = thread.ident();
    assert!(ident.is_some());
    join(&thread).unwrap();
    assert_eq!(thread.ident(), ident);
    assert_eq!(*seen.acquire(), ident);
}

#[test]
fn numbers_are_never_reused() {
    let mut idents: Vec<_> = (0..20)
        .map(|_| {
            let thread = Thread::new(|| ());
            run(&thread).unwrap();
            thread.ident().unwrap()
        })
        .collect();
    assert!(idents.is_sorted());
    idents.dedup();
    assert_eq!(idents.len(), 20);
}

#[test]
fn a_thread_has_a_native_id_once_it_runs() {
    let gated = Gated::new();
    assert_eq!(gated.native_id(), None);
    gated.start().unwrap();
    blocked(&gated);
    let native_id = gated.native_id();
    assert_eq!(native_id.is_some(), get_native_id().is_some());
    assert!(native_id.is_none() || native_id != get_native_id());
    gated.open();
    join(&gated).unwrap();
    assert_eq!(gated.native_id(), native_id);
}

#[test]
fn a_thread_sees_its_own_native_id_at_once() {
    let thread = Thread::new(|| assert_eq!(current_thread().native_id(), get_native_id()));
    run(&thread).unwrap();
}

/// After `ThreadTests.test_various_ops`.
#[test]
fn many_threads_do_their_work_and_end() {
    static RUNNING: Lock<u32> = Lock::new(0);
    static DONE: AtomicU32 = AtomicU32::new(0);
    let threads: Vec<Thread> = (0..10)
        .map(|number| {
            let task = || {
                *RUNNING.acquire() += 1;
                std_thread::yield_now();
                *RUNNING.acquire() -= 1;
                DONE.fetch_add(1, Ordering::Relaxed);
            };
            Thread::builder().name(format!("task {number}")).build(task).into()
        })
        .collect();
    for thread in &threads {
        assert_eq!(thread.ident(), None);
        thread.start().unwrap();
    }
    for thread in &threads {
        join(thread).unwrap();
        assert!(!thread.is_alive());
        assert!(thread.ident().is_some());
    }
    assert_eq!(*RUNNING.acquire(), 0);
    assert_eq!(DONE.load(Ordering::Relaxed), 10);
}

/// After `ThreadTests.test_various_ops_small_stack` and `test_various_ops_large_stack`.
#[test]
fn a_thread_runs_on_a_small_and_on_a_large_stack() {
    for stack_size in [0, 32 * 1024, 256 * 1024, 1 << 20, 64 << 20, 65537] {
        let thread =
            Thread::builder().stack_size(stack_size).build(|| assert!(get_ident().get() > 1));
        run(&thread).unwrap();
    }
}

#[test]
fn a_large_stack_has_the_requested_size() {
    fn descend(depth: u32) -> u32 {
        let room = std::hint::black_box([depth; 1024]);
        if depth == 0 { room[0] } else { descend(depth - 1) + u32::from(room[1023] == depth) }
    }
    // At least four kilobytes per level: 16 megabytes, where the default of std is two.
    let thread = Thread::builder()
        .stack_size(64 << 20)
        .build(|| assert_eq!(std::hint::black_box(descend(4096)), 4096));
    run(&thread).unwrap();
}

#[test]
fn what_was_done_before_the_start_is_seen_by_the_thread() {
    static VALUE: AtomicU32 = AtomicU32::new(0);
    let thread = Thread::new(|| assert_eq!(VALUE.load(Ordering::Relaxed), 7));
    VALUE.store(7, Ordering::Relaxed);
    run(&thread).unwrap();
}

#[test]
fn a_thread_that_sees_the_end_of_another_sees_what_it_did() {
    static VALUE: AtomicU32 = AtomicU32::new(0);
    let thread = Thread::new(|| VALUE.store(7, Ordering::Relaxed));
    thread.start().unwrap();
    eventually("the thread does not end", || (!thread.is_alive()).then_some(()));
    assert_eq!(VALUE.load(Ordering::Relaxed), 7);
    assert!(thread.outcome().is_some(), "the outcome is available at the end");
    assert!(thread.runnable().is_some(), "the runnable is available at the end");
    join(&thread).unwrap();
}

#[test]
fn a_thread_can_be_started_and_joined_by_other_threads_than_its_maker() {
    let thread = Arc::new(Thread::new(|| ()));
    let starter = Arc::clone(&thread);
    foreign(move || starter.start().unwrap());
    let joiner = Arc::clone(&thread);
    foreign(move || join(&joiner).unwrap());
    assert_eq!(thread.state(), ThreadState::Finished);
}

#[test]
fn a_thread_can_start_and_join_threads() {
    static DEPTH: AtomicU32 = AtomicU32::new(0);
    fn nest(levels: u32) {
        DEPTH.fetch_add(1, Ordering::Relaxed);
        if levels > 0 {
            run(&Thread::with_args(nest, (levels - 1,))).unwrap();
        }
    }
    run(&Thread::with_args(nest, (10,))).unwrap();
    assert_eq!(DEPTH.load(Ordering::Relaxed), 11);
}

/// After `ThreadTests.test_leak_without_join`.
#[test]
fn a_thread_that_is_not_joined_ends_too() {
    let ended = Arc::new(Event::new());
    let handle = {
        let ended = Arc::clone(&ended);
        let thread = Thread::new(move || ended.set());
        thread.start().unwrap();
        thread.handle().clone()
    };
    assert!(ended.wait_timeout(crate::support::PATIENCE).is_ok());
    eventually("the thread does not end", || handle.state().has_ended().then_some(()));
    join(&handle).unwrap();
}

#[test]
fn a_thread_whose_owner_was_dropped_can_be_joined_by_its_handle() {
    let handle = {
        let gated = Gated::started();
        gated.handle().clone()
    };
    join(&handle).unwrap();
    assert_eq!(handle.state(), ThreadState::Finished);
}

#[test]
fn a_thread_with_an_erased_runnable_is_the_same_thread() {
    let thread = Thread::new(|| ());
    let handle = thread.handle().clone();
    let erased: Thread = thread.erase();
    assert_eq!(*erased.handle(), handle);
    run(&erased).unwrap();
    assert_eq!(handle.state(), ThreadState::Finished);
}

#[test]
fn the_runnable_of_a_running_thread_can_be_erased() {
    let gate = Arc::new(Event::new());
    let waiting = Arc::clone(&gate);
    let thread = Thread::new(move || waiting.wait());
    thread.start().unwrap();
    blocked(&thread);
    let mut erased = thread.erase();
    assert!(erased.is_alive());
    gate.set();
    join(&erased).unwrap();
    assert!(erased.runnable_mut().is_some());
}

#[test]
fn threads_with_different_runnables_fit_in_one_list() {
    struct Nothing;
    impl Runnable for Nothing {}

    let threads: Vec<Thread> = vec![
        Nothing.into(),
        (|| ()).into(),
        Thread::with_args(u32::pow, (2, 3)).into(),
        Thread::builder().name("built").build(Nothing).into(),
        threadwork_core::MyThread::new(|| 7).into(),
        (Box::new(Nothing) as Box<dyn Runnable>).into(),
    ];
    threads.iter().for_each(|it| it.start().unwrap());
    threads.iter().for_each(|it| join(it).unwrap());
    assert!(threads.iter().all(|it| it.state() == ThreadState::Finished));
}

/// After `ThreadTests.test_repr_daemon` and `test_repr_stopped`.
#[test]
fn debug_shows_name_state_number_and_daemon() {
    let gated = Gated::new();
    gated.set_name("loop").unwrap();
    gated.set_daemon(true).unwrap();
    let expect = |state: &str, ident: &str| {
        format!(r#"Thread {{ name: "loop", state: {state}, ident: {ident}, daemon: true }}"#)
    };
    assert_eq!(format!("{:?}", **gated), expect("New", "None"));
    gated.start().unwrap();
    blocked(&gated);
    let ident = format!("Some({})", gated.ident().unwrap());
    assert_eq!(format!("{:?}", **gated), expect("Running", &ident));
    assert_eq!(format!("{:?}", gated.handle()), expect("Running", &ident));
    gated.open();
    join(&gated).unwrap();
    assert_eq!(format!("{:?}", **gated), expect("Finished", &ident));
}

#[test]
fn the_start_time_is_that_of_the_successful_start() {
    let thread = Thread::builder().stack_size(usize::MAX / 4).build(|| ());
    assert_eq!(thread.running_since(), None);
    thread.start().unwrap_err();
    assert_eq!(thread.running_since(), None);

    let before = Instant::now();
    let gated = Gated::started();
    let after = Instant::now();
    blocked(&gated);
    assert!((before..=after).contains(&gated.running_since().unwrap()));
    let since = gated.running_since();
    gated.end().unwrap();
    assert!((before..=after).contains(&since.unwrap()));
}
