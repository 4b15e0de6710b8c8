//! The list of threads, the current thread, and the main thread.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use threadwork_core::{
    MyThread, Runnable, Thread, ThreadHandle, ThreadState, current_thread, enumerate, main_thread,
};
use threadwork_sync::{Lock, get_ident};

use crate::support::{Gated, blocked, foreign, join, run};

#[test]
fn a_thread_is_listed_from_its_start_to_its_end() {
    let gated = Gated::new();
    assert!(!enumerate().contains(&gated));
    gated.start().unwrap();
    assert!(enumerate().contains(&gated), "it is listed when start returns");
    blocked(&gated);
    assert!(enumerate().contains(&gated));
    gated.open();
    join(&gated).unwrap();
    assert!(!enumerate().contains(&gated));
}

#[test]
fn a_thread_is_listed_while_it_runs_even_before_start_returns() {
    let thread = MyThread::new(|| enumerate().contains(&current_thread()));
    run(&thread).unwrap();
    assert!(thread.get_result().unwrap());
}

#[test]
fn a_thread_that_is_not_started_is_not_listed() {
    let names: Vec<_> = enumerate().iter().map(ThreadHandle::name).collect();
    let thread = Thread::builder().name("never started, not listed").build(|| ());
    assert!(!names.contains(&thread.name()));
    assert!(!enumerate().contains(&thread));
}

#[test]
fn the_list_is_in_order_of_numbers_with_the_main_thread_first() {
    let gated: Vec<_> = (0..5).map(|_| Gated::started()).collect();
    let threads = enumerate();
    assert_eq!(threads[0], main_thread());
    assert!(threads.is_sorted_by_key(ThreadHandle::ident));
    assert!(gated.iter().all(|it| threads.contains(it)));
    gated.into_iter().for_each(|it| it.end().unwrap());
}

#[test]
fn only_threads_that_were_alive_are_listed() {
    let gated = Gated::started();
    for thread in enumerate() {
        assert!(thread.ident().is_some());
        assert_ne!(thread.state(), ThreadState::New, "{thread:?} is listed only after its start");
    }
    gated.end().unwrap();
}

/// After `ThreadTests.test_main_thread`.
#[test]
fn all_threads_see_the_same_main_thread() {
    let main = main_thread();
    assert_eq!(main.name(), "MainThread");
    assert!(!main.is_daemon());
    assert!(main.is_alive());
    assert_eq!(main.state(), ThreadState::Running);
    assert_eq!(main.ident().map(u64::from), Some(1));
    let thread = MyThread::new(main_thread);
    run(&thread).unwrap();
    assert_eq!(*thread.get_result().unwrap(), main);
    assert_eq!(foreign(main_thread), main);
    assert_ne!(foreign(current_thread), main);
}

#[test]
fn the_current_thread_is_the_one_that_asks() {
    let thread = MyThread::new(|| (current_thread(), current_thread(), get_ident()));
    run(&thread).unwrap();
    let (first, second, ident) = thread.get_result().unwrap();
    assert_eq!(first, second);
    assert_eq!(first, thread.handle());
    assert_eq!(first.ident(), Some(*ident));
    assert_eq!(current_thread(), current_thread());
    assert_ne!(current_thread(), *first);
}

#[test]
#[expect(clippy::mutable_key_type, reason = "equality and hash of a handle do not change")]
fn handles_are_equal_if_they_are_of_the_same_thread() {
    let [one, other] = [(); 2].map(|()| Thread::builder().name("twin").build(|| ()));
    assert_eq!(one.handle(), &one.handle().clone());
    assert_ne!(one.handle(), other.handle());

    let hasher = RandomState::new();
    assert_eq!(hasher.hash_one(one.handle()), hasher.hash_one(one.handle().clone()));
    let handles: HashSet<ThreadHandle> =
        [&one, &other, &one].into_iter().map(|it| it.handle().clone()).collect();
    assert_eq!(handles.len(), 2);
    assert!(handles.contains(&one as &ThreadHandle));

    let before = hasher.hash_one(one.handle());
    run(&one).unwrap();
    one.set_name("changed").unwrap();
    assert_eq!(hasher.hash_one(one.handle()), before, "the hash of a handle does not change");
    let erased = other.handle().clone();
    assert_eq!(*other.erase().handle(), erased);
}

/// Whether a thread that the current one builds is a daemon by default.
fn inherited() -> bool {
    let thread = Thread::new(|| ());
    let built = Thread::builder().name("built").build(|| ());
    let my_thread = MyThread::new(|| ());
    let replicas = Thread::replicate(&(|| ()), 2);
    let daemon = thread.is_daemon();
    assert_eq!(built.is_daemon(), daemon);
    assert_eq!(my_thread.is_daemon(), daemon);
    assert!(replicas.iter().all(|it| it.is_daemon() == daemon));
    daemon
}

/// After `ThreadTests.test_daemon_param`.
#[test]
fn a_thread_is_a_daemon_if_its_builder_is() {
    for daemon in [true, false] {
        let thread = Thread::builder().daemon(daemon).my_thread(inherited, ());
        assert_eq!(thread.is_daemon(), daemon);
        run(&thread).unwrap();
        assert_eq!(*thread.get_result().unwrap(), daemon);
    }
}

#[test]
fn threads_of_foreign_threads_are_daemons_whether_or_not_those_are_listed() {
    assert!(foreign(inherited));
    assert!(foreign(|| current_thread().is_daemon() && inherited()));
}

#[test]
fn a_given_daemon_overrides_the_inherited_one() {
    for daemon in [true, false] {
        let thread = Thread::builder().daemon(daemon).my_thread(
            move || {
                let thread = Thread::builder().daemon(!daemon).build(|| ());
                let before = thread.is_daemon();
                thread.set_daemon(daemon).unwrap();
                (before, thread.is_daemon())
            },
            (),
        );
        run(&thread).unwrap();
        assert_eq!(*thread.get_result().unwrap(), (!daemon, daemon));
    }
}

#[test]
fn daemon_is_inherited_from_the_builder_and_not_from_the_starter() {
    let thread = Arc::new(Thread::builder().daemon(false).build(|| ()));
    let inside = Arc::clone(&thread);
    let daemon = Thread::builder().daemon(true).build(move || inside.start().unwrap());
    run(&daemon).unwrap();
    join(&thread).unwrap();
    assert!(!thread.is_daemon());
}

#[test]
fn no_lock_is_held_while_a_runnable_is_cloned_named_run_or_dropped() {
    /// A runnable that lists the threads in each of its methods.
    struct Curious;
    impl Clone for Curious {
        fn clone(&self) -> Curious {
            assert!(!enumerate().is_empty());
            Curious
        }
    }
    impl Runnable for Curious {
        fn run(&mut self) {
            assert!(enumerate().contains(&current_thread()));
        }
        fn name(&self) -> std::borrow::Cow<'_, str> {
            enumerate().len().to_string().into()
        }
    }
    impl Drop for Curious {
        fn drop(&mut self) {
            assert!(!enumerate().is_empty());
        }
    }

    for thread in Thread::replicate(&Curious, 2) {
        run(&thread).unwrap();
    }
    let abandoned = Thread::new(Curious);
    let handle = abandoned.handle().clone();
    abandoned.start().unwrap();
    drop(abandoned);
    join(&handle).unwrap();
}

#[test]
fn names_and_states_can_be_read_while_threads_come_and_go() {
    static ENOUGH: Lock<bool> = Lock::new(false);
    let reader = Thread::new(|| {
        while !*ENOUGH.acquire() {
            for thread in enumerate() {
                let _ = (thread.name(), thread.state(), thread.ident(), format!("{thread:?}"));
            }
        }
    });
    reader.start().unwrap();
    for _ in 0..200 {
        run(&Thread::new(|| ())).unwrap();
    }
    *ENOUGH.acquire() = true;
    join(&reader).unwrap();
}

#[cfg(all(target_os = "linux", not(threadwork_portable)))]
#[test]
fn every_thread_sees_the_native_id_of_the_main_thread() {
    assert_eq!(main_thread().native_id(), Some(std::process::id().into()));
}
