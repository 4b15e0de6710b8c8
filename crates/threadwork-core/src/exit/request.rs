//! The request that the program ends.

use super::{
    fallback,
    stops::{request_code, stop_all_elsewhere, stop_program},
};

/// The exit code after a failure of an [essential](crate::Builder::essential) thread: the `EX_SOFTWARE` of BSD's `sysexits.h`.
pub(crate) const ESSENTIAL_CODE: i32 = 70;

/// Asks every thread to stop, including the main thread and daemons, and makes the process end with `code` when all have ended.
///
/// This may be called in any thread, and returns at once. It does what SIGTERM does to a program that
/// [stops on signals](crate::Program::stop_on_signals): the closure of the program returns, the [`at_exit`](crate::at_exit) callbacks are
/// called, the threads are waited for, for [as long as the program allows](crate::Program::wait_at_most), and then the process ends with
/// `code` in place of `main`'s answer. No destructors of the main thread run after that.
/// If the time is up before that, the process ends with [`code_if_cut_off`](crate::Program::code_if_cut_off), if that is set.
///
/// The first request counts; later ones do nothing. A request before the program begins is granted when it does.
///
/// Outside [`main`](crate::main()) and [`Program`](crate::Program) there is no limit to the wait, and the code counts on Unix alone.
///
/// [`exit`](crate::exit()) ends the process at once.
///
/// # Differences from Python
///
/// * Python has nothing like it. `_thread.interrupt_main` is the nearest: it raises in the main thread, and stops no other.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use threadwork::{Program, Thread};
///
/// Program::new().wait_at_most(std::time::Duration::from_secs(60)).run(|| {
///     let worker = Thread::new(|| while threadwork::sleep(std::time::Duration::MAX).is_ok() {});
///     worker.start().unwrap();
///     Thread::new(|| threadwork::request_exit(0)).start().unwrap();
///     worker.join().unwrap();
///     assert!(threadwork::sleep(std::time::Duration::MAX).is_err());
/// });
/// unreachable!("the program has ended, with the code 0");
/// ```
pub fn request_exit(code: i32) {
    // Scenario "the exit that is requested" in docs/architecture.md.
    if request_code(code) {
        fallback::watch();
        if !stop_program(false) {
            stop_all_elsewhere();
        }
    }
}
