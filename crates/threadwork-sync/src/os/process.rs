//! The end of a process, and its forks.
#![cfg_attr(unix, expect(unsafe_code, reason = "calls into the C library"))]

/// Has `handler` called at the end of the process, by whoever ends it; false if it will not be.
///
/// It is not called if the process is killed or aborts, nor on anything but Unix.
pub fn at_exit(handler: extern "C" fn()) -> bool {
    imp::at_exit(handler)
}

/// Has three functions called by whoever forks the process: before that, and after it in the parent and in the child.
pub fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    imp::at_fork(prepare, parent, child);
}

/// Keeps signals from the current thread until what this returns is called or dropped.
///
/// While it forks, that is: a signal that is sent to the child at once waits until that knows that it is one.
#[must_use]
pub fn signals_held() -> Box<dyn FnOnce()> {
    let held = imp::HeldSignals::new();
    Box::new(move || drop(held))
}

/// Ends the process at once: no destructor runs, no handler, and nothing is flushed.
pub fn exit_now(code: i32) -> ! {
    imp::exit_now(code)
}

#[cfg(unix)]
mod imp {
    use std::{mem::MaybeUninit, ptr};

    pub(super) fn at_exit(handler: extern "C" fn()) -> bool {
        // SAFETY: a function that does not unwind out of itself may be called at any time, here by the end of the process.
        unsafe { libc::atexit(handler) == 0 }
    }

    pub(super) fn at_fork(
        prepare: extern "C" fn(),
        parent: extern "C" fn(),
        child: extern "C" fn(),
    ) {
        // SAFETY: the same; each is called by the thread that forks.
        let error = unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) };
        debug_assert_eq!(error, 0, "there is memory for three functions");
    }

    /// The signals that the current thread got before it gets none. Its drop lets it get them again.
    pub(super) struct HeldSignals(libc::sigset_t);

    impl HeldSignals {
        pub(super) fn new() -> HeldSignals {
            let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: it is a valid place for the set, which the call fills.
            unsafe { libc::sigfillset(all.as_mut_ptr()) };
            // SAFETY: `all` has just been filled, and `before` is a valid place for the answer.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
            // SAFETY: the call fails only if its first argument makes no sense, so it has filled `before` (pthread_sigmask(3)).
            HeldSignals(unsafe { before.assume_init() })
        }
    }

    impl Drop for HeldSignals {
        fn drop(&mut self) {
            // SAFETY: the set is one that the C library has filled, and nobody asks for the one before it.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
        }
    }

    pub(super) fn exit_now(code: i32) -> ! {
        // SAFETY: the process ends here, and with it all that anybody relies on.
        unsafe { libc::_exit(code) }
    }
}

#[cfg(not(unix))]
mod imp {
    pub(super) fn at_exit(_: extern "C" fn()) -> bool {
        false
    }

    pub(super) fn at_fork(_: extern "C" fn(), _: extern "C" fn(), _: extern "C" fn()) {}

    /// There are no signals.
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
