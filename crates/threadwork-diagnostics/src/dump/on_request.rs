//! Printing a dump on a signal, on a panic, or at once.

use std::{
    cell::Cell,
    error::Error,
    fmt,
    io::{self, Write},
    panic,
};

use threadwork_core::internal::listen;

use super::take::dump;

/// Its number on every Unix.
const SIGQUIT: i32 = 3;

thread_local! {
    /// Whether the current hook was called by another hook of this library, which prints the dump.
    static IS_INNER: Cell<bool> = const { Cell::new(false) };
}

/// The signal cannot be handled: an error of [`dump_on_signal`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// // No program can handle this signal.
/// const SIGKILL: i32 = 9;
/// let error = diagnostics::dump_on_signal(SIGKILL).unwrap_err();
/// assert!(error.to_string().starts_with("cannot dump on signal 9: "));
/// ```
#[derive(Debug)]
pub struct SignalError {
    signal: i32,
    why: io::Error,
}

impl fmt::Display for SignalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SignalError { signal, why } = self;
        write!(
            f,
            "cannot dump on signal {signal}: {why}; choose another signal, or call `dump` yourself"
        )
    }
}

impl Error for SignalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.why)
    }
}

/// Makes SIGQUIT (Ctrl-\\ in a terminal) print a [dump](dump()) on standard error. The program continues, as under the Java virtual machine.
///
/// The child of a fork does not inherit this: there the signal has its default action until the child calls this again.
///
/// # Errors
///
/// If the signal cannot be handled, and on systems other than Unix.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// # #[cfg(unix)]
/// diagnostics::dump_on_quit()?;
/// # Ok::<(), diagnostics::SignalError>(())
/// ```
pub fn dump_on_quit() -> Result<(), SignalError> {
    dump_on_signal(SIGQUIT)
}

/// Does the same as [`dump_on_quit`] for another signal. However often this is called, each received signal prints one dump.
///
/// # Errors
///
/// The same as those of [`dump_on_quit`].
pub fn dump_on_signal(signal: i32) -> Result<(), SignalError> {
    listen("threadwork-dump", &[signal], |_| print_dump())
        .map_err(|why| SignalError { signal, why })
}

/// Makes a panic of any thread print a [dump](dump()) on standard error, after its message.
///
/// Panics that are caught print one too. The panicking thread prints one dump for each panic, however often this is called.
/// This ends if the process's panic hook is replaced.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// diagnostics::dump_on_panic();
/// assert!(std::panic::catch_unwind(|| panic!("out of paper")).is_err());
/// ```
pub fn dump_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_inner = IS_INNER.replace(true);
        before(info);
        IS_INNER.set(is_inner);
        if !is_inner {
            print_dump();
        }
    }));
}

/// Prints a [dump](dump()) on standard error.
///
/// # Examples
///
/// A program that prints what its threads are doing when it cannot end in time:
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::Program;
///
/// Program::new()
///     .wait_at_most(Duration::from_secs(10))
///     .before_cut_off(|_late| diagnostics::print_dump())
///     .run(|| ());
/// ```
pub fn print_dump() {
    // If standard error cannot be written, there is no place to report that.
    let _ = io::stderr().lock().write_all(dump().to_string().as_bytes());
}
