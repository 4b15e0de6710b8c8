//! The processor time of threads.
#![cfg_attr(
    all(unix, not(threadwork_portable)),
    expect(unsafe_code, reason = "calls into the C library")
)]

use std::time::Duration;

/// Returns the processor time used by the current thread; `None` where it is not known how to ask (anything but Unix).
#[must_use]
pub fn thread_cpu_time() -> Option<Duration> {
    imp::thread_cpu_time()
}

/// Returns the processor time used by a thread of this process. Returns `None` once the thread is gone, and where one thread cannot ask
/// about another (anything but Linux and Android).
#[must_use]
pub fn cpu_time_of_thread(native_id: u64) -> Option<Duration> {
    imp::cpu_time_of_thread(native_id)
}

/// The low bits of the kernel's number of a thread's clock. The number is the thread's, inverted, then 4 for a single thread
/// and 2 for processor time (include/linux/posix-timers.h; what pthread_getcpuclockid(3) computes).
#[cfg(all(any(target_os = "linux", target_os = "android"), not(threadwork_portable)))]
pub(super) const CLOCK_KIND: libc::clockid_t = 4 | 2;

#[cfg(all(unix, not(threadwork_portable)))]
mod imp {
    use std::time::Duration;

    #[cfg(any(target_os = "linux", target_os = "android"))]
    use super::CLOCK_KIND;

    pub(super) fn thread_cpu_time() -> Option<Duration> {
        read(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn cpu_time_of_thread(native_id: u64) -> Option<Duration> {
        let native_id = libc::clockid_t::try_from(native_id).ok()?;
        read((!native_id << 3) | CLOCK_KIND)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn cpu_time_of_thread(_: u64) -> Option<Duration> {
        None
    }

    fn read(clock: libc::clockid_t) -> Option<Duration> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is valid for the write of the answer.
        let error = unsafe { libc::clock_gettime(clock, &mut time) };
        let seconds = u64::try_from(time.tv_sec).ok()?;
        let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
        (error == 0).then(|| Duration::new(seconds, nanoseconds))
    }
}

#[cfg(not(all(unix, not(threadwork_portable))))]
mod imp {
    use std::time::Duration;

    pub(super) fn thread_cpu_time() -> Option<Duration> {
        None
    }

    pub(super) fn cpu_time_of_thread(_: u64) -> Option<Duration> {
        None
    }
}
