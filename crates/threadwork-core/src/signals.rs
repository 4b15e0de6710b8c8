//! Threads that listen to signals.

use std::io;

/// Has `heard` called with each of these signals that comes from now on, in a thread of its own, which has the name.
///
/// # Errors
///
/// If the thread is refused, or one of the signals cannot be listened to, as all on anything but Unix: then they do what they did before.
pub fn listen(
    name: &'static str,
    signals: &[i32],
    heard: impl FnMut(i32) + Send + 'static,
) -> io::Result<()> {
    imp::listen(name, signals, heard)
}

#[cfg(unix)]
mod imp {
    use std::{io, sync::Arc};

    use signal_hook::{consts::FORBIDDEN, iterator::Signals};
    use threadwork_sync::{Event, internal::own_lock};

    use crate::{excepthook::reported, fork};

    /// No system has more signals.
    const MAX: i32 = 127;

    pub(super) fn listen(
        name: &'static str,
        signals: &[i32],
        mut heard: impl FnMut(i32) + Send + 'static,
    ) -> io::Result<()> {
        signals.iter().try_for_each(|it| check(*it))?;
        let signals = signals.to_vec();
        let begun = Arc::new((own_lock("the begin of a signal listener", Ok(())), Event::new()));
        let begins = Arc::clone(&begun);
        let run = move || {
            let listening = Signals::new(signals);
            let listening = listening.map_err(|error| *begins.0.acquire() = Err(error));
            begins.1.set();
            let Ok(mut signals) = listening else { return };
            for signal in signals.forever() {
                // Else a panic would leave signals to nobody.
                reported("signal listener", || heard(signal));
            }
        };
        // The thread is there before the handlers: those stay, and without it signals would do nothing at all.
        fork::start_helper(name, run)?;
        begun.1.wait();
        std::mem::replace(&mut begun.0.acquire(), Ok(()))
    }

    /// `Signals` panics at these.
    fn check(signal: i32) -> io::Result<()> {
        let bad = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if !(1..=MAX).contains(&signal) {
            return bad("there is no such signal");
        }
        if FORBIDDEN.contains(&signal) {
            return bad("nobody can listen to it");
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod imp {
    use std::io;

    pub(super) fn listen(_: &'static str, _: &[i32], _: impl FnMut(i32)) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there are no signals here"))
    }
}
