//! Processes without memory for another thread.

use std::fs;

/// Calls `f` while there is no memory for the stack of a thread.
///
/// # Panics
///
/// Panics if this is not Linux, or if the limit cannot be set.
pub fn without_room(f: impl FnOnce()) {
    let pages = fs::read_to_string("/proc/self/statm").expect("there is a /proc");
    let pages: u64 =
        pages.split(' ').next().and_then(|it| it.parse().ok()).expect("a number of pages");
    // SAFETY: the call takes a name and cannot fail.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a size");
    limit_memory(pages * page + 700_000);
    f();
    limit_memory(libc::RLIM_INFINITY);
}

/// Limits the memory of this process to `bytes` bytes. The limit can be raised again.
fn limit_memory(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the limit is read during the call.
    let error = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
    assert_eq!(error, 0, "the limit of memory can be set");
}
