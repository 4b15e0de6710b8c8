//! A runnable is dropped once, by its last owner.

use std::{
    mem,
    sync::{Arc, atomic::Ordering},
};

use threadwork_core::{MyThread, StartError, Thread};
use threadwork_sync::Event;

use crate::support::{ABSURD_STACK_SIZE, Drops, blocked, join, run};

#[test]
fn a_runnable_that_is_never_started_is_dropped_with_its_thread() {
    let drops = Drops::default();
    let thread = Thread::new(drops.runnable(|| ()));
    let handle = thread.handle().clone();
    assert_eq!(drops.count(), 0);
    drop(thread);
    assert_eq!(drops.count(), 1);
    drop(handle);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_runnable_is_kept_after_the_end_until_its_thread_is_dropped() {
    let drops = Drops::default();
    let thread = Thread::new(drops.runnable(|| ()));
    run(&thread).unwrap();
    assert_eq!(drops.count(), 0);
    drop(thread);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_runnable_whose_thread_was_dropped_meanwhile_is_dropped_at_the_end() {
    let (drops, gate) = (Drops::default(), Arc::new(Event::new()));
    let waiting = Arc::clone(&gate);
    let thread = Thread::new(drops.runnable(move || waiting.wait()));
    thread.start().unwrap();
    let handle = thread.handle().clone();
    blocked(&handle);
    drop(thread);
    assert_eq!(drops.count(), 0, "the runnable is still running");
    gate.set();
    join(&handle).unwrap();
    assert_eq!(drops.count(), 1, "it is dropped before a join returns");
    drop(handle);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_runnable_whose_thread_is_dropped_at_once_is_run_and_dropped() {
    for _ in 0..100 {
        let (drops, ran) = (Drops::default(), Arc::new(Event::new()));
        let inside = Arc::clone(&ran);
        let thread = Thread::new(drops.runnable(move || inside.set()));
        let handle = thread.handle().clone();
        thread.start().unwrap();
        drop(thread);
        join(&handle).unwrap();
        assert!(ran.is_set());
        assert_eq!(drops.count(), 1);
    }
}

#[test]
fn a_taken_runnable_belongs_to_the_taker() {
    let drops = Drops::default();
    let before = Thread::new(drops.runnable(|| ()));
    let runnable = before.into_runnable().expect("the thread is not started");
    assert_eq!(drops.count(), 0);
    drop(runnable);
    assert_eq!(drops.count(), 1);

    let drops = Drops::default();
    let after = Thread::new(drops.runnable(|| ()));
    run(&after).unwrap();
    let handle = after.handle().clone();
    let runnable = after.into_runnable().expect("the thread has ended");
    drop(handle);
    assert_eq!(drops.count(), 0);
    drop(runnable);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_runnable_that_panicked_is_dropped_once() {
    let drops = Drops::default();
    let thread = Thread::new(drops.runnable(|| panic!("on purpose")));
    run(&thread).unwrap_err();
    assert_eq!(drops.count(), 0);
    drop(thread);
    assert_eq!(drops.count(), 1);

    let (drops, gate) = (Drops::default(), Arc::new(Event::new()));
    let waiting = Arc::clone(&gate);
    let thread = Thread::new(drops.runnable(move || {
        waiting.wait();
        panic!("on purpose");
    }));
    thread.start().unwrap();
    let handle = thread.handle().clone();
    blocked(&handle);
    drop(thread);
    gate.set();
    join(&handle).unwrap_err();
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_runnable_with_an_erased_type_is_dropped_once() {
    let drops = Drops::default();
    let never_started: Thread = Thread::new(drops.runnable(|| ())).into();
    drop(never_started);
    assert_eq!(drops.count(), 1);

    let drops = Drops::default();
    let erased = Thread::new(drops.runnable(|| ())).erase();
    run(&erased).unwrap();
    drop(erased);
    assert_eq!(drops.count(), 1);
}

#[test]
fn handles_do_not_keep_a_runnable_alive() {
    let drops = Drops::default();
    let thread = Thread::new(drops.runnable(|| ()));
    run(&thread).unwrap();
    let handles = vec![thread.handle().clone(); 3];
    drop(thread);
    assert_eq!(drops.count(), 1);
    assert!(handles.iter().all(|it| it.join().is_ok() && !it.is_alive()));
}

#[test]
fn a_refused_start_leaves_the_runnable_in_the_thread() {
    let drops = Drops::default();
    let build = || Thread::builder().stack_size(ABSURD_STACK_SIZE).build(drops.runnable(|| ()));
    let thread = build();
    assert!(matches!(thread.start(), Err(StartError::Os(_))));
    assert_eq!(drops.count(), 0);
    drop(thread);
    assert_eq!(drops.count(), 1);

    let mut thread = build();
    assert!(matches!(thread.start(), Err(StartError::Os(_))));
    assert!(thread.runnable_mut().is_some());
    let runnable = thread.into_runnable().expect("the thread is not started");
    assert_eq!(drops.count(), 1);
    drop(runnable);
    assert_eq!(drops.count(), 2);
}

#[test]
fn after_the_end_only_the_owner_has_the_runnable() {
    let shared = Arc::new(());
    let inside = Arc::clone(&shared);
    let thread = Thread::new(move || _ = Arc::strong_count(&inside));
    run(&thread).unwrap();
    assert_eq!(Arc::strong_count(&shared), 2);
    drop(thread);
    assert_eq!(Arc::strong_count(&shared), 1);
}

#[test]
fn a_forgotten_thread_object_does_not_drop_its_runnable() {
    let drops = Drops::default();
    let thread = Thread::new(drops.runnable(|| ()));
    let handle = thread.handle().clone();
    thread.start().unwrap();
    mem::forget(thread);
    join(&handle).unwrap();
    assert_eq!(drops.count(), 0);
}

#[test]
fn a_runnable_with_a_large_alignment_stays_aligned() {
    #[repr(align(256))]
    struct Aligned([u8; 300]);

    let mut value = Aligned([0; 300]);
    let thread = Thread::new(move || {
        assert!(std::ptr::from_ref(&value).addr().is_multiple_of(256));
        value.0[299] = 7;
    });
    run(&thread.erase()).unwrap();

    let mut thread = MyThread::new(|| Box::new(Aligned([7; 300])));
    run(&thread).unwrap();
    assert_eq!(thread.take_result().unwrap().0, [7; 300]);
}

#[test]
fn a_runnable_dropped_by_its_thread_is_dropped_before_a_join_returns() {
    static DROPPED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    struct Slow(Arc<Event>);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.wait();
            DROPPED.store(true, Ordering::SeqCst);
        }
    }

    let gate = Arc::new(Event::new());
    let (slow, running) = (Slow(Arc::clone(&gate)), Arc::new(Event::new()));
    let inside = Arc::clone(&running);
    let thread = Thread::new(move || {
        let _part_of_the_closure = &slow;
        inside.wait();
    });
    let handle = thread.handle().clone();
    thread.start().unwrap();
    let first = blocked(&handle);
    drop(thread);
    running.set();
    crate::support::eventually("the runnable is not dropped", || {
        crate::support::record_of(handle.ident()?).filter(|it| it.address != first.address)
    });
    assert!(handle.is_alive(), "the drop is not over");
    gate.set();
    join(&handle).unwrap();
    assert!(DROPPED.load(Ordering::SeqCst));
}
