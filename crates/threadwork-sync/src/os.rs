//! What only the operating system knows or does: numbers and names of threads, processor time, the end of a process.
#![cfg_attr(unix, expect(unsafe_code, reason = "calls into the C library"))]

use std::time::Duration;

/// The number that the operating system gives the current thread, as shown by its tools;
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

/// As [`get_native_id`], in a thread that `std` has started: where the C library knows the number, the operating system is not asked.
#[must_use]
pub fn native_id_of_started() -> Option<u64> {
    process::native_id_of_started()
}

/// The number that the operating system gives the main thread, whoever asks; `None` where only that thread can tell.
#[must_use]
pub fn main_native_id() -> Option<u64> {
    // There the main thread's number is the process's (gettid(2)).
    cfg!(any(target_os = "linux", target_os = "android")).then(|| std::process::id().into())
}

/// Whether this is the thread that entered `main`.
#[must_use]
pub fn is_main_thread() -> bool {
    imp::is_main_thread()
}

/// The processor time that the current thread has used; `None` where it is not known how to ask (anything but Unix).
#[must_use]
pub fn thread_cpu_time() -> Option<Duration> {
    process::thread_cpu_time()
}

/// The processor time that a thread of this process has used; `None` once it is gone, and where one thread cannot ask about another
/// (anything but Linux and Android).
#[must_use]
pub fn cpu_time_of_thread(native_id: u64) -> Option<Duration> {
    process::cpu_time_of_thread(native_id)
}

/// Has `handler` called at the end of the process, by whoever ends it; false if it will not be.
///
/// It is not called if the process is killed or aborts, nor on anything but Unix.
pub fn at_exit(handler: extern "C" fn()) -> bool {
    process::at_exit(handler)
}

/// Has three functions called by whoever forks the process: before that, and after it in the parent and in the child.
pub fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    process::at_fork(prepare, parent, child);
}

/// Keeps signals from the current thread until what this returns is called or dropped.
///
/// While it forks, that is: a signal that is sent to the child at once waits until that knows that it is one.
#[must_use]
pub fn signals_held() -> Box<dyn FnOnce()> {
    let held = process::HeldSignals::new();
    Box::new(move || drop(held))
}

/// Ends the process at once: no destructor runs, no handler, and nothing is flushed.
pub fn exit_now(code: i32) -> ! {
    process::exit_now(code)
}

/// Whether the current thread ends the process already: it is in [`std::process::exit`], or in the C library's `exit`, to which `main` has returned.
/// `std` aborts a thread that calls [`std::process::exit`] there once more.
///
/// False where `std` does not do that (anything but Linux), and where the stack cannot be read (a C library without unwind tables).
#[must_use]
pub fn is_in_exit() -> bool {
    stack::is_in_exit()
}

/// Whether a call in [`std::process::exit`] returns to the address. That function never returns, so nobody but a thread which is in there
/// has such an address on its stack.
///
/// False where it is not known (anything but Linux).
#[must_use]
pub fn returns_to_exit(address: usize) -> bool {
    stack::returns_to_exit(address)
}

/// Has the current thread share open files with nobody: from now on it has none, and room for as many as the process may have.
/// The files of the other threads stay open. There has to be another thread that shares them, and this one must not have any of its own.
///
/// Does nothing where that is not known how to do (Linux before 5.9, and anything else).
pub fn leave_files() {
    stack::leave_files();
}

/// Gives a thread of this process a new name for the tools of the operating system, which cut off what is too long for them.
///
/// Does nothing where one thread cannot name another (anything but Linux and Android).
pub fn set_thread_name(native_id: u64, name: &str) {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        // There is nobody to tell that it cannot be done: the name is for those who look on from outside.
        let _ = std::fs::write(format!("/proc/self/task/{native_id}/comm"), cut(name));
    }
}

/// As much of a name as Linux keeps (15 bytes, prctl(2)), not cut inside a character.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(15)]
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        // SAFETY: the call takes no argument and cannot fail (gettid(2)).
        let id = unsafe { libc::gettid() };
        u64::try_from(id).ok()
    }

    pub(super) fn is_main_thread() -> bool {
        native_id() == super::main_native_id()
    }
}

#[cfg(target_vendor = "apple")]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        let mut id = 0;
        // SAFETY: thread 0 means the current one, and `id` is a valid place for the answer.
        let error = unsafe { libc::pthread_threadid_np(0, &mut id) };
        (error == 0).then_some(id)
    }

    pub(super) fn is_main_thread() -> bool {
        // SAFETY: the call takes no argument and cannot fail.
        unsafe { libc::pthread_main_np() != 0 }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod imp {
    pub(super) fn native_id() -> Option<u64> {
        None
    }

    /// std names the main thread so; a thread that was given the same name on purpose is taken for it.
    pub(super) fn is_main_thread() -> bool {
        std::thread::current().name() == Some("main")
    }
}

#[cfg(unix)]
mod process {
    use std::{mem::MaybeUninit, ptr, time::Duration};

    pub(super) fn thread_cpu_time() -> Option<Duration> {
        read(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    /// The kernel's number of the clock of a thread: the thread's, inverted, then 4 for one thread and 2 for time on the processor
    /// (include/linux/posix-timers.h; what pthread_getcpuclockid(3) computes).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK_KIND: libc::clockid_t = 4 | 2;

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn cpu_time_of_thread(native_id: u64) -> Option<Duration> {
        let native_id = libc::clockid_t::try_from(native_id).ok()?;
        read((!native_id << 3) | CLOCK_KIND)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn native_id_of_started() -> Option<u64> {
        // SAFETY: the call takes no argument and cannot fail.
        let current = unsafe { libc::pthread_self() };
        let mut clock = 0;
        // SAFETY: the current thread is alive, and `clock` is a valid place for the answer.
        let error = unsafe { libc::pthread_getcpuclockid(current, &mut clock) };
        if error != 0 || clock & 7 != CLOCK_KIND {
            return super::get_native_id();
        }
        u64::try_from(!(clock >> 3)).ok()
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn native_id_of_started() -> Option<u64> {
        super::get_native_id()
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn cpu_time_of_thread(_: u64) -> Option<Duration> {
        None
    }

    fn read(clock: libc::clockid_t) -> Option<Duration> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is a valid place for the answer.
        let error = unsafe { libc::clock_gettime(clock, &mut time) };
        let seconds = u64::try_from(time.tv_sec).ok()?;
        let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
        (error == 0).then(|| Duration::new(seconds, nanoseconds))
    }

    pub(super) fn at_exit(handler: extern "C" fn()) -> bool {
        // SAFETY: a function that does not unwind out of itself may be called at any time, here by the end of the process.
        unsafe { libc::atexit(handler) == 0 }
    }

    pub(super) fn at_fork(
        prepare: extern "C" fn(),
        parent: extern "C" fn(),
        child: extern "C" fn(),
    ) {
        // SAFETY: the same; each is called by the thread that forks.
        let error = unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) };
        debug_assert_eq!(error, 0, "there is memory for three functions");
    }

    /// The signals that the current thread got before it gets none. Its drop lets it get them again.
    pub(super) struct HeldSignals(libc::sigset_t);

    impl HeldSignals {
        pub(super) fn new() -> HeldSignals {
            let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: it is a valid place for the set, which the call fills.
            unsafe { libc::sigfillset(all.as_mut_ptr()) };
            // SAFETY: `all` has just been filled, and `before` is a valid place for the answer.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
            // SAFETY: the call fails only if its first argument makes no sense, so it has filled `before` (pthread_sigmask(3)).
            HeldSignals(unsafe { before.assume_init() })
        }
    }

    impl Drop for HeldSignals {
        fn drop(&mut self) {
            // SAFETY: the set is one that the C library has filled, and nobody asks for the one before it.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
        }
    }

    pub(super) fn exit_now(code: i32) -> ! {
        // SAFETY: the process ends here, and with it all that anybody relies on.
        unsafe { libc::_exit(code) }
    }
}

#[cfg(not(unix))]
mod process {
    use std::time::Duration;

    pub(super) fn thread_cpu_time() -> Option<Duration> {
        None
    }

    pub(super) fn cpu_time_of_thread(_: u64) -> Option<Duration> {
        None
    }

    pub(super) fn native_id_of_started() -> Option<u64> {
        super::get_native_id()
    }

    pub(super) fn at_exit(_: extern "C" fn()) -> bool {
        false
    }

    pub(super) fn at_fork(_: extern "C" fn(), _: extern "C" fn(), _: extern "C" fn()) {}

    /// There are no signals.
    pub(super) struct HeldSignals;

    impl HeldSignals {
        pub(super) fn new() -> HeldSignals {
            HeldSignals
        }
    }

    pub(super) fn exit_now(code: i32) -> ! {
        std::process::exit(code)
    }
}

#[cfg(all(target_os = "linux", not(target_arch = "arm")))]
mod stack {
    use std::{
        ffi::{c_int, c_uint, c_void},
        process, ptr,
    };

    /// A frame of the stack, as the unwinder knows it.
    #[repr(C)]
    struct Frame {
        _opaque: [u8; 0],
    }

    // The unwinder that `std` is linked with, which has no bindings (Itanium C++ ABI, and an extension of GCC's that LLVM's has too).
    unsafe extern "C" {
        fn _Unwind_Backtrace(
            visit: extern "C" fn(*mut Frame, *mut c_void) -> c_int,
            argument: *mut c_void,
        ) -> c_int;
        fn _Unwind_GetIP(frame: *mut Frame) -> usize;
        // It looks the address up in tables, and reads nothing at it.
        safe fn _Unwind_FindEnclosingFunction(address: *mut c_void) -> *mut c_void;
    }

    /// Functions are not larger: these are two small ones.
    const MAX_SIZE: usize = 4096;

    /// Whether a call in the function returns to the address.
    fn returns_to(function: *const (), address: usize) -> bool {
        // That of a call is not the function's own. To look one up takes longer.
        if !(1..MAX_SIZE).contains(&address.wrapping_sub(function.addr())) {
            return false;
        }
        // A call that does not return may be the last instruction, so that the address is that of the next function.
        let inside = ptr::without_provenance_mut(address - 1);
        _Unwind_FindEnclosingFunction(inside).addr() == function.addr()
    }

    pub(super) fn returns_to_exit(address: usize) -> bool {
        returns_to(process::exit as *const (), address)
    }

    pub(super) fn is_in_exit() -> bool {
        extern "C" fn visit(frame: *mut Frame, found: *mut c_void) -> c_int {
            // SAFETY: the unwinder gives a frame that is valid during this call.
            let address = unsafe { _Unwind_GetIP(frame) };
            let is_it = returns_to_exit(address) || returns_to(libc::exit as *const (), address);
            if is_it {
                // SAFETY: it is the variable below, which nobody else uses meanwhile.
                unsafe { found.cast::<bool>().write(true) };
            }
            // Anything but zero ends the walk.
            c_int::from(is_it)
        }
        let mut found = false;
        // SAFETY: `visit` does not unwind, and `found` is there until the walk, in which alone it is used, is over.
        unsafe { _Unwind_Backtrace(visit, (&raw mut found).cast()) };
        found
    }

    pub(super) fn leave_files() {
        let (first, last, flags) = (0, c_uint::MAX, libc::CLOSE_RANGE_UNSHARE);
        // SAFETY: as said above, this thread shares the table and owns no file in it. So it gets an empty one (close_range(2)), and nobody loses a file.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    }
}

#[cfg(not(all(target_os = "linux", not(target_arch = "arm"))))]
mod stack {
    pub(super) fn is_in_exit() -> bool {
        false
    }

    pub(super) fn returns_to_exit(_: usize) -> bool {
        false
    }

    pub(super) fn leave_files() {}
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

    #[test]
    fn the_c_library_knows_a_started_thread_by_the_number_that_the_operating_system_does() {
        for _ in 0..8 {
            let numbers = || (native_id_of_started(), get_native_id());
            let (known, asked) = std::thread::spawn(numbers).join().unwrap();
            assert_eq!(known, asked);
        }
    }
}
