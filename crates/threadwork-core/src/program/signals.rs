//! The signals that stop the program.

use std::io;

use crate::{exit::stop_program, panic::report};

#[cfg(all(unix, not(threadwork_portable)))]
mod listen;

/// Systems of which it is not known whether they have signals. None is heard there, and who wants to listen is told so.
#[cfg(not(all(unix, not(threadwork_portable))))]
mod listen {
    use std::io;

    pub(super) const SIGINT: i32 = 2;
    pub(super) const SIGTERM: i32 = 15;

    /// Returns an error that says that there are none.
    pub fn listen(
        _: &'static str,
        _: &[i32],
        _: impl FnMut(i32) + Send + 'static,
    ) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no signals"))
    }

    pub(super) fn take_default_effect(_: i32) {}
}

pub use self::listen::listen;
use self::listen::{SIGINT, SIGTERM, take_default_effect};

/// Makes the next signal stop the running program. Without one, it has its default effect. Does nothing on systems without signals.
pub(super) fn watch() {
    let heard = |signal| {
        if !stop_program(true) {
            take_default_effect(signal);
        }
    };
    match listen("threadwork-signals", &[SIGINT, SIGTERM], heard) {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => {
            report(&format!("threadwork: signals do not stop the threads ({error})"));
        }
        _ => (),
    }
}
