use std::sync::{atomic::AtomicBool, mpsc};

use super::*;

/// There is one gate, and the harness runs tests in parallel. Other tests pass through the gate only briefly.
static ALONE: crate::floor::Mutex<()> = crate::floor::Mutex::new(());

#[test]
fn a_thread_that_arrives_at_the_closed_gate_enters_once_it_is_open() {
    let _alone = ALONE.lock();
    static IS_OPEN: AtomicBool = AtomicBool::new(false);
    let closed = objects_locked();
    let (comes, is_coming) = mpsc::channel();
    let thread = thread::spawn(move || {
        comes.send(()).unwrap();
        let _inside = inside();
        assert!(IS_OPEN.load(Ordering::Relaxed), "it entered through a closed gate");
    });
    is_coming.recv().unwrap();
    (0..100).for_each(|_| thread::yield_now());
    IS_OPEN.store(true, Ordering::Relaxed);
    drop(closed);
    thread.join().unwrap();
}

#[test]
fn a_thread_inside_may_enter_again_and_the_gate_closes_once_it_has_left() {
    let _alone = ALONE.lock();
    static IS_OUT: AtomicBool = AtomicBool::new(false);
    let first = inside();
    let forks = thread::spawn(|| {
        let closed = objects_locked();
        assert!(IS_OUT.load(Ordering::Relaxed), "a thread is inside");
        drop(closed);
    });
    while !is_closed() {
        thread::yield_now();
    }
    drop(inside());
    IS_OUT.store(true, Ordering::Relaxed);
    drop(first);
    forks.join().unwrap();
    drop(inside());
}

#[test]
fn a_thread_that_was_arriving_at_the_fork_is_not_counted_in_the_child() {
    let _alone = ALONE.lock();
    let closed = objects_locked();
    // A thread that does not exist in the child.
    GATE.fetch_add(1, Ordering::Relaxed);
    closed();
    assert!(!is_closed());
    drop(inside());
    drop(objects_locked());
}

#[test]
fn a_thread_inside_may_close_the_gate() {
    let _alone = ALONE.lock();
    let first = inside();
    let closed = objects_locked();
    drop(inside());
    drop(closed);
    assert_eq!(DEPTH.get(), 1);
    drop(first);
    assert_eq!(DEPTH.get(), 0);
}

#[test]
fn a_gate_that_was_first_used_after_the_fork_began_is_free_in_the_child() {
    let _alone = ALONE.lock();
    // Another thread, which does not exist in the child, has closed the gate and is inside.
    std::mem::forget(FORKING.lock());
    GATE.fetch_add(CLOSED | 1, Ordering::Relaxed);
    open_in_child();
    assert_eq!(GATE.load(Ordering::Relaxed), 0);
    drop(objects_locked());
    drop(inside());
}
