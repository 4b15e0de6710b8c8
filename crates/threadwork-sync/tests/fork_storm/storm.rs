//! The storm, and the children that are forked in it.

use std::{
    env,
    panic::catch_unwind,
    process::abort,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use crate::objects::{Objects, block_and_wake_new};

/// The environment variable that says how many times to fork.
const FORKS: &str = "THREADWORK_FORKS";
const FORKS_BY_DEFAULT: usize = 1_000;

const THREADS: usize = 8;

/// Used by the threads of the parent.
static IN_PARENT: Objects = Objects::new();

/// Used by the threads of the children alone, so nobody holds them at a fork.
static IN_CHILDREN: Objects = Objects::new();

pub(crate) fn main() {
    let forks = env::var(FORKS).map_or(FORKS_BY_DEFAULT, |it| it.parse().expect("a number"));
    let (is_over, rounds) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    IN_PARENT.hammer();
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for n in 0..forks {
            check_child(n);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    println!("{forks} forks, while {THREADS} threads used every object {rounds:?} times");
}

/// Forks. The child uses every object. Ends the process if the child fails, or has not ended after a minute.
fn check_child(n: usize) {
    // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: an alarm, whose signal ends a child that hangs.
        unsafe { libc::alarm(60) };
        let ended = catch_unwind(|| {
            IN_CHILDREN.block_and_wake();
            block_and_wake_new();
        });
        // SAFETY: the child ends here.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    if (waited, status) != (child, 0) {
        // A panic here would wait for the other threads.
        eprintln!("child {n} failed, or an alarm has ended it: status {status}");
        abort();
    }
}
