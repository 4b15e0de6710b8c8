//! The system's fence, called directly.

use std::io;

const QUERY: libc::c_int = 0;
const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;

/// Calls `membarrier`.
fn call(command: libc::c_int) -> io::Result<libc::c_long> {
    // SAFETY: the call takes numbers only.
    let result = unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Returns `true` if the system knows the fence.
pub(crate) fn is_known() -> bool {
    call(QUERY).is_ok_and(|known| known & libc::c_long::from(PRIVATE_EXPEDITED) != 0)
}

/// Executes the fence. Fails if the process is not registered for it.
pub(crate) fn fence() -> io::Result<()> {
    call(PRIVATE_EXPEDITED).map(drop)
}

/// Returns `true` if the system refuses the fence because the process is not allowed to use it.
pub(crate) fn is_refused() -> bool {
    fence().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}
