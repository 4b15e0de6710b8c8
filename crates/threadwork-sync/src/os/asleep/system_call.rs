//! Names of system calls.

/// Returns the name of the system call in which a thread of this process sleeps. Returns `None` if it is in none that sleeps, or in one that
/// is not listed here, and where the numbers are not known (anything but Linux on x86-64 and AArch64).
#[must_use]
pub fn system_call(native_id: u64) -> Option<&'static str> {
    imp::system_call(native_id)
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(threadwork_portable)
))]
mod imp {
    use std::fs;

    use crate::os::proc;

    /// The names of those that exist.
    macro_rules! names {
        ($($number:ident $name:literal,)*) => { &[$((libc::$number, $name)),*] };
    }

    /// Calls that sleep, with their numbers.
    const SLEEP: &[(libc::c_long, &str)] = names! {
        SYS_accept "accept",
        SYS_accept4 "accept4",
        SYS_clock_nanosleep "clock_nanosleep",
        SYS_connect "connect",
        SYS_epoll_pwait "epoll_pwait",
        SYS_epoll_pwait2 "epoll_pwait2",
        SYS_fcntl "fcntl",
        SYS_fdatasync "fdatasync",
        SYS_flock "flock",
        SYS_fsync "fsync",
        SYS_futex "futex",
        SYS_futex_waitv "futex_waitv",
        SYS_io_getevents "io_getevents",
        SYS_io_uring_enter "io_uring_enter",
        SYS_ioctl "ioctl",
        SYS_membarrier "membarrier",
        SYS_mq_timedreceive "mq_timedreceive",
        SYS_msgrcv "msgrcv",
        SYS_nanosleep "nanosleep",
        SYS_openat "openat",
        SYS_ppoll "ppoll",
        SYS_pread64 "pread64",
        SYS_pselect6 "pselect6",
        SYS_pwrite64 "pwrite64",
        SYS_read "read",
        SYS_readv "readv",
        SYS_recvfrom "recvfrom",
        SYS_recvmmsg "recvmmsg",
        SYS_recvmsg "recvmsg",
        SYS_restart_syscall "restart_syscall",
        SYS_rt_sigsuspend "rt_sigsuspend",
        SYS_rt_sigtimedwait "rt_sigtimedwait",
        SYS_semtimedop "semtimedop",
        SYS_sendmsg "sendmsg",
        SYS_sendto "sendto",
        SYS_splice "splice",
        SYS_wait4 "wait4",
        SYS_waitid "waitid",
        SYS_write "write",
        SYS_writev "writev",
    };

    #[cfg(target_arch = "x86_64")]
    const OLDER: &[(libc::c_long, &str)] = names! {
        SYS_epoll_wait "epoll_wait",
        SYS_open "open",
        SYS_pause "pause",
        SYS_poll "poll",
        SYS_select "select",
    };

    #[cfg(not(target_arch = "x86_64"))]
    const OLDER: &[(libc::c_long, &str)] = &[];

    pub(super) fn system_call(native_id: u64) -> Option<&'static str> {
        let call = fs::read_to_string(proc::of_thread(native_id, "syscall")?).ok()?;
        let number: libc::c_long = call.split_whitespace().next()?.parse().ok()?;
        SLEEP.iter().chain(OLDER).find(|it| it.0 == number).map(|it| it.1)
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(threadwork_portable)
)))]
mod imp {
    pub(super) fn system_call(_: u64) -> Option<&'static str> {
        None
    }
}
