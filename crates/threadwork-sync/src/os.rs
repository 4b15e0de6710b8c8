//! What only the operating system knows about the current thread.
#![cfg_attr(
    any(target_os = "linux", target_os = "android", target_vendor = "apple"),
    expect(unsafe_code, reason = "calls into the C library")
)]

/// The number that the operating system gives the current thread, as shown by its tools;
/// `None` where it is not known how to ask (anything but Linux, Android and Apple's systems).
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// if cfg!(target_os = "linux") {
///     assert!(threadwork::get_native_id().is_some());
/// }
/// ```
#[must_use]
pub fn get_native_id() -> Option<u64> {
    imp::native_id()
}

/// The number that the operating system gives the main thread, whoever asks; `None` where only that thread can tell.
#[must_use]
pub fn main_native_id() -> Option<u64> {
    // There the main thread's number is the process's (gettid(2)).
    cfg!(any(target_os = "linux", target_os = "android")).then(|| std::process::id().into())
}

/// Whether this is the thread that entered `main`.
#[must_use]
pub fn is_main_thread() -> bool {
    imp::is_main_thread()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        // SAFETY: the call takes no argument and cannot fail (gettid(2)).
        let id = unsafe { libc::gettid() };
        u64::try_from(id).ok()
    }

    pub(super) fn is_main_thread() -> bool {
        native_id() == super::main_native_id()
    }
}

#[cfg(target_vendor = "apple")]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        let mut id = 0;
        // SAFETY: thread 0 means the current one, and `id` is a valid place for the answer.
        let error = unsafe { libc::pthread_threadid_np(0, &mut id) };
        (error == 0).then_some(id)
    }

    pub(super) fn is_main_thread() -> bool {
        // SAFETY: the call takes no argument and cannot fail.
        unsafe { libc::pthread_main_np() != 0 }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        None
    }

    /// std names the main thread so; a thread that was given the same name on purpose is taken for it.
    pub(super) fn is_main_thread() -> bool {
        std::thread::current().name() == Some("main")
    }
}
