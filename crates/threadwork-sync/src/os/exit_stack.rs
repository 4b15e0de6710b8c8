//! Detects by its stack whether a thread is ending the process; also detaches the open files of the thread that looks.
#![cfg_attr(
    all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable)),
    expect(unsafe_code, reason = "calls into the C library and the unwinder")
)]

/// Returns `true` if the current thread is already ending the process: it is in [`std::process::exit`], or in the C library's `exit`
/// after `main` has returned. `std` aborts a thread that calls [`std::process::exit`] there again.
///
/// Returns `false` where `std` does not do that (anything but Linux), and where the stack cannot be read (a C library without unwind tables).
///
/// Scenario "the worker that calls `process::exit`" in docs/architecture.md.
#[must_use]
pub fn is_in_exit() -> bool {
    imp::is_in_exit()
}

/// Detaches the current thread from the shared table of open files: from now on it has no open files, and room for as many as a process may
/// have. The files of the other threads stay open. Another thread must share the table, and the current thread must not own a file in it.
///
/// Does nothing where it is not known how to do this (Linux before 5.9, and anything else).
pub fn leave_files() {
    imp::leave_files();
}

#[cfg(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable)))]
pub(crate) use self::imp::returns_to_exit;

#[cfg(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable)))]
mod imp {
    use std::{
        ffi::{c_int, c_uint, c_void},
        process, ptr,
    };

    /// A stack frame, as the unwinder knows it.
    #[repr(C)]
    struct Frame {
        _opaque: [u8; 0],
    }

    // The unwinder that `std` is linked with has no bindings (Itanium C++ ABI, and an extension of GCC's that LLVM's has too).
    unsafe extern "C" {
        fn _Unwind_Backtrace(
            visit: extern "C" fn(*mut Frame, *mut c_void) -> c_int,
            argument: *mut c_void,
        ) -> c_int;
        fn _Unwind_GetIP(frame: *mut Frame) -> usize;
        // It only looks the address up in tables and reads nothing at it.
        safe fn _Unwind_FindEnclosingFunction(address: *mut c_void) -> *mut c_void;
    }

    /// An upper bound on the size of the functions, which are two small ones.
    const MAX_SIZE: usize = 4096;

    /// Returns `true` if `address` is the return address of a call in `function`.
    fn returns_to(function: *const (), address: usize) -> bool {
        // A return address is not the function's own address. Looking an address up takes longer than this check.
        if !(1..MAX_SIZE).contains(&address.wrapping_sub(function.addr())) {
            return false;
        }
        // A call that does not return may be the last instruction of its function, so its return address may belong to the next function.
        let inside = ptr::without_provenance_mut(address - 1);
        _Unwind_FindEnclosingFunction(inside).addr() == function.addr()
    }

    /// Returns `true` if `address` is the return address of a call in [`std::process::exit`]. That function never returns, so only a thread
    /// that is inside it has such an address on its stack.
    pub(crate) fn returns_to_exit(address: usize) -> bool {
        returns_to(process::exit as *const (), address)
    }

    pub(super) fn is_in_exit() -> bool {
        extern "C" fn visit(frame: *mut Frame, found: *mut c_void) -> c_int {
            // SAFETY: the unwinder passes a frame that is valid during this call.
            let address = unsafe { _Unwind_GetIP(frame) };
            let is_it = returns_to_exit(address) || returns_to(libc::exit as *const (), address);
            if is_it {
                // SAFETY: it points to the variable below, which nothing else uses meanwhile.
                unsafe { found.cast::<bool>().write(true) };
            }
            // Anything but zero ends the walk.
            c_int::from(is_it)
        }
        let mut found = false;
        // SAFETY: `visit` does not unwind, and `found` outlives the walk, which alone uses it.
        unsafe { _Unwind_Backtrace(visit, (&raw mut found).cast()) };
        found
    }

    pub(super) fn leave_files() {
        let (first, last, flags) = (0, c_uint::MAX, libc::CLOSE_RANGE_UNSHARE);
        // SAFETY: as required above, this thread shares the table and owns no file in it.
        // So it gets an empty table (close_range(2)), and no thread loses a file.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    }
}

#[cfg(not(all(target_os = "linux", not(target_arch = "arm"), not(threadwork_portable))))]
mod imp {
    pub(super) fn is_in_exit() -> bool {
        false
    }

    pub(super) fn leave_files() {}
}
