//! A thread uses this crate for the first time when a fork has begun.
//!
//! This runs in its own process, in which nothing has used the crate before.
//! Scenario "the lock that the forking thread does not hold" in docs/architecture.md.

#[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
fn main() {
    unix::a_thread_that_is_inside_for_the_first_time_leaves_before_the_fork();
}

#[cfg(not(all(unix, not(any(threadwork_loom, threadwork_portable)))))]
fn main() {}

#[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
mod unix {
    use std::{
        panic::catch_unwind,
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    use threadwork_sync::{
        StopSource,
        internal::fork::{Part, inside, is_closed},
    };

    static FORK_HAS_BEGUN: AtomicBool = AtomicBool::new(false);
    static FORK_IS_OVER: AtomicBool = AtomicBool::new(false);
    static IS_INSIDE: AtomicBool = AtomicBool::new(false);

    /// Stands for the crate above.
    static ABOVE: Part = Part::above(
        || IS_LOCKED.store(is_closed(), Ordering::SeqCst),
        || IS_LOCKED.store(false, Ordering::SeqCst),
        || IS_CLEAN.store(is_closed(), Ordering::SeqCst),
    );
    static IS_LOCKED: AtomicBool = AtomicBool::new(false);
    static IS_CLEAN: AtomicBool = AtomicBool::new(false);

    fn wait_until(is_true: impl Fn() -> bool) {
        while !is_true() {
            thread::yield_now();
        }
    }

    /// Called when the fork begins: this handler is the last that was registered.
    extern "C" fn fork_begins() {
        FORK_HAS_BEGUN.store(true, Ordering::SeqCst);
        wait_until(|| IS_INSIDE.load(Ordering::SeqCst));
    }

    pub(crate) fn a_thread_that_is_inside_for_the_first_time_leaves_before_the_fork() {
        let first = thread::spawn(|| {
            wait_until(|| FORK_HAS_BEGUN.load(Ordering::SeqCst));
            let inside = inside();
            IS_INSIDE.store(true, Ordering::SeqCst);
            wait_until(|| is_closed() || FORK_IS_OVER.load(Ordering::SeqCst));
            ABOVE.look_after();
            IS_INSIDE.store(false, Ordering::SeqCst);
            drop(inside);
        });
        // SAFETY: the function does not unwind, and may be called by the thread that forks.
        unsafe { libc::pthread_atfork(Some(fork_begins), None, None) };
        // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "the process can be forked");
        if child == 0 {
            // SAFETY: an alarm, whose signal ends a child that hangs.
            unsafe { libc::alarm(60) };
            let ended = catch_unwind(|| {
                assert!(
                    !IS_INSIDE.load(Ordering::SeqCst),
                    "a thread that does not exist is inside"
                );
                assert!(IS_LOCKED.load(Ordering::SeqCst), "the fork does not know the part");
                assert!(IS_CLEAN.load(Ordering::SeqCst) && !is_closed(), "the gate opens last");
                let parent = StopSource::new();
                let child = StopSource::child_of(&parent.token());
                assert!(parent.request_stop() && child.stop_requested());
            });
            // SAFETY: the child ends here.
            unsafe { libc::_exit(i32::from(ended.is_err())) };
        }
        FORK_IS_OVER.store(true, Ordering::SeqCst);
        first.join().unwrap();
        assert!(!IS_LOCKED.load(Ordering::SeqCst));
        let mut status = 0;
        // SAFETY: the number is that of a child, and the status a place of this function.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!((waited, status), (child, 0), "the child failed");
    }
}
