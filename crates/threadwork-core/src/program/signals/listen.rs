//! Threads that listen for signals.

use std::{
    collections::{BTreeMap, BTreeSet},
    io, mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

pub(super) use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{
    consts::FORBIDDEN,
    flag::register_conditional_default,
    iterator::Signals,
    low_level::{emulate_default_handler, signal_name},
};
use threadwork_sync::{Event, Lock, internal::lock::own_lock};

use crate::{
    panic::reported,
    process::{LockPart, Part, hold, look_after, start_helper},
};

/// The listeners of this process. The child of a fork inherits the signal handlers, but not the threads.
static LISTENERS: Lock<Listeners> = own_lock(
    "the listeners to signals",
    Listeners { unheard: BTreeMap::new(), threads: BTreeSet::new() },
);

struct Listeners {
    /// By signal, whether it has no listener: it has its default effect then.
    unheard: BTreeMap<i32, Arc<AtomicBool>>,
    /// Names of threads, with the signals that they listen for.
    threads: BTreeSet<(&'static str, i32)>,
}

/// Starts a thread with this name that calls `heard` with each of these signals that arrives.
/// Does nothing if a thread with this name already listens for all of them in this process.
///
/// Until the thread runs, and in the child of a fork, which does not have the thread, the signals have their default effect.
///
/// # Errors
///
/// Returns an error if one of the signals cannot be caught, or if the thread cannot be started.
pub fn listen(
    name: &'static str,
    signals: &[i32],
    heard: impl FnMut(i32) + Send + 'static,
) -> io::Result<()> {
    signals.iter().try_for_each(|it| check(*it))?;
    look_after(Part::Listeners, &LOCKED);
    let mut listeners = LISTENERS.acquire();
    if signals.iter().all(|it| listeners.threads.contains(&(name, *it))) {
        return Ok(());
    }
    for signal in signals.iter().filter(|it| signal_name(**it).is_some()) {
        if !listeners.unheard.contains_key(signal) {
            let unheard = Arc::new(AtomicBool::new(true));
            register_conditional_default(*signal, Arc::clone(&unheard))?;
            listeners.unheard.insert(*signal, unheard);
        }
    }
    start_thread(name, signals.to_vec(), heard)?;
    for signal in signals {
        listeners.threads.insert((name, *signal));
        listeners.unheard.get(signal).iter().for_each(|it| it.store(false, Ordering::SeqCst));
    }
    Ok(())
}

/// Starts the thread before its handlers are installed: a handler is never removed again, and without its thread the signal would do
/// nothing at all.
///
/// Scenario "the signal without a listener" in docs/architecture.md.
fn start_thread(
    name: &'static str,
    signals: Vec<i32>,
    mut heard: impl FnMut(i32) + Send + 'static,
) -> io::Result<()> {
    let begun = Arc::new((own_lock("the begin of a signal listener", Ok(())), Event::new()));
    let begins = Arc::clone(&begun);
    start_helper(name, move || {
        let incoming = Signals::new(signals).map_err(|error| *begins.0.acquire() = Err(error));
        begins.1.set();
        let Ok(mut incoming) = incoming else { return };
        for signal in incoming.forever() {
            // A panic must not end the thread: its signals would have no listener.
            reported("signal listener", || heard(signal));
        }
    })?;
    begun.1.wait();
    mem::replace(&mut begun.0.acquire(), Ok(()))
}

/// Lets the signal do what it would do without a listener.
pub(super) fn take_default_effect(signal: i32) {
    let _ = emulate_default_handler(signal);
}

/// Rejects the signals at which `Signals` panics.
fn check(signal: i32) -> io::Result<()> {
    /// No system has a higher signal number.
    const MAX: i32 = 127;
    let bad = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if !(1..=MAX).contains(&signal) {
        return bad("no such signal");
    }
    if FORBIDDEN.contains(&signal) {
        return bad("this signal cannot be caught");
    }
    Ok(())
}

static LOCKED: LockPart = || {
    hold(&LISTENERS, |listeners| {
        listeners.threads.clear();
        listeners.unheard.values().for_each(|it| it.store(true, Ordering::SeqCst));
    })
};
