//! Detects threads that `std` has suspended for ever because they called [`process::exit`](std::process::exit) while the main thread was
//! ending the process.
//!
//! The system call that they are blocked in does not identify them: C code also waits for signals with `pause(2)`.
//! But [`process::exit`](std::process::exit) never returns, so a return address inside it is on no other thread's stack.
//! Scenario "the worker that calls `process::exit`" in docs/architecture.md.

/// Whether [`has_suspended_thread`] can tell: on Linux. Elsewhere the end of a plain `main` waits for ever for a thread that `std` has
/// suspended, if `std` suspends one there.
pub const TELLS_WHO_IS_SUSPENDED: bool =
    cfg!(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable)));

/// Returns `true` if a thread of this process other than the main thread is suspended. What cannot be read proves nothing.
/// Always returns `false` where it is not known how to tell ([`TELLS_WHO_IS_SUSPENDED`]).
#[must_use]
pub fn has_suspended_thread() -> bool {
    imp::has_suspended_thread()
}

#[cfg(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable)))]
mod imp {
    use std::{
        fs::{self, File},
        io,
        os::unix::fs::FileExt,
    };

    use crate::os::{exit_stack::returns_to_exit, main_native_id, native_ids, proc};

    /// How much of a stack is read, in words. The return address is about a dozen words away from the call that suspends the thread.
    const N_WORDS: usize = 64;

    const WORD: usize = size_of::<usize>();

    /// Checks all threads of the process except the main thread, which may be inside `exit` itself.
    pub(super) fn has_suspended_thread() -> bool {
        let Ok(memory) = File::open("/proc/self/mem") else { return false };
        let main = main_native_id();
        let mut others = native_ids().into_iter().filter(|it| Some(*it) != main);
        others.any(|it| is_suspended(it, &memory).unwrap_or(false))
    }

    /// Returns `true` if the thread is blocked in a call that was made by [`process::exit`](std::process::exit).
    pub(super) fn is_suspended(native_id: u64, memory: &File) -> io::Result<bool> {
        let path = proc::of_thread(native_id, "syscall").ok_or(io::ErrorKind::Unsupported)?;
        let blocked = fs::read_to_string(path)?;
        let Some(stack) = stack_pointer(&blocked) else { return Ok(false) };
        let mut words = [0; N_WORDS * WORD];
        let n_read = memory.read_at(&mut words, stack)?;
        let (words, _) = words[..n_read].as_chunks();
        Ok(words.iter().any(|it| returns_to_exit(return_address(usize::from_ne_bytes(*it)))))
    }

    /// Parses the stack pointer of a thread from the kernel's line about the system call that it is blocked in (proc_pid_syscall(5)).
    /// `None` if the thread runs.
    pub(super) fn stack_pointer(blocked: &str) -> Option<u64> {
        let stack = blocked.split_whitespace().rev().nth(1)?;
        u64::from_str_radix(stack.strip_prefix("0x")?, 16).ok()
    }

    /// Returns the return address that a call stored in this word. Some processors sign it, in the bits that addresses do not use.
    fn return_address(word: usize) -> usize {
        if cfg!(target_arch = "aarch64") { word & (usize::MAX >> 16) } else { word }
    }
}

#[cfg(not(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable))))]
mod imp {
    pub(super) fn has_suspended_thread() -> bool {
        false
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable)))]
mod tests;
