//! The end of a process, and its forks.
#![cfg_attr(
    all(unix, not(threadwork_portable)),
    expect(unsafe_code, reason = "calls into the C library")
)]

/// Registers `handler` to be called at the end of the process, by the thread that ends it. Returns `false` if it will not be called.
///
/// It is not called if the process is killed or aborts. On anything but Unix it is never called.
pub fn at_exit(handler: extern "C" fn()) -> bool {
    imp::at_exit(handler)
}

/// Registers three functions to be called by each thread that forks: before the fork, and after it in the parent and in the child.
pub(crate) fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    imp::at_fork(prepare, parent, child);
}

/// Blocks all signals for the current thread until it is dropped.
pub(crate) struct HeldSignals {
    _mask: imp::HeldSignals,
}

impl HeldSignals {
    pub(crate) fn new() -> HeldSignals {
        HeldSignals { _mask: imp::HeldSignals::new() }
    }
}

/// Ends the process at once: no destructors and no exit handlers run, and nothing is flushed.
/// On anything but Unix this is [`std::process::exit`].
pub fn exit_now(code: i32) -> ! {
    imp::exit_now(code)
}

#[cfg(all(unix, not(threadwork_portable)))]
mod imp {
    use std::{mem::MaybeUninit, ptr};

    pub(super) fn at_exit(handler: extern "C" fn()) -> bool {
        // SAFETY: a function that does not unwind may be called at any time, here at the end of the process.
        unsafe { libc::atexit(handler) == 0 }
    }

    pub(super) fn at_fork(
        prepare: extern "C" fn(),
        parent: extern "C" fn(),
        child: extern "C" fn(),
    ) {
        // SAFETY: the same; each is called by the thread that forks.
        let error = unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) };
        debug_assert_eq!(error, 0, "there is no memory for three functions");
    }

    /// The signal mask that the current thread had before all signals were blocked. Dropping it restores that mask.
    pub(super) struct HeldSignals(libc::sigset_t);

    impl HeldSignals {
        pub(super) fn new() -> HeldSignals {
            let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: `all` is valid for the write of the set.
            unsafe { libc::sigfillset(all.as_mut_ptr()) };
            // SAFETY: `all` has just been filled, and `before` is valid for the write of the answer.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
            // SAFETY: the call fails only if its first argument is invalid, so it has filled `before` (pthread_sigmask(3)).
            HeldSignals(unsafe { before.assume_init() })
        }
    }

    impl Drop for HeldSignals {
        fn drop(&mut self) {
            // SAFETY: the C library has filled this set, and the previous one is not requested.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
        }
    }

    pub(super) fn exit_now(code: i32) -> ! {
        // SAFETY: the process ends here, and with it everything that other code relies on.
        unsafe { libc::_exit(code) }
    }
}

#[cfg(not(all(unix, not(threadwork_portable))))]
mod imp {
    pub(super) fn at_exit(_: extern "C" fn()) -> bool {
        false
    }

    pub(super) fn at_fork(_: extern "C" fn(), _: extern "C" fn(), _: extern "C" fn()) {}

    /// There are no signals here.
    pub(super) struct HeldSignals;

    impl HeldSignals {
        pub(super) fn new() -> HeldSignals {
            HeldSignals
        }
    }

    pub(super) fn exit_now(code: i32) -> ! {
        std::process::exit(code)
    }
}
