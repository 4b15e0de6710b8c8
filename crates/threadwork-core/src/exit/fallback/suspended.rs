//! Detects threads that `std` has suspended for ever because they called [`process::exit`] while the main thread was ending the process.
//!
//! The system call that they are blocked in does not identify them: C code also waits for signals with `pause(2)`.
//! But [`process::exit`] never returns, so a return address inside it is on no other thread's stack.
//! Scenario "the worker that calls `process::exit`" in docs/architecture.md.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    process,
    sync::atomic::{AtomicBool, Ordering},
};

use threadwork_sync::internal::os::{is_main_thread, leave_files, returns_to_exit};

use super::super::limited::{A_SECOND, at_most};

#[cfg(test)]
mod tests;

/// How much of a stack is read, in words. The return address is about a dozen words away from the call that suspends the thread.
const N_WORDS: usize = 64;

const WORD: usize = size_of::<usize>();

/// Returns `true` if a suspended thread was seen. What cannot be read proves nothing.
pub(super) fn is_anybody() -> bool {
    static SEEN: AtomicBool = AtomicBool::new(false);
    at_most(A_SECOND, || {
        // The process may have no file descriptor left, so a thread made for this check leaves the shared table of files and gets an empty
        // one of its own. The main thread, which does the check if no thread can be started, still needs its files.
        if !is_main_thread() {
            leave_files();
        }
        if look().unwrap_or(false) {
            SEEN.store(true, Ordering::Relaxed);
        }
    });
    SEEN.load(Ordering::Relaxed)
}

/// Checks all threads of the process except the main thread, which may be inside `exit` itself.
fn look() -> io::Result<bool> {
    let memory = File::open("/proc/self/mem")?;
    let threads = fs::read_dir("/proc/self/task")?.map_while(Result::ok);
    let main = process::id().to_string();
    let mut others = threads.filter(|it| it.file_name() != *main);
    Ok(others.any(|it| is_suspended(&it.path(), &memory).unwrap_or(false)))
}

/// Returns `true` if the thread with this folder is blocked in a call that was made by [`process::exit`].
fn is_suspended(thread: &Path, memory: &File) -> io::Result<bool> {
    let blocked = fs::read_to_string(thread.join("syscall"))?;
    let Some(stack) = stack_pointer(&blocked) else { return Ok(false) };
    let mut words = [0; N_WORDS * WORD];
    let n_read = memory.read_at(&mut words, stack)?;
    let (words, _) = words[..n_read].as_chunks();
    Ok(words.iter().any(|it| returns_to_exit(return_address(usize::from_ne_bytes(*it)))))
}

/// Parses the stack pointer of a thread from the kernel's line about the system call that it is blocked in (proc_pid_syscall(5)). `None` if
/// the thread runs.
fn stack_pointer(blocked: &str) -> Option<u64> {
    let stack = blocked.split_whitespace().rev().nth(1)?;
    u64::from_str_radix(stack.strip_prefix("0x")?, 16).ok()
}

/// Returns the return address that a call stored in this word. Some processors sign it, in the bits that addresses do not use.
fn return_address(word: usize) -> usize {
    if cfg!(target_arch = "aarch64") { word & (usize::MAX >> 16) } else { word }
}
