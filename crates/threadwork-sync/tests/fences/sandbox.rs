//! A process that may not use the system's fence any more, or never could.

use std::{io, mem::offset_of, thread, time::Duration};

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, EPERM, PR_SET_NO_NEW_PRIVS,
    PR_SET_SECCOMP, SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SYS_membarrier,
    seccomp_data, sock_filter, sock_fprog,
};
use threadwork_sync::{Lock, internal::lock::is_freed_by_store};
use threadwork_test_support::program::Program;

use crate::{
    contention::contend,
    meeting::meet,
    mode::{become_store, check, check_swaps, end_at_panics, is_offered},
    system::is_refused,
};

const TIME: Duration = Duration::from_millis(300);

/// Makes the system refuse `membarrier` to this thread and to all that it starts from now on. Fails if the system has no such filters.
fn refuse_fence() -> io::Result<()> {
    let step = |code: u32, k: u32, jt, jf| sock_filter {
        code: u16::try_from(code).expect("a code of two bytes"),
        jt,
        jf,
        k,
    };
    let number = u32::try_from(offset_of!(seccomp_data, nr)).expect("it is small");
    let membarrier = u32::try_from(SYS_membarrier).expect("it is small");
    let mut steps = [
        step(BPF_LD | BPF_W | BPF_ABS, number, 0, 0),
        step(BPF_JMP | BPF_JEQ | BPF_K, membarrier, 0, 1),
        step(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM.cast_unsigned(), 0, 0),
        step(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0),
    ];
    let program = sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: the call takes numbers only.
    let refused = unsafe { libc::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    if refused != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the program and its steps live until the call returns, which copies them.
    let refused = unsafe { libc::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &raw const program) };
    if refused == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Returns `false` if the system has no filters, or if it does not offer the fence anyway.
fn is_sandboxed() -> bool {
    if let Err(error) = refuse_fence() {
        println!("skipped: there are no filters of system calls: {error}");
        return false;
    }
    assert!(is_refused(), "the filter refuses the call");
    true
}

#[test]
fn without_the_fence_from_the_start_locks_are_freed_by_swaps() {
    let program = Program::new(|| {
        end_at_panics();
        if is_sandboxed() {
            contend(TIME);
            check(false);
            assert_eq!(meet(TIME), 0, "no lock is freed by a store");
        }
    });
    println!("{:?}", program.run().lines());
}

#[test]
fn locks_that_are_freed_by_a_store_are_used_on_after_the_system_refuses_the_fence() {
    let program = Program::new(|| {
        end_at_panics();
        let is_offered = is_offered();
        let locks: Vec<_> = (0..50).map(Lock::new).collect();
        if is_offered {
            locks.iter().for_each(become_store);
        }
        if !is_sandboxed() || !is_offered {
            return;
        }
        assert!(locks.iter().all(is_freed_by_store), "nobody has waited yet");
        // The threads that wait may not use the fence either: this one starts them.
        for lock in &locks {
            wait_once(lock);
            assert!(!is_freed_by_store(lock), "somebody has waited");
        }
        locks.iter().take(3).for_each(check_swaps);
        check(false);
        assert_eq!(meet(TIME), 0, "no lock begins to be freed by a store");
        contend(TIME);
    });
    println!("{:?}", program.run().lines());
}

/// Lets two threads come to the lock while it is held, and checks that both get it.
fn wait_once(lock: &Lock<usize>) {
    let before = *lock.acquire();
    thread::scope(|scope| {
        let guard = lock.acquire();
        for _ in 0..2 {
            scope.spawn(|| *lock.acquire() += 1);
        }
        while threadwork_sync::waits().len() < 2 {
            thread::yield_now();
        }
        drop(guard);
    });
    assert_eq!(*lock.acquire(), before + 2);
}
