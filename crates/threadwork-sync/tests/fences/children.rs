//! Children of a process that has the system's fence: forked ones, and ones that share its memory.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::abort,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::Lock;
use threadwork_test_support::program::Program;

use crate::{
    contention::contend,
    meeting::{Meeting, meet},
    mode::{check, end_at_panics, is_offered},
    system::{fence, is_refused},
};

const TIME: Duration = Duration::from_millis(50);

/// Waits for a child, and checks that it has succeeded.
#[track_caller]
fn wait_for(child: libc::pid_t) {
    assert!(child > 0, "there is a child");
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((waited, status), (child, 0), "the child failed, or an alarm has ended it");
}

/// Forks; the child calls `f` and ends.
#[track_caller]
fn in_fork(f: impl FnOnce()) {
    // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: an alarm, whose signal ends a child that hangs.
        unsafe { libc::alarm(200) };
        let ended = catch_unwind(AssertUnwindSafe(f));
        // SAFETY: the child ends here.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    wait_for(child);
}

/// Calls `f` in a child that shares the memory of this process, as that of `vfork` does, while the current thread is suspended.
#[track_caller]
fn in_shared_memory(mut f: impl FnMut()) {
    extern "C" fn call<F: FnMut()>(f: *mut libc::c_void) -> libc::c_int {
        // SAFETY: it is the function that the suspended thread lends.
        let f = unsafe { &mut *f.cast::<F>() };
        f();
        0
    }

    fn entry<F: FnMut()>(_: &F) -> extern "C" fn(*mut libc::c_void) -> libc::c_int {
        call::<F>
    }

    let entry = entry(&f);
    let mut stack = vec![0_u128; 1 << 16];
    let top = stack.as_mut_ptr_range().end;
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the child runs on its own stack, which lives until it has ended, because this thread is suspended until then.
    let child = unsafe { libc::clone(entry, top.cast(), flags, (&raw mut f).cast()) };
    wait_for(child);
}

/// Checks that locks work in this process as the system allows, and that it need not be registered for that.
fn check_here() {
    assert_eq!(fence().is_ok(), is_offered(), "a child inherits the registration");
    let stores = meet(TIME);
    assert_eq!(stores > 0, is_offered(), "{stores} locks were freed by a store");
    contend(TIME);
    check(is_offered());
}

#[test]
fn a_forked_child_inherits_the_fence() {
    let program = Program::new(|| {
        end_at_panics();
        check(is_offered());
        let (lock, is_over) = (Lock::new(0_u32), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        *lock.acquire() += 1;
                    }
                });
            }
            for _ in 0..5 {
                in_fork(|| {
                    check_here();
                    in_fork(check_here);
                });
            }
            is_over.store(true, Ordering::Relaxed);
        });
    });
    println!("{:?}", program.run().lines());
}

#[test]
fn a_forked_child_of_a_process_without_the_fence_asks_for_it() {
    let program = Program::new(|| {
        end_at_panics();
        for _ in 0..2 {
            in_fork(|| {
                assert!(!is_offered() || is_refused(), "neither process is registered");
                contend(TIME);
                check_here();
            });
        }
    });
    println!("{:?}", program.run().lines());
}

#[test]
fn a_child_that_shares_the_memory_of_its_parent_counts_as_one_of_its_threads() {
    let program = Program::new(|| {
        end_at_panics();
        check(is_offered());
        for _ in 0..5 {
            let is_ok = AtomicBool::new(false);
            in_shared_memory(|| is_ok.store(fence().is_ok(), Ordering::Relaxed));
            assert_eq!(is_ok.into_inner(), is_offered(), "the child is registered");
            hammer();
            let until = || Instant::now() + TIME;
            // The child is the holder, then the visitor.
            let (one, other) = (Meeting::new(), Meeting::new());
            thread::scope(|scope| {
                scope.spawn(|| one.visit());
                in_shared_memory(|| one.hold(until()));
            });
            thread::scope(|scope| {
                scope.spawn(|| other.hold(until()));
                in_shared_memory(|| other.visit());
            });
            for stores in [one, other].map(|it| it.counts().stores.load(Ordering::Relaxed)) {
                assert_eq!(stores > 0, is_offered(), "{stores} locks were freed by a store");
            }
        }
    });
    println!("{:?}", program.run().lines());
}

/// A child and a thread of the parent use one lock, which is often waited for.
fn hammer() {
    const EACH: usize = 20_000;
    let (lock, inside) = (Lock::new(0), AtomicUsize::new(0));
    let add = || {
        for _ in 0..EACH {
            let mut guard = lock.acquire();
            // A panic would unwind into the C library in the child.
            if inside.fetch_add(1, Ordering::Relaxed) != 0 {
                abort();
            }
            *guard += 1;
            inside.fetch_sub(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        scope.spawn(add);
        in_shared_memory(add);
    });
    assert_eq!(lock.into_inner(), 2 * EACH);
}
