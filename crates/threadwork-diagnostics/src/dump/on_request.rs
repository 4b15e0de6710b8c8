//! Dumps when somebody asks from outside, or when something goes wrong.

use std::{
    cell::Cell,
    error::Error,
    fmt,
    io::{self, Write},
    panic,
};

use super::take::dump;

/// Its number on every Unix.
const SIGQUIT: i32 = 3;

thread_local! {
    /// Whether a hook of ours has been called by another one of ours, which is going to print.
    static IS_INNER: Cell<bool> = const { Cell::new(false) };
}

/// The signal cannot be listened to: an error of [`dump_on_signal`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// // Nobody can listen to that.
/// const SIGKILL: i32 = 9;
/// let error = diagnostics::dump_on_signal(SIGKILL).unwrap_err();
/// assert!(error.to_string().starts_with("no dump on signal 9: "));
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
            "no dump on signal {signal}: {why}; choose another signal, or call `dump` yourself"
        )
    }
}

impl Error for SignalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.why)
    }
}

/// From now on a SIGQUIT (Ctrl-\\ in a terminal) prints a [dump](dump()) on standard error, and the program goes on; as the Java virtual machine does.
///
/// In the child of a fork nobody listens: there the signal does what it does by itself, unless the child asks for this anew.
///
/// # Errors
///
/// If the signal cannot be listened to, as on anything but Unix.
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

/// As [`dump_on_quit`], on another signal. However often it is called, there is one dump for each signal that comes.
///
/// # Errors
///
/// As those of [`dump_on_quit`].
pub fn dump_on_signal(signal: i32) -> Result<(), SignalError> {
    listen(signal, print_dump).map_err(|why| SignalError { signal, why })
}

/// From now on a panic, of any thread, prints a [dump](dump()) on standard error after its message.
///
/// Also one that somebody catches. It is done once for each panic, by the thread that panics, however often this is called;
/// unless somebody replaces the process's panic hook, with which it is gone.
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
/// A program that says what its threads did where it could not end in time:
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
    // There is nobody to tell that it cannot be printed.
    let _ = io::stderr().lock().write_all(dump().to_string().as_bytes());
}

/// Has a thread of its own listen.
#[cfg(unix)]
fn listen(signal: i32, heard: fn()) -> io::Result<()> {
    threadwork_core::internal::listen("threadwork-dump", &[signal], move |_| heard())
}

#[cfg(not(unix))]
fn listen(_: i32, _: fn()) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "there are no signals here"))
}
