//! Threads that `std` has suspended for ever, because they have called [`process::exit`] while the main thread was ending the process.
//!
//! They cannot be told from others by the call that they are blocked in: `pause(2)` is also how C waits for signals.
//! But [`process::exit`] never returns, so the address that a call in there returns to is on no other thread's stack.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    process,
    sync::atomic::{AtomicBool, Ordering},
};

use threadwork_sync::internal::os::{is_main_thread, leave_files, returns_to_exit};

use super::limited::{A_SECOND, at_most};

#[cfg(test)]
mod tests;

/// How much of a stack is read, in words. From the call that suspends a thread to that address there are about a dozen.
const N_WORDS: usize = 64;

const WORD: usize = size_of::<usize>();

/// Whether there is such a thread. Only one that was seen counts: what cannot be read says nothing.
pub(super) fn is_anybody() -> bool {
    static SEEN: AtomicBool = AtomicBool::new(false);
    at_most(A_SECOND, || {
        // The process may have no file descriptor left. A thread made for this shares its files with the main one, which waits, and has none of its own;
        // the main thread, where no other can be had, needs them yet.
        if !is_main_thread() {
            leave_files();
        }
        if look().unwrap_or(false) {
            SEEN.store(true, Ordering::Relaxed);
        }
    });
    SEEN.load(Ordering::Relaxed)
}

/// Looks at all threads of the process but the main one, which may be in there itself.
fn look() -> io::Result<bool> {
    let memory = File::open("/proc/self/mem")?;
    let threads = fs::read_dir("/proc/self/task")?.map_while(Result::ok);
    let main = process::id().to_string();
    let mut others = threads.filter(|it| it.file_name() != *main);
    Ok(others.any(|it| is_suspended(&it.path(), &memory).unwrap_or(false)))
}

/// Whether the thread with this folder is blocked, and has been called by [`process::exit`] there.
fn is_suspended(thread: &Path, memory: &File) -> io::Result<bool> {
    let blocked = fs::read_to_string(thread.join("syscall"))?;
    let Some(stack) = stack_pointer(&blocked) else { return Ok(false) };
    let mut words = [0; N_WORDS * WORD];
    let n_read = memory.read_at(&mut words, stack)?;
    let (words, _) = words[..n_read].as_chunks();
    Ok(words.iter().any(|it| returns_to_exit(return_address(usize::from_ne_bytes(*it)))))
}

/// Where the stack of a thread ends, from what the kernel says of the call that it is blocked in; `None` if it runs (proc_pid_syscall(5)).
fn stack_pointer(blocked: &str) -> Option<u64> {
    let stack = blocked.split_whitespace().rev().nth(1)?;
    u64::from_str_radix(stack.strip_prefix("0x")?, 16).ok()
}

/// The address in a word where a call has put it. There are processors that sign it, in the bits that addresses leave free.
fn return_address(word: usize) -> usize {
    if cfg!(target_arch = "aarch64") { word & (usize::MAX >> 16) } else { word }
}
