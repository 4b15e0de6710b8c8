//! Native ids of threads.
#![cfg_attr(
    all(
        any(target_os = "linux", target_os = "android", target_vendor = "apple"),
        not(threadwork_portable)
    ),
    expect(unsafe_code, reason = "calls into the C library")
)]

use crate::os::proc;

/// Returns the operating system's number of the current thread, as shown by the system's tools;
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

/// Like [`get_native_id`], in a thread that `std` has started: where the C library knows the number, the operating system is not asked.
#[must_use]
pub fn native_id_of_started() -> Option<u64> {
    imp::native_id_of_started()
}

/// Returns the operating system's number of the main thread, from any thread; `None` where only the main thread can tell.
#[must_use]
pub fn main_native_id() -> Option<u64> {
    // There, the main thread's number is that of the process (gettid(2)).
    proc::IS_THERE.then(|| std::process::id().into())
}

/// Returns `true` if the current thread is the one that entered `main`.
#[must_use]
pub fn is_main_thread() -> bool {
    imp::is_main_thread()
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(threadwork_portable)))]
mod imp {
    use crate::os::cpu_time::CLOCK_KIND;

    pub(super) fn native_id() -> Option<u64> {
        // SAFETY: the call takes no argument and cannot fail (gettid(2)).
        let id = unsafe { libc::gettid() };
        u64::try_from(id).ok()
    }

    pub(super) fn is_main_thread() -> bool {
        native_id() == super::main_native_id()
    }

    pub(super) fn native_id_of_started() -> Option<u64> {
        // SAFETY: the call takes no argument and cannot fail.
        let current = unsafe { libc::pthread_self() };
        let mut clock = 0;
        // SAFETY: the current thread is alive, and `clock` is valid for the write of the answer.
        let error = unsafe { libc::pthread_getcpuclockid(current, &mut clock) };
        if error != 0 || clock & 7 != CLOCK_KIND {
            return native_id();
        }
        u64::try_from(!(clock >> 3)).ok()
    }
}

#[cfg(all(target_vendor = "apple", not(threadwork_portable)))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        let mut id = 0;
        // SAFETY: thread 0 means the current one, and `id` is valid for the write of the answer.
        let error = unsafe { libc::pthread_threadid_np(0, &mut id) };
        (error == 0).then_some(id)
    }

    pub(super) fn is_main_thread() -> bool {
        // SAFETY: the call takes no argument and cannot fail.
        unsafe { libc::pthread_main_np() != 0 }
    }

    pub(super) fn native_id_of_started() -> Option<u64> {
        native_id()
    }
}

#[cfg(any(
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple")),
    threadwork_portable
))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        None
    }

    /// std names the main thread "main". A thread that was deliberately given the same name is taken for it.
    pub(super) fn is_main_thread() -> bool {
        std::thread::current().name() == Some("main")
    }

    pub(super) fn native_id_of_started() -> Option<u64> {
        native_id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_and_the_operating_system_agree_on_the_number_of_a_started_thread() {
        for _ in 0..8 {
            let numbers = || (native_id_of_started(), get_native_id());
            let (known, asked) = std::thread::spawn(numbers).join().unwrap();
            assert_eq!(known, asked);
        }
    }
}
