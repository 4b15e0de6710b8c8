//! Whether a thread ends the process, by its stack, and what the thread needs that looks.
#![cfg_attr(
    all(target_os = "linux", not(target_arch = "arm")),
    expect(unsafe_code, reason = "calls into the C library and the unwinder")
)]

/// Whether the current thread ends the process already: it is in [`std::process::exit`], or in the C library's `exit`, to which `main` has returned.
/// `std` aborts a thread that calls [`std::process::exit`] there once more.
///
/// False where `std` does not do that (anything but Linux), and where the stack cannot be read (a C library without unwind tables).
#[must_use]
pub fn is_in_exit() -> bool {
    imp::is_in_exit()
}

/// Whether a call in [`std::process::exit`] returns to the address. That function never returns, so nobody but a thread which is in there
/// has such an address on its stack.
///
/// False where it is not known (anything but Linux).
#[must_use]
pub fn returns_to_exit(address: usize) -> bool {
    imp::returns_to_exit(address)
}

/// Has the current thread share open files with nobody: from now on it has none, and room for as many as the process may have.
/// The files of the other threads stay open. There has to be another thread that shares them, and this one must not have any of its own.
///
/// Does nothing where that is not known how to do (Linux before 5.9, and anything else).
pub fn leave_files() {
    imp::leave_files();
}

#[cfg(all(target_os = "linux", not(target_arch = "arm")))]
mod imp {
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
mod imp {
    pub(super) fn is_in_exit() -> bool {
        false
    }

    pub(super) fn returns_to_exit(_: usize) -> bool {
        false
    }

    pub(super) fn leave_files() {}
}
