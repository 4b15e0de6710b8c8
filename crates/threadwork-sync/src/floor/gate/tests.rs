use std::sync::{atomic::AtomicBool, mpsc};

use super::*;

/// There is one gate, and the harness runs tests at once; others go through it, and are soon out again.
static ALONE: Mutex<()> = Mutex::new(());

fn is_closed() -> bool {
    GATE.load(Ordering::Relaxed) & CLOSED != 0
}

#[test]
fn who_comes_while_the_gate_is_closed_goes_in_when_it_is_open() {
    let _alone = ALONE.lock();
    static IS_OPEN: AtomicBool = AtomicBool::new(false);
    let closed = objects_locked();
    let (comes, is_coming) = mpsc::channel();
    let thread = thread::spawn(move || {
        comes.send(()).unwrap();
        let _inside = inside();
        assert!(IS_OPEN.load(Ordering::Relaxed), "it has come in through a closed gate");
    });
    is_coming.recv().unwrap();
    (0..100).for_each(|_| thread::yield_now());
    IS_OPEN.store(true, Ordering::Relaxed);
    drop(closed);
    thread.join().unwrap();
}

#[test]
fn who_is_inside_may_go_further_in_and_the_gate_is_closed_when_it_is_out() {
    let _alone = ALONE.lock();
    static IS_OUT: AtomicBool = AtomicBool::new(false);
    let first = inside();
    let forks = thread::spawn(|| {
        let closed = objects_locked();
        assert!(IS_OUT.load(Ordering::Relaxed), "somebody is inside");
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
fn in_the_child_nobody_is_inside_who_came_at_that_moment() {
    let _alone = ALONE.lock();
    let closed = objects_locked();
    // One that is not there any more in the child.
    GATE.fetch_add(1, Ordering::Relaxed);
    closed();
    assert!(!is_closed());
    drop(inside());
    drop(objects_locked());
}

#[test]
fn a_thread_that_is_inside_may_close_the_gate() {
    let _alone = ALONE.lock();
    let first = inside();
    let closed = objects_locked();
    drop(inside());
    drop(closed);
    assert_eq!(DEPTH.get(), 1);
    drop(first);
    assert_eq!(DEPTH.get(), 0);
}
