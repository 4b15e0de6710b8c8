//! The locks that each thread holds, and its counts.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroU64},
    sync::{Arc, MutexGuard},
};

use threadwork_sync::get_ident;

use super::{counts::Counts, held::HeldLock, here::once};
use crate::mutex::Mutex;

#[cfg(test)]
mod tests;

/// A thread that has acquired a lock since the watch began.
#[derive(Debug)]
pub(super) struct Watched {
    /// The locks that it holds, in order of their acquisition.
    pub(super) held: Vec<HeldLock>,
    pub(super) counts: Counts,
}

/// All watched threads. This is locked before the data of one of them.
pub(super) struct All {
    threads: BTreeMap<NonZeroU64, Arc<Mutex<Watched>>>,
    /// The counts of threads that have ended.
    ended: Counts,
}

static ALL: Mutex<All> = Mutex::new(All { threads: BTreeMap::new(), ended: Counts::NONE });

thread_local! {
    static MINE: RefCell<Option<Mine>> = const { RefCell::new(None) };
}

/// Keeps the current thread in [`ALL`] while it lives. Mostly the thread itself locks its data, so that lock is nearly always free.
struct Mine {
    ident: NonZeroU64,
    watched: Arc<Mutex<Watched>>,
}

impl Mine {
    fn new(ident: NonZeroU64) -> Mine {
        let watched = Arc::new(Mutex::new(Watched { held: Vec::new(), counts: Counts::NONE }));
        ALL.lock().threads.insert(ident, Arc::clone(&watched));
        Mine { ident, watched }
    }

    /// Keeps the current thread, which has this number. A thread that ran before in the same operating system thread has ended.
    fn renew(mine: &mut Option<Mine>, ident: NonZeroU64) -> &Mine {
        if let Some(before) = mine.take_if(|it| it.ident != ident) {
            ALL.lock().ends(before.ident);
        }
        mine.get_or_insert_with(|| Mine::new(ident))
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        once(|| ALL.lock().ends(self.ident));
    }
}

impl All {
    /// A thread ends: its counts are kept.
    fn ends(&mut self, ident: NonZeroU64) {
        if let Some(thread) = self.threads.remove(&ident) {
            self.ended.add(&thread.lock().counts);
        }
    }

    /// Keeps other threads from this data. A thread that locks the data of another one has locked this too.
    pub(super) fn lock() -> MutexGuard<'static, All> {
        ALL.lock()
    }

    /// Keeps only the current thread, in the child of a fork, where the others do not exist. Their counts remain with the parent: each may have held the lock of its own data at the fork.
    pub(super) fn keep_current(&mut self) {
        let me = get_ident();
        let others = std::mem::take(&mut self.threads);
        let (mine, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            others.into_iter().partition(|(ident, _)| *ident == me);
        self.threads = mine;
        std::mem::forget(others);
    }
}

/// Calls `f` with the data of the current thread, unless the thread is dropping its thread-local values: locks that are used then are not watched.
pub(super) fn with_mine<R>(f: impl FnOnce(&mut Watched) -> R) -> Option<R> {
    MINE.try_with(|mine| f(&mut Mine::renew(&mut mine.borrow_mut(), get_ident()).watched.lock()))
        .ok()
}

/// Calls `f` with the data of the thread that holds a lock, if it is watched. That need not be the current thread.
pub(super) fn with_holder(holder: NonZeroU64, is_mine: bool, f: impl FnOnce(&mut Watched)) {
    if is_mine {
        with_mine(f);
    } else if let Some(thread) = ALL.lock().threads.get(&holder) {
        f(&mut thread.lock());
    }
}

/// A lock was dropped that a thread holds, because its guard was forgotten.
pub(super) fn forget(id: NonZeroU32) {
    for thread in ALL.lock().threads.values() {
        thread.lock().held.retain(|it| it.id != id);
    }
}

/// The counts of all threads, also of those that have ended.
pub(super) fn counts() -> Counts {
    let counts = once(|| {
        let all = ALL.lock();
        let mut counts = all.ended.clone();
        all.threads.values().for_each(|it| counts.add(&it.lock().counts));
        counts
    });
    counts.unwrap_or_default()
}
