//! A process that forks while its locks are watched; with the feature `lock_probe`. A process of its own.
#![cfg(unix)]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use threadwork_diagnostics::{Contention, watch_lock_order};
use threadwork_sync::Lock;

static A: Lock<u32> = Lock::named("a", 0);
static B: Lock<u32> = Lock::named("b", 0);
/// What another thread holds when the process forks stays held in the child.
static OF_OTHERS: [Lock<u32>; 2] = [Lock::named("c", 0), Lock::named("d", 0)];

/// Uses all that is known of locks.
fn look() {
    let nameless = Lock::new(0);
    let guard = nameless.acquire();
    drop((A.acquire(), B.acquire()));
    drop(guard);
    assert!(Contention::report().locks.iter().any(|it| it.name == "a"));
}

/// How the child of a fork has ended that looks.
fn look_in_a_child() -> i32 {
    // SAFETY: the child does what a child of a process with threads can do with this library, and ends.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can fork");
    if child == 0 {
        // SAFETY: it ends a child that hangs.
        unsafe { libc::alarm(60) };
        look();
        // SAFETY: it ends the child, whatever its parent has to do at its end.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: the child is this process's own, and `status` a valid place for the answer.
    let ended = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(ended, child);
    status
}

#[test]
fn the_child_of_a_fork_goes_on_whatever_other_threads_are_told_of_at_that_moment() {
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    Contention::start();
    watch_lock_order(|_| ());
    look();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ENOUGH.load(Ordering::Relaxed) {
                drop(Contention::report());
                drop(Lock::new(0));
                let both = || drop(OF_OTHERS.each_ref().map(Lock::acquire));
                thread::spawn(both).join().unwrap();
            }
        });
        let failed = (0..200).map(|_| look_in_a_child()).find(|it| *it != 0);
        ENOUGH.store(true, Ordering::Relaxed);
        assert_eq!(failed, None);
    });
}
