//! Threads that listen to signals.

use std::{
    collections::{BTreeMap, BTreeSet},
    io, mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::FORBIDDEN, flag::register_conditional_default, iterator::Signals,
    low_level::signal_name,
};
use threadwork_sync::{Event, Lock, internal::lock::own_lock};

use crate::{
    panic::reported,
    process::{LockPart, Part, hold, look_after, start_helper},
};

/// Who listens in this process, and to what. It has its handlers from the process that it was forked from, but not the threads.
static LISTENERS: Lock<Listeners> = own_lock(
    "the listeners to signals",
    Listeners { unheard: BTreeMap::new(), threads: BTreeSet::new() },
);

struct Listeners {
    /// By signal whether nobody listens to it: it does what it does by itself then.
    unheard: BTreeMap<i32, Arc<AtomicBool>>,
    /// Which thread listens to which signal.
    threads: BTreeSet<(&'static str, i32)>,
}

/// Has a thread of this name listen to these signals, unless it does so in this process already; `heard` is called with each that comes.
///
/// Until the thread is there, and in the child of a fork, where it is not, the signals do what they do by themselves.
///
/// # Errors
///
/// If one of the signals cannot be listened to, or there is no thread for it.
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

/// The thread is there before its handlers: those stay, and without it a signal would do nothing at all.
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
            // Else a panic would leave signals to nobody.
            reported("signal listener", || heard(signal));
        }
    })?;
    begun.1.wait();
    mem::replace(&mut begun.0.acquire(), Ok(()))
}

/// `Signals` panics at these.
fn check(signal: i32) -> io::Result<()> {
    /// No system has more signals.
    const MAX: i32 = 127;
    let bad = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if !(1..=MAX).contains(&signal) {
        return bad("there is no such signal");
    }
    if FORBIDDEN.contains(&signal) {
        return bad("nobody can listen to it");
    }
    Ok(())
}

static LOCKED: LockPart = || {
    hold(&LISTENERS, |listeners| {
        listeners.threads.clear();
        listeners.unheard.values().for_each(|it| it.store(true, Ordering::SeqCst));
    })
};
