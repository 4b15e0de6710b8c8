//! The names of threads that the tools of the operating system show.

#![cfg_attr(
    all(
        any(target_os = "linux", target_os = "android", target_vendor = "apple"),
        not(threadwork_portable)
    ),
    expect(unsafe_code, reason = "calls into the C library")
)]

use std::fs;

use crate::os::proc;

/// Gives a thread of this process a new name for the tools of the operating system, which cut off names that are too long for them.
///
/// Does nothing where one thread cannot name another (anything but Linux and Android): there the tools show the name with which `std` has
/// started the thread.
pub fn set_thread_name(native_id: u64, name: &str) {
    if let Some(path) = proc::of_thread(native_id, "comm") {
        // An error is ignored: the name is only for tools that look at the process from outside.
        let _ = fs::write(path, cut(name));
    }
}

/// Gives the current thread a new name for the tools of the operating system, which cut off names that are too long for them.
///
/// Does nothing where it is not known how to do that (anything but Linux, Android and Apple's systems).
pub fn set_own_name(name: &str) {
    imp::set_own_name(name);
}

/// Returns the operating system's name of a thread of this process; `None` once the thread is gone, if it has none, and on systems other
/// than Linux and Android.
#[must_use]
pub fn thread_name(native_id: u64) -> Option<String> {
    let name = fs::read_to_string(proc::of_thread(native_id, "comm")?).ok()?;
    Some(name.trim_end().to_owned()).filter(|it| !it.is_empty())
}

/// Returns as much of a name as Linux keeps (15 bytes, prctl(2)), not cut inside a character.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(15)]
}

/// Returns the first bytes of a name, as C wants them, not cut inside a character and followed by at least one zero.
#[cfg(all(
    any(target_os = "linux", target_os = "android", target_vendor = "apple"),
    not(threadwork_portable)
))]
fn zero_ended<const SIZE: usize>(name: &str) -> [u8; SIZE] {
    let name = &name.as_bytes()[..name.floor_char_boundary(SIZE - 1)];
    let mut bytes = [0; SIZE];
    bytes[..name.len()].copy_from_slice(name);
    bytes
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(threadwork_portable)))]
mod imp {
    pub(super) fn set_own_name(name: &str) {
        let name: [u8; 16] = super::zero_ended(name);
        // SAFETY: the kernel reads at most 16 bytes, to the first zero (prctl(2)), and they outlive the call.
        unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
    }
}

#[cfg(all(target_vendor = "apple", not(threadwork_portable)))]
mod imp {
    pub(super) fn set_own_name(name: &str) {
        let name: [u8; 64] = super::zero_ended(name);
        // SAFETY: it ends with a zero and outlives the call.
        unsafe { libc::pthread_setname_np(name.as_ptr().cast()) };
    }
}

#[cfg(any(
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple")),
    threadwork_portable
))]
mod imp {
    pub(super) fn set_own_name(_: &str) {}
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut("exactly 15 byte"), "exactly 15 byte");
        assert_eq!(cut("more than 15 bytes"), "more than 15 by");
        assert_eq!(cut("fourteen bytesä"), "fourteen bytes");
        assert_eq!(cut("ääääääää"), "äääääää");
    }

    #[cfg(all(any(target_os = "linux", target_os = "android"), not(threadwork_portable)))]
    #[test]
    fn a_thread_names_itself_as_others_name_it() {
        let check = || {
            let name = || std::fs::read_to_string("/proc/thread-self/comm").unwrap();
            for text in ["short", "more than 15 bytes", "fourteen bytesä", ""] {
                super::set_own_name(text);
                assert_eq!(name().trim_end_matches('\n'), cut(text));
            }
        };
        std::thread::spawn(check).join().unwrap();
    }
}
