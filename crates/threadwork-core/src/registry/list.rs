//! All threads that are alive, about to be, or leaving.

use std::{
    collections::VecDeque,
    mem,
    num::NonZeroU64,
    sync::atomic::{AtomicU64, Ordering},
};

use threadwork_sync::{
    Lock, LockGuard, get_ident,
    internal::{fork::forget_waiters, lock::own_lock, number::MAIN_IDENT, os::main_native_id},
};

use crate::{
    life::{Life, Origin, Owner, ThreadHandle, ThreadState},
    process::{LockPart, Locked, Part, guard, look_after},
    work::Nothing,
};

#[cfg(test)]
mod tests;

/// All threads but the main one. No user code runs while it is locked, and no other lock is acquired.
static THREADS: Lock<Threads> = own_lock("the registry of threads", Threads::NONE);

struct Threads {
    /// From just before the operating system is asked for them until their thread-local values are dropped, in order of their numbers.
    ///
    /// The next one nearly always has the greatest number, and the first ones end first: so what has to be moved is little, and nothing is allocated.
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

    /// Those that are started and have not ended.
    fn alive(&self) -> impl Iterator<Item = &ThreadHandle> {
        self.listed.iter().map(|(_, it)| it).filter(|it| it.is_alive())
    }

    /// Those that have ended, and whose thread-local values are not dropped yet: whoever ends the program waits for them too.
    fn leaving(&self) -> impl Iterator<Item = &ThreadHandle> {
        self.listed.iter().map(|(_, it)| it).filter(|it| it.state().has_ended())
    }
}

/// The main thread, once somebody has asked for it.
static MAIN: Lock<Option<ThreadHandle>> = own_lock("the main thread", None);

/// The number of the main thread: another one only in a process that was forked by another thread.
static MAIN_NUMBER: AtomicU64 = AtomicU64::new(MAIN_IDENT.get());

/// How many are alive, but for the main one.
pub(super) fn count_alive() -> usize {
    threads().alive().count()
}

/// How many threads the operating system has taken and not let run yet.
pub(crate) fn about_to_run() -> usize {
    threads().alive().filter(|it| it.state() == ThreadState::Started).count()
}

/// The thread that entered `main`, whoever asks.
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

/// Whether this is the number of the main thread.
pub(crate) fn is_main(ident: NonZeroU64) -> bool {
    ident.get() == MAIN_NUMBER.load(Ordering::Relaxed)
}

/// A thread that runs already and that others have started.
pub(crate) fn running(origin: Origin, name: String, ident: NonZeroU64) -> ThreadHandle {
    let owner = Owner::new(Life::of_running(origin, name, ident), Nothing);
    ThreadHandle::of(&owner)
}

/// Adds a thread under its number.
pub(crate) fn insert(ident: NonZeroU64, thread: ThreadHandle) {
    threads().insert(ident, thread);
}

/// Removes a thread; its handle is dropped after the registry is unlocked.
pub(crate) fn remove(ident: NonZeroU64) {
    let _thread = threads().remove(ident);
}

/// The thread with this number, if it is listed; it may be about to start, or leaving.
pub(crate) fn find(ident: NonZeroU64) -> Option<ThreadHandle> {
    let threads = threads();
    threads.place(ident).ok().map(|place| threads.listed[place].1.clone())
}

/// The threads that `wanted` wants, but for the main one.
pub(crate) fn all(wanted: impl Fn(&ThreadHandle) -> bool) -> Vec<ThreadHandle> {
    threads().alive().filter(|it| wanted(it)).cloned().collect()
}

/// One thread that `wanted` wants and that is alive, and one that has ended and not left, which is watched until it does.
///
/// Both at once: a thread that leaves may start another and be gone between two looks.
pub(super) fn one_of_each(
    wanted: impl Fn(&ThreadHandle) -> bool,
) -> (Option<ThreadHandle>, Option<ThreadHandle>) {
    let threads = threads();
    let alive = threads.alive().find(|it| wanted(it)).cloned();
    let leaving = threads.leaving().find(|it| wanted(it)).cloned();
    leaving.iter().for_each(|it| it.life().ending.leaving.watch());
    (alive, leaving)
}

/// The threads that `wanted` wants of those that have ended and not left.
pub(crate) fn leaving(wanted: impl Fn(&ThreadHandle) -> bool) -> Vec<ThreadHandle> {
    threads().leaving().filter(|it| wanted(it)).cloned().collect()
}

fn threads() -> LockGuard<'static, Threads> {
    look_after(Part::Threads, &LOCKED);
    THREADS.acquire()
}

fn main() -> LockGuard<'static, Option<ThreadHandle>> {
    look_after(Part::Threads, &LOCKED);
    MAIN.acquire()
}

static LOCKED: LockPart = || -> Locked {
    let (threads, main) = (guard(&THREADS), guard(&MAIN));
    Box::new(move || {
        if let (Some(mut threads), Some(mut main)) = (threads, main) {
            keep_current(&mut threads, &mut main);
            forget_waiters(&threads);
            forget_waiters(&main);
        }
    })
};

/// In the child of a fork: leaves the current thread as the only one, and the main one.
///
/// The handles of the others are not dropped: that would drop what belongs to threads that never come to an end here.
fn keep_current(threads: &mut Threads, main: &mut Option<ThreadHandle>) {
    let current = get_ident();
    let mut others = mem::replace(threads, Threads::NONE);
    let here = others.remove(current);
    mem::forget(others);
    if is_main(current) {
        main.iter().for_each(|it| _ = it.life().goes_on());
        return;
    }
    MAIN_NUMBER.store(current.get(), Ordering::Relaxed);
    // One that is leaving has ended already, and is not the main one; that is made when somebody asks for it.
    let (goes_on, has_ended) = match here {
        Some(thread) if thread.life().goes_on() => (Some(thread), None),
        other => (None, other),
    };
    mem::forget((mem::replace(main, goes_on), has_ended));
}
