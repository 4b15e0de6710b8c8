//! Threads are counted exactly. This is one test in its own process.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use threadwork_core::{
    StartError, Thread, active_count, current_thread, enumerate, internal, main_thread,
};
use threadwork_sync::Event;

#[track_caller]
fn check(count: usize) {
    assert_eq!(active_count(), count);
    assert_eq!(enumerate().len(), count);
}

fn gated(gate: &Arc<Event>) -> Thread {
    let gate = Arc::clone(gate);
    Thread::new(move || gate.wait()).into()
}

/// The library's own threads: one from a builder, and one that no builder made and in which code of users asks for its own handle.
fn check_own_threads() {
    let gate = Arc::new(Event::new());
    let built = Arc::clone(&gate);
    let built = internal::helper("threadwork-built").build(move || built.wait());
    built.start().unwrap();
    let (tell, handle) = mpsc::channel();
    let other = Arc::clone(&gate);
    let run = move || {
        tell.send(current_thread()).unwrap();
        other.wait();
    };
    internal::start_helper("threadwork-other", run).unwrap();
    let other = handle.recv().unwrap();
    check(1);
    assert_eq!(enumerate(), [main_thread()]);
    assert_eq!(internal::everyone().len(), 3);
    for (own, name) in [(built.handle(), "threadwork-built"), (&other, "threadwork-other")] {
        assert!(internal::everyone().contains(own) && internal::is_helper(own));
        assert!(own.name() == name && own.is_daemon(), "{own:?}");
    }
    let idents = || internal::helpers().iter().map(|it| it.ident).collect::<Vec<_>>();
    assert_eq!(idents(), [other.ident().unwrap()]);
    assert!(other.join().is_err(), "it is no thread of the program");
    gate.set();
    built.join().unwrap();
    while other.is_alive() || !idents().is_empty() {
        std::thread::yield_now();
    }
    check(1);
}

/// After `ThreadTests.test_enumerate_after_join`, `test_limbo_cleanup` and `test_various_ops`.
///
/// After `ThreadRunningTests.test__count`.
#[test]
fn a_thread_counts_from_its_start_until_a_join_returns() {
    check(1);
    assert_eq!(enumerate(), [main_thread()]);

    let gate = Arc::new(Event::new());
    let threads: Vec<_> = (0..10).map(|_| gated(&gate)).collect();
    check(1);
    for (started, thread) in threads.iter().enumerate() {
        thread.start().unwrap();
        check(started + 2);
        assert!(matches!(thread.start(), Err(StartError::AlreadyStarted)));
        check(started + 2);
        assert!(thread.join_timeout(Duration::ZERO).is_err());
        check(started + 2);
    }
    gate.set();
    for (ended, thread) in threads.iter().enumerate() {
        thread.join().unwrap();
        assert!(active_count() <= 10 - ended);
        assert!(!enumerate().contains(thread));
    }
    check(1);

    // A refused start, a panic and a dropped owner leave nothing behind.
    for thread in [
        Thread::builder().stack_size(usize::MAX >> 4).build(|| ()).erase(),
        Thread::builder().stack_size(1).build(|| ()).erase(),
        Thread::builder().name("\0").build(|| ()).erase(),
    ] {
        thread.start().unwrap_err();
        check(1);
    }
    let panics = Thread::new(|| panic!("on purpose"));
    panics.start().unwrap();
    panics.join().unwrap_err();
    check(1);
    let owned = Thread::new(|| ());
    owned.start().unwrap();
    let handle = owned.handle().clone();
    drop(owned);
    handle.join().unwrap();
    check(1);

    check_own_threads();

    // The thread of this test is a foreign one.
    let current = current_thread();
    check(2);
    assert_eq!(enumerate(), [main_thread(), current]);
}
