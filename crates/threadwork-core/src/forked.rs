//! What is left of the threads in a process that was forked.
//!
//! Only the thread that has forked goes on in the child, and is the main one there, under the name that it has;
//! one that this library has not started is called `MainThread` from then on.
//! The others have ended: they are not listed, and to join one returns at once. So have the timers that were pending: they do not fire,
//! and the end of the program does not wait for them. Nothing is done for each of them: what was started in another process has ended here.
//! What the threads held stays held for ever, which is why a child of a process with threads should do little more than
//! replace itself by another program (fork(2), pthread_atfork(3)).

use threadwork_sync::internal::fork::{objects_locked, records_locked, signals_held};

use crate::{
    excepthook, exit,
    fork::{self, LockPart, Part},
    hooks, life, limits, local, program, registry, timer,
};

/// From now on a part that is used seldom is locked by `lock` while the process forks, with all others.
pub fn look_after(part: Part, lock: &'static LockPart) {
    fork::look_after(part, lock);
    watch();
}

/// From now on the child of a fork knows which threads it has.
pub(crate) fn watch() {
    const PARTS: &[(Part, LockPart)] = &[
        (Part::Signals, signals_held),
        (Part::Objects, objects_locked),
        (Part::Program, program::locked),
        (Part::MemoryMaps, limits::locked),
        (Part::Hooks, hooks::locked),
        (Part::Excepthook, excepthook::locked),
        (Part::ExitCallbacks, exit::locked),
        (Part::Places, local::places_locked),
        (Part::SpareTables, local::spare_tables_locked),
        (Part::Timers, timer::locked),
        (Part::Threads, registry::locked),
        (Part::Records, records_locked),
    ];
    life::beginning();
    PARTS.iter().for_each(|(part, lock)| fork::look_after(*part, lock));
    fork::watch();
}
