//! The list of all threads that are alive, about to be, or leaving.

use std::{
    collections::VecDeque,
    mem,
    num::NonZeroU64,
    sync::atomic::{AtomicU64, Ordering},
};

use threadwork_sync::{
    Lock, LockGuard, get_ident,
    internal::{lock::own_lock, number::MAIN_IDENT, os::main_native_id},
};

use crate::{
    life::{Life, Origin, Owner, ThreadHandle, ThreadState},
    process::{LockPart, Locked, Part, guard, look_after},
    work::Nothing,
};

#[cfg(test)]
mod tests;

/// All threads except the main thread. While it is locked, no user code runs and no other lock is acquired.
static THREADS: Lock<Threads> = own_lock("the registry of threads", Threads::NONE);

struct Threads {
    /// The threads in order of their numbers. A thread is listed from just before the operating system is asked to start it until
    /// its thread-local values are dropped.
    ///
    /// A new thread nearly always has the greatest number, and the oldest threads end first. So little is moved, and nothing is allocated.
    listed: VecDeque<(NonZeroU64, ThreadHandle)>,
}

impl Threads {
    const NONE: Threads = Threads { listed: VecDeque::new() };

    fn place(&self, ident: NonZeroU64) -> Result<usize, usize> {
        match self.listed.back() {
            Some((last, _)) if *last < ident => Err(self.listed.len()),
            _ => self.listed.binary_search_by_key(&ident, |(ident, _)| *ident),
        }
    }

    fn insert(&mut self, ident: NonZeroU64, thread: ThreadHandle) {
        let (Ok(place) | Err(place)) = self.place(ident);
        self.listed.insert(place, (ident, thread));
    }

    fn remove(&mut self, ident: NonZeroU64) -> Option<ThreadHandle> {
        let place = self.place(ident).ok()?;
        self.listed.remove(place).map(|(_, thread)| thread)
    }

    /// Returns the threads that are started and have not ended.
    fn alive(&self) -> impl Iterator<Item = &ThreadHandle> {
        self.listed.iter().map(|(_, it)| it).filter(|it| it.is_alive())
    }

    /// Returns the threads that have ended and whose thread-local values are not dropped yet. The end of the program waits for them, too.
    fn leaving(&self) -> impl Iterator<Item = &ThreadHandle> {
        self.listed.iter().map(|(_, it)| it).filter(|it| it.state().has_ended())
    }
}

/// The main thread, created on first use.
static MAIN: Lock<Option<ThreadHandle>> = own_lock("the main thread", None);

/// The number of the main thread. It differs from [`MAIN_IDENT`] only in a process that was forked by another thread.
static MAIN_NUMBER: AtomicU64 = AtomicU64::new(MAIN_IDENT.get());

/// Returns the number of threads that are alive and that `wanted` selects, without the main thread.
pub(super) fn count_alive(wanted: impl Fn(&ThreadHandle) -> bool) -> usize {
    threads().alive().filter(|it| wanted(it)).count()
}

/// Returns the number of threads that the operating system has accepted but that do not run yet.
pub(crate) fn about_to_run() -> usize {
    threads().alive().filter(|it| it.state() == ThreadState::Started).count()
}

/// Returns the main thread, the one that entered `main`. It can be called from any thread.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let main = threadwork::main_thread();
/// assert_eq!(main.name(), "MainThread");
/// assert!(!main.is_daemon());
/// ```
#[must_use]
pub fn main_thread() -> ThreadHandle {
    let mut main = main();
    let main = main.get_or_insert_with(|| {
        let ident = NonZeroU64::new(MAIN_NUMBER.load(Ordering::Relaxed)).unwrap_or(MAIN_IDENT);
        let main = running(Origin::Main, "MainThread".to_owned(), ident);
        main.life().set_native_id(main_native_id());
        main
    });
    main.clone()
}

/// Returns `true` if this is the number of the main thread.
pub(crate) fn is_main(ident: NonZeroU64) -> bool {
    ident.get() == MAIN_NUMBER.load(Ordering::Relaxed)
}

/// Creates the handle to a thread that already runs and was not started by this library.
pub(crate) fn running(origin: Origin, name: String, ident: NonZeroU64) -> ThreadHandle {
    let owner = Owner::new(Life::of_running(origin, name, ident), Nothing);
    ThreadHandle::of(&owner)
}

/// Adds a thread under its number.
pub(crate) fn insert(ident: NonZeroU64, thread: ThreadHandle) {
    threads().insert(ident, thread);
}

/// Removes a thread. Its handle is dropped after the registry is unlocked.
pub(crate) fn remove(ident: NonZeroU64) {
    let _thread = threads().remove(ident);
}

/// Returns the thread with this number, if it is listed. It may be about to start, or leaving.
pub(crate) fn find(ident: NonZeroU64) -> Option<ThreadHandle> {
    let threads = threads();
    threads.place(ident).ok().map(|place| threads.listed[place].1.clone())
}

/// Returns the threads that are alive and that `wanted` selects, without the main thread.
pub(crate) fn all(wanted: impl Fn(&ThreadHandle) -> bool) -> Vec<ThreadHandle> {
    threads().alive().filter(|it| wanted(it)).cloned().collect()
}

/// Returns one selected thread that is alive, and one that has ended and not left. The second is watched until it leaves.
///
/// Both are found in one look: a leaving thread may start another one and be gone before a second look.
pub(super) fn one_of_each(
    wanted: impl Fn(&ThreadHandle) -> bool,
) -> (Option<ThreadHandle>, Option<ThreadHandle>) {
    let threads = threads();
    let alive = threads.alive().find(|it| wanted(it)).cloned();
    let leaving = threads.leaving().find(|it| wanted(it)).cloned();
    leaving.iter().for_each(|it| it.life().end.leaving.watch());
    (alive, leaving)
}

/// Returns the selected threads that have ended and not left.
pub(crate) fn leaving(wanted: impl Fn(&ThreadHandle) -> bool) -> Vec<ThreadHandle> {
    threads().leaving().filter(|it| wanted(it)).cloned().collect()
}

/// Registers the registry for forks. A thread does this before it locks an earlier part and asks the registry then:
/// while it holds a part that a fork waits for, it must not wait for the fork.
pub(crate) fn be_looked_after() {
    look_after(Part::Threads, &LOCKED);
}

fn threads() -> LockGuard<'static, Threads> {
    be_looked_after();
    THREADS.acquire()
}

fn main() -> LockGuard<'static, Option<ThreadHandle>> {
    be_looked_after();
    MAIN.acquire()
}

static LOCKED: LockPart = || -> Locked {
    let (threads, main) = (guard(&THREADS), guard(&MAIN));
    Box::new(move || {
        if let (Some(mut threads), Some(mut main)) = (threads, main) {
            keep_current(&mut threads, &mut main);
        }
    })
};

/// In the child of a fork, removes all threads except the current one, which becomes the main thread.
///
/// The handles of the other threads are not dropped: that would drop what belongs to threads that never end here.
///
/// Scenario "the threads that are not there" in docs/architecture.md.
fn keep_current(threads: &mut Threads, main: &mut Option<ThreadHandle>) {
    let current = get_ident();
    let mut others = mem::replace(threads, Threads::NONE);
    let here = others.remove(current);
    mem::forget(others);
    if is_main(current) {
        main.iter().for_each(|it| _ = it.life().survive_fork());
        return;
    }
    MAIN_NUMBER.store(current.get(), Ordering::Relaxed);
    // A leaving thread has already ended and cannot be the main thread; then the main thread is created on first use.
    let (survivor, has_ended) = match here {
        Some(thread) if thread.life().survive_fork() => (Some(thread), None),
        other => (None, other),
    };
    mem::forget((mem::replace(main, survivor), has_ended));
}
