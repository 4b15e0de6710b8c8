//! What is locked while the process forks.

use std::num::NonZeroU64;

use threadwork_sync::{Lock, LockGuard, get_ident, internal::fork::forget_waiters};

/// What is locked while the process forks, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// No signal comes in between.
    Signals,
    /// The locks of objects: names of threads, lists of stop sources, values of locals, panic handlers of groups, news of supervisors;
    /// and what is made once.
    Objects,
    /// The program that a signal stops.
    Program,
    /// Who listens to signals.
    Listeners,
    /// The count of memory maps.
    MemoryMaps,
    /// The hooks.
    Hooks,
    /// The excepthook.
    Excepthook,
    /// The exit callbacks.
    ExitCallbacks,
    /// The places of locals.
    Places,
    /// The spare tables of locals.
    SpareTables,
    /// The pending timers.
    Timers,
    /// The registry, and the main thread.
    Threads,
    /// What is known of locks, whose watch is told of all locks above.
    LockWatch,
    /// The recorder, which is told of all waits above.
    Recorder,
    /// The records of waits: from here on the thread that forks must not block.
    Records,
}

/// How many parts there are.
pub(super) const COUNT: usize = Part::Records as usize + 1;

/// A part that is locked while the current thread forks. To call it releases it in the child, where nobody waits for it;
/// to drop it does so in the parent.
pub type Locked = Box<dyn FnOnce()>;

/// How a part is locked.
pub type LockPart = fn() -> Locked;

/// Holds a lock of the process while that forks; `in_child` is called with what it guards there, before it is released.
pub fn hold<T>(lock: &'static Lock<T>, in_child: impl FnOnce(&mut T) + 'static) -> Locked {
    let guard = guard(lock);
    Box::new(move || {
        if let Some(mut guard) = guard {
            in_child(&mut guard);
            forget_waiters(&guard);
        }
    })
}

/// Acquires a lock, unless the current thread holds it: the handler of a signal may fork at any moment.
pub(crate) fn guard<T>(lock: &'static Lock<T>) -> Option<LockGuard<'static, T>> {
    let here: NonZeroU64 = get_ident();
    (lock.holder() != Some(here)).then(|| lock.acquire())
}
