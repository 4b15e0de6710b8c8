//! What is known of the locks of each thread.

use std::{
    cell::OnceCell,
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroU64},
    sync::{Arc, MutexGuard},
};

use threadwork_core::sync::get_ident;

use super::{counts::Counts, held::HeldLock, here::once};
use crate::mutex::Mutex;

#[cfg(test)]
mod tests;

/// What is known of a thread that has acquired a lock while somebody wanted to know.
#[derive(Debug)]
pub(super) struct Watched {
    /// In order of their acquisition.
    pub(super) held: Vec<HeldLock>,
    pub(super) counts: Counts,
}

/// All threads. Locked before what is known of one of them.
pub(super) struct All {
    threads: BTreeMap<NonZeroU64, Arc<Mutex<Watched>>>,
    /// What those have counted that have ended.
    ended: Counts,
}

static ALL: Mutex<All> = Mutex::new(All { threads: BTreeMap::new(), ended: Counts::NONE });

thread_local! {
    static MINE: OnceCell<Mine> = const { OnceCell::new() };
}

/// Puts the current thread into [`ALL`] for as long as it lives. It is the only one to lock what is known of it, most of the time.
struct Mine {
    ident: NonZeroU64,
    watched: Arc<Mutex<Watched>>,
}

impl Mine {
    fn new() -> Mine {
        let watched = Arc::new(Mutex::new(Watched { held: Vec::new(), counts: Counts::NONE }));
        let mine = Mine { ident: get_ident(), watched };
        ALL.lock().threads.insert(mine.ident, Arc::clone(&mine.watched));
        mine
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        once(|| ALL.lock().ends(self.ident));
    }
}

impl All {
    /// A thread is gone: what it has counted is kept.
    fn ends(&mut self, ident: NonZeroU64) {
        if let Some(thread) = self.threads.remove(&ident) {
            self.ended.add(&thread.lock().counts);
        }
    }

    /// Keeps others from what is known of threads. Who locks what is known of another thread has locked this too.
    pub(super) fn lock() -> MutexGuard<'static, All> {
        ALL.lock()
    }

    /// In the child of a fork the others are not there: what they have counted is left to the parent, since each may have locked its own when the process forked.
    pub(super) fn keep_current(&mut self) {
        let me = get_ident();
        let others = std::mem::take(&mut self.threads);
        let (mine, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            others.into_iter().partition(|(ident, _)| *ident == me);
        self.threads = mine;
        std::mem::forget(others);
    }
}

/// Calls `f` with what is known of the current thread, unless that drops its thread-local values: of locks that are used there nobody is told.
pub(super) fn with_mine<R>(f: impl FnOnce(&mut Watched) -> R) -> Option<R> {
    MINE.try_with(|mine| f(&mut mine.get_or_init(Mine::new).watched.lock())).ok()
}

/// Calls `f` with what is known of the thread that holds a lock, which need not be the current one, if anything is.
pub(super) fn with_holder(holder: NonZeroU64, is_mine: bool, f: impl FnOnce(&mut Watched)) {
    if is_mine {
        with_mine(f);
    } else if let Some(thread) = ALL.lock().threads.get(&holder) {
        f(&mut thread.lock());
    }
}

/// A lock is gone that some thread holds, which has forgotten a guard.
pub(super) fn forget(id: NonZeroU32) {
    for thread in ALL.lock().threads.values() {
        thread.lock().held.retain(|it| it.id != id);
    }
}

/// What all threads have counted, also those that have ended.
pub(super) fn counts() -> Counts {
    let counts = once(|| {
        let all = ALL.lock();
        let mut counts = all.ended.clone();
        all.threads.values().for_each(|it| counts.add(&it.lock().counts));
        counts
    });
    counts.unwrap_or_default()
}
