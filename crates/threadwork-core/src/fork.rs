//! What a process is that may be forked: how often it was, how it starts threads, and what is locked meanwhile.
//!
//! A thread that forks takes all locks of the process that the child may need, one after the other, in the order of [`Part`].
//! So the child finds what they guard whole, and releases them. Who holds one of them may wait for a later one, and for no earlier one.
//! The locks of single objects are [`Part::Objects`], all of them together: who takes one is `inside` of a gate that is closed first.

use std::{
    cell::RefCell,
    io,
    mem::{self, ManuallyDrop},
    num::NonZeroU64,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
};

use once_cell::race::OnceRef;
use threadwork_sync::{
    Lock, LockGuard, get_ident,
    internal::{
        door::be_helper,
        fork::{at_fork, forget_waiters, leave_queues},
    },
};

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
    /// The count of memory maps, which needs the registry.
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

const COUNT: usize = Part::Records as usize + 1;

/// A part that is locked while the current thread forks. To call it releases it in the child, where nobody waits for it;
/// to drop it does so in the parent.
pub type Locked = Box<dyn FnOnce()>;

/// How a part is locked.
pub type LockPart = fn() -> Locked;

/// How each part is locked, once somebody uses it.
static PARTS: [OnceRef<'static, LockPart>; COUNT] = [const { OnceRef::new() }; COUNT];

/// How many forks there are between the first process and this one.
static PROCESS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// What the current thread has locked. Never dropped, so that a thread can fork while it drops its thread-local values.
    static HELD: RefCell<ManuallyDrop<Vec<Locked>>> =
        const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

/// A number that no process has that this one was forked from.
#[must_use]
pub fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// All threads of the operating system that this library makes are made by this: in the child of a fork, the first one could otherwise
/// get the memory of one that still stands in a queue.
pub fn thread_builder() -> thread::Builder {
    leave_queues();
    thread::Builder::new()
}

/// Starts a thread of the library's own: it is not listed, and who looks for threads that wait for long leaves it out.
///
/// # Errors
///
/// If the operating system refuses it.
pub fn start_helper(name: &'static str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_helper(thread_builder(), name, run)
}

pub(crate) fn spawn_helper(
    builder: thread::Builder,
    name: &'static str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let run = move || {
        be_helper(name);
        run();
    };
    builder.name(name.to_owned()).spawn(run).map(drop)
}

/// From now on a part is locked by `lock` while the process forks.
pub(crate) fn look_after(part: Part, lock: &'static LockPart) {
    // It may have been said before.
    let _ = PARTS[part as usize].set(lock);
}

/// From now on what is looked after is locked while the process forks.
pub(crate) fn watch() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    // Whoever comes second does not wait: the child of a fork at this moment would for ever.
    if !WATCHED.load(Ordering::Relaxed) && !WATCHED.swap(true, Ordering::Relaxed) {
        at_fork(prepare, parent, child);
    }
}

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

extern "C" fn prepare() {
    let held = PARTS.iter().filter_map(OnceRef::get).map(|lock| lock()).collect();
    HELD.with(|it| it.replace(ManuallyDrop::new(held)));
}

/// The parts that the current thread has locked, the last one first.
fn held() -> impl Iterator<Item = Locked> {
    let held = HELD.with(|it| mem::replace(&mut *it.borrow_mut(), ManuallyDrop::new(Vec::new())));
    ManuallyDrop::into_inner(held).into_iter().rev()
}

extern "C" fn parent() {
    held().for_each(drop);
}

extern "C" fn child() {
    PROCESS.fetch_add(1, Ordering::Relaxed);
    held().for_each(|release| release());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_looked_after_but_those_that_are_when_they_are_first_used() {
        const LATER: [Part; 3] = [Part::Listeners, Part::LockWatch, Part::Recorder];
        crate::forked::watch();
        let later = LATER.map(|it| it as usize);
        let missing = (0..COUNT).filter(|it| PARTS[*it].get().is_none() && !later.contains(it));
        assert_eq!(missing.collect::<Vec<usize>>(), Vec::new());
    }
}
