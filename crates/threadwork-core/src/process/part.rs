//! The parts of the library that are locked while the process forks.

use std::num::NonZeroU64;

use threadwork_sync::{Lock, LockGuard, get_ident};

/// A part that is locked while the process forks. The parts are locked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The program that a signal stops.
    Program,
    /// The listeners for signals.
    Listeners,
    /// The count of memory maps.
    MemoryMaps,
    /// The hooks.
    Hooks,
    /// The excepthook.
    Excepthook,
    /// The failure handler.
    FailureHandler,
    /// The faults that are remembered.
    Faults,
    /// The exit callbacks.
    ExitCallbacks,
    /// The places of locals.
    Places,
    /// The spare tables of locals.
    SpareTables,
    /// The executors.
    Executors,
    /// The pending timers.
    Timers,
    /// The registry, and the main thread.
    Threads,
    /// The library's own threads that are not in the registry.
    Helpers,
    /// What is known about locks. The lock watch observes all locks above.
    LockWatch,
    /// The recorder, which observes all waits above.
    Recorder,
}

/// The number of parts.
pub(super) const COUNT: usize = Part::Recorder as usize + 1;

/// A part that the current thread has locked for a fork. Calling it releases the part in the child, where no thread waits for it;
/// dropping it releases the part in the parent.
pub type Locked = Box<dyn FnOnce()>;

/// A function that locks a part.
pub type LockPart = fn() -> Locked;

/// Holds a process-wide lock while the process forks. In the child, `in_child` is called with the guarded value before the release.
pub fn hold<T>(lock: &'static Lock<T>, in_child: impl FnOnce(&mut T) + 'static) -> Locked {
    let guard = guard(lock);
    Box::new(move || {
        if let Some(mut guard) = guard {
            in_child(&mut guard);
        }
    })
}

/// Acquires a lock, unless the current thread already holds it: a signal handler may fork at any moment.
pub(crate) fn guard<T>(lock: &'static Lock<T>) -> Option<LockGuard<'static, T>> {
    let here: NonZeroU64 = get_ident();
    (lock.holder() != Some(here)).then(|| lock.acquire())
}
