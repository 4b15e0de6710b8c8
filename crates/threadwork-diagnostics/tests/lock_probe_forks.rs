//! The counts of locks in the child of a fork; with the feature `lock_probe`.
//!
//! It is alone in its process: other tests could hold locks at the fork, which their threads would never release in the child.
#![cfg(all(unix, not(threadwork_portable)))]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use threadwork_diagnostics::{Contention, LockReport, watch_lock_order};
use threadwork_sync::Lock;

#[test]
fn a_child_of_a_fork_counts_for_itself_while_others_count_and_report() {
    static LOCK: Lock<()> = Lock::named("lock of the child", ());
    static OTHER: Lock<()> = Lock::named("another lock", ());
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    Contention::start();
    watch_lock_order(|_| ());
    let restless = std::thread::spawn(|| {
        while !ENOUGH.load(Ordering::Relaxed) {
            let _other = OTHER.acquire();
            drop(Lock::named("lock of the parent", ()).acquire());
            let (outer, inner) = (Lock::new(()), Lock::new(()));
            let _outer = outer.acquire();
            drop(inner.acquire());
            drop(Contention::report());
        }
    });
    for n in 0..200 {
        // SAFETY: only this thread continues in the child, and the functions of the C library that it calls work there (glibc).
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "the process can be forked");
        if child == 0 {
            let seen = std::panic::catch_unwind(|| {
                drop(LOCK.acquire());
                let locks = Contention::report().locks.into_iter();
                let counts = |it: LockReport| (it.name, it.acquired);
                locks.map(counts).filter(|it| it.0.starts_with("lock of ")).collect::<Vec<_>>()
            });
            let is_right = seen.is_ok_and(|it| it == [("lock of the child".to_owned(), 1)]);
            // SAFETY: this ends the child.
            unsafe { libc::_exit(i32::from(!is_right)) };
        }
        assert_eq!(ended(child), Some(0), "child {n}");
    }
    ENOUGH.store(true, Ordering::Relaxed);
    restless.join().unwrap();
}

/// The exit code of a child; `None` if it hung and had to be killed.
fn ended(child: libc::pid_t) -> Option<i32> {
    let give_up = Instant::now() + Duration::from_secs(60);
    let mut status = 0;
    loop {
        // SAFETY: `child` is a child of this process, and `status` is a local variable.
        let waited = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
        if waited != 0 {
            break;
        }
        if Instant::now() > give_up {
            // SAFETY: the child was not waited for, so the id is still its own.
            unsafe { libc::kill(child, libc::SIGKILL) };
        }
        std::thread::yield_now();
    }
    libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status))
}
