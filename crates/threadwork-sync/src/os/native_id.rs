//! Native ids and names of threads.
#![cfg_attr(
    any(target_os = "linux", target_os = "android", target_vendor = "apple"),
    expect(unsafe_code, reason = "calls into the C library")
)]

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
    cfg!(any(target_os = "linux", target_os = "android")).then(|| std::process::id().into())
}

/// Returns `true` if the current thread is the one that entered `main`.
#[must_use]
pub fn is_main_thread() -> bool {
    imp::is_main_thread()
}

/// Gives a thread of this process a new name for the tools of the operating system, which cut off names that are too long for them.
///
/// Does nothing where one thread cannot name another (anything but Linux and Android).
pub fn set_thread_name(native_id: u64, name: &str) {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        // An error is ignored: the name is only for tools that look at the process from outside.
        let _ = std::fs::write(format!("/proc/self/task/{native_id}/comm"), cut(name));
    }
}

/// Gives the current thread a new name for the tools of the operating system, which cut off names that are too long for them.
///
/// Does nothing where it is not known how to do that (anything but Linux, Android and Apple's systems).
pub fn set_own_name(name: &str) {
    imp::set_own_name(name);
}

/// Returns the first bytes of a name, as C wants them, not cut inside a character and followed by at least one zero.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn zero_ended<const SIZE: usize>(name: &str) -> [u8; SIZE] {
    let name = &name.as_bytes()[..name.floor_char_boundary(SIZE - 1)];
    let mut bytes = [0; SIZE];
    bytes[..name.len()].copy_from_slice(name);
    bytes
}

/// Returns as much of a name as Linux keeps (15 bytes, prctl(2)), not cut inside a character.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(15)]
}

#[cfg(any(target_os = "linux", target_os = "android"))]
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

    pub(super) fn set_own_name(name: &str) {
        let name: [u8; 16] = super::zero_ended(name);
        // SAFETY: the kernel reads at most 16 bytes, to the first zero (prctl(2)), and they outlive the call.
        unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
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

#[cfg(target_vendor = "apple")]
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

    pub(super) fn set_own_name(name: &str) {
        let name: [u8; 64] = super::zero_ended(name);
        // SAFETY: it ends with a zero and outlives the call.
        unsafe { libc::pthread_setname_np(name.as_ptr().cast()) };
    }

    pub(super) fn native_id_of_started() -> Option<u64> {
        native_id()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        None
    }

    /// std names the main thread "main". A thread that was deliberately given the same name is taken for it.
    pub(super) fn is_main_thread() -> bool {
        std::thread::current().name() == Some("main")
    }

    pub(super) fn set_own_name(_: &str) {}

    pub(super) fn native_id_of_started() -> Option<u64> {
        native_id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut("exactly 15 byte"), "exactly 15 byte");
        assert_eq!(cut("more than 15 bytes"), "more than 15 by");
        assert_eq!(cut("fourteen bytesä"), "fourteen bytes");
        assert_eq!(cut("ääääääää"), "äääääää");
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn a_thread_names_itself_as_others_name_it() {
        let check = || {
            let name = || std::fs::read_to_string("/proc/thread-self/comm").unwrap();
            for text in ["short", "more than 15 bytes", "fourteen bytesä", ""] {
                set_own_name(text);
                assert_eq!(name().trim_end_matches('\n'), cut(text));
            }
        };
        std::thread::spawn(check).join().unwrap();
    }

    #[test]
    fn the_c_library_and_the_operating_system_agree_on_the_number_of_a_started_thread() {
        for _ in 0..8 {
            let numbers = || (native_id_of_started(), get_native_id());
            let (known, asked) = std::thread::spawn(numbers).join().unwrap();
            assert_eq!(known, asked);
        }
    }
}
