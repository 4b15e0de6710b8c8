//! Dumps when somebody asks from outside, or when something goes wrong.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    panic,
};

use crate::dump::dump;

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
    dump_on_signal(signals::QUIT)
}

/// As [`dump_on_quit`], on another signal.
///
/// # Errors
///
/// As those of [`dump_on_quit`].
pub fn dump_on_signal(signal: i32) -> Result<(), SignalError> {
    signals::listen(signal, print).map_err(|why| SignalError { signal, why })
}

/// From now on a panic, of any thread, prints a [dump](dump()) on standard error after its message.
///
/// Also one that somebody catches. It is done once for each panic, by the thread that panics.
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
        before(info);
        print();
    }));
}

fn print() {
    // There is nobody to tell that it cannot be printed.
    let _ = io::stderr().lock().write_all(dump().to_string().as_bytes());
}

#[cfg(unix)]
mod signals {
    use std::{io, thread};

    use signal_hook::{consts::SIGQUIT, iterator::Signals};

    pub(super) const QUIT: i32 = SIGQUIT;

    /// Has a thread of its own listen.
    pub(super) fn listen(signal: i32, heard: fn()) -> io::Result<()> {
        if signal_hook::consts::FORBIDDEN.contains(&signal) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "nobody can listen to it"));
        }
        let mut signals = Signals::new([signal])?;
        let listen = move || signals.forever().for_each(|_| heard());
        thread::Builder::new().name("threadwork-dump".to_owned()).spawn(listen).map(drop)
    }
}

#[cfg(not(unix))]
mod signals {
    use std::io;

    pub(super) const QUIT: i32 = 3;

    pub(super) fn listen(_: i32, _: fn()) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there are no signals here"))
    }
}
