//! A process that forks while its locks are watched; with the feature `lock_probe`. It needs a process of its own.
#![cfg(all(unix, not(threadwork_portable)))]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use threadwork_diagnostics::{Contention, watch_lock_order};
use threadwork_sync::Lock;

static A: Lock<u32> = Lock::named("a", 0);
static B: Lock<u32> = Lock::named("b", 0);
/// A lock that another thread holds at the fork stays held in the child.
static OF_OTHERS: [Lock<u32>; 2] = [Lock::named("c", 0), Lock::named("d", 0)];

/// Uses all data of the watch.
fn look() {
    let nameless = Lock::new(0);
    let guard = nameless.acquire();
    drop((A.acquire(), B.acquire()));
    drop(guard);
    assert!(Contention::report().locks.iter().any(|it| it.name == "a"));
}

/// Forks a child that calls `look`; returns its status.
fn look_in_a_child() -> i32 {
    // SAFETY: the child does only what this library allows in the child of a process with threads, and ends.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can fork");
    if child == 0 {
        // SAFETY: the alarm ends a child that hangs.
        unsafe { libc::alarm(60) };
        look();
        // SAFETY: this ends the child, without the exit handlers of its parent.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: `child` is a child of this process, and `status` is a local variable.
    let ended = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(ended, child);
    status
}

#[test]
fn the_child_of_a_fork_works_whatever_other_threads_are_doing_at_the_fork() {
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
