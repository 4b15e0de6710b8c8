//! Thread numbers in the children of forks, in a program that uses this crate alone.
//!
//! This runs in its own process, so that the tests control the main thread.

#[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
fn main() {
    unix::a_child_of_a_process_whose_main_thread_has_no_number();
    unix::a_child_of_a_thread_without_a_number();
}

#[cfg(not(all(unix, not(any(threadwork_loom, threadwork_portable)))))]
fn main() {}

#[cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]
mod unix {
    use std::{num::NonZeroU64, panic::catch_unwind, thread};

    use threadwork_sync::{RawRLock, get_ident, internal::number::MAIN_IDENT};

    /// Forks; the child calls `f` and ends. Panics if the child failed.
    #[track_caller]
    fn in_child(f: fn()) {
        // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "the process can be forked");
        if child == 0 {
            let ended = catch_unwind(f);
            // SAFETY: the child ends here.
            unsafe { libc::_exit(i32::from(ended.is_err())) };
        }
        let mut status = 0;
        // SAFETY: the number is that of a child, and the status a place of this function.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!((waited, status), (child, 0), "the child failed");
    }

    /// Calls `f` in the child of a fork made by a thread without a number.
    #[track_caller]
    fn in_child_of_another(f: fn()) {
        thread::spawn(move || in_child(f)).join().unwrap();
    }

    pub(crate) fn a_child_of_a_process_whose_main_thread_has_no_number() {
        in_child_of_another(|| {
            let here = get_ident();
            assert_eq!(here, get_ident());
            in_child_of_another(|| assert_ne!(get_ident(), MAIN_IDENT, "the main thread has it"));
        });
    }

    pub(crate) fn a_child_of_a_thread_without_a_number() {
        static LOCK: RawRLock = RawRLock::new();
        LOCK.acquire();
        assert_eq!(LOCK.holder(), Some(MAIN_IDENT));
        for _ in 0..20 {
            in_child_of_another(|| {
                assert!(
                    !LOCK.is_owned() && !LOCK.try_acquire(),
                    "the holder does not exist in the child"
                );
                let here = get_ident();
                assert!(here > MAIN_IDENT);
                let there: NonZeroU64 = thread::spawn(get_ident).join().unwrap();
                assert!(there > here);
                in_child_of_another(|| assert!(!LOCK.is_owned() && !LOCK.try_acquire()));
            });
        }
        LOCK.release().unwrap();
    }
}
