//! Who is told of locks, and passes that on to those who want to know.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use threadwork_core::{
    internal::{Part, look_after},
    sync::{
        get_ident,
        internal::{LockEnded, LockObserver, LockReleased, LockTaken, inside, observe_locks},
    },
};

use super::{
    fork,
    held::HeldLock,
    here::once,
    order::{self, LockInversion},
    threads,
};

/// The observer of all locks.
pub(super) struct LockWatch {
    pub(super) contention: AtomicBool,
    pub(super) order: AtomicBool,
}

pub(super) static WATCH: LockWatch =
    LockWatch { contention: AtomicBool::new(false), order: AtomicBool::new(false) };

impl LockWatch {
    /// From now on one of them is told.
    pub(super) fn watch(&'static self, who: &AtomicBool) {
        look_after(Part::LockWatch, &fork::LOCKED);
        let is_ours = {
            let _inside = inside();
            observe_locks(self)
        };
        debug_assert!(is_ours, "there is no other observer of locks");
        who.store(true, Ordering::Release);
    }
}

impl LockObserver for LockWatch {
    fn acquired(&self, taken: &LockTaken) {
        once(|| {
            threads::with_mine(|mine| {
                if self.contention.load(Ordering::Acquire) {
                    mine.counts.acquired(taken);
                }
                // Who would not have waited is in nobody's way.
                if self.order.load(Ordering::Acquire) && taken.may_wait {
                    order::acquired(&mine.held, taken);
                }
                if let Some(id) = taken.id {
                    let LockTaken { address, name, location, .. } = *taken;
                    mine.held.push(HeldLock { id, address, name, location, since: Instant::now() });
                }
            });
        });
    }

    fn releases(&self, lock: &LockReleased) {
        let (Some(id), Some(holder)) = (lock.id, lock.holder) else { return };
        once(|| {
            threads::with_holder(holder, holder == get_ident(), |holder| {
                let Some(place) = holder.held.iter().rposition(|it| it.id == id) else { return };
                let it = holder.held.remove(place);
                if let Some(name) = it.name
                    && self.contention.load(Ordering::Acquire)
                {
                    holder.counts.released(name, it.since.elapsed());
                }
            });
        });
    }

    fn has_released(&self) {
        if self.order.load(Ordering::Acquire) && order::is_there_news() {
            let holds_none = once(|| threads::with_mine(|mine| mine.held.is_empty()));
            if holds_none == Some(Some(true)) {
                order::tell();
            }
        }
    }

    fn ends(&self, lock: &LockEnded) {
        once(|| {
            if lock.is_held {
                threads::forget(lock.id);
            }
            if self.order.load(Ordering::Acquire) {
                order::forget(lock.id);
            }
        });
    }
}

/// From now on `handler` is told of each [`LockInversion`] once. For tests: it costs each acquisition under another lock a look into a table.
/// It needs the feature `lock_probe`.
///
/// It is told by the thread that acquires a lock in another order than before, as soon as that holds no lock that it has acquired since the watch began,
/// so the handler may acquire any lock. A thread that never comes to hold none tells nothing. If the handler panics, the thread goes on.
///
/// Locks of one name count as one lock, and to acquire two of one name is no order at all. A lock without a name is itself, wherever it is moved,
/// and forgotten when it is dropped. Who only tries to acquire a lock, also with a timeout of zero, does not wait, so that is no order;
/// what is acquired after it is.
pub fn watch_lock_order(handler: impl Fn(&LockInversion) + Send + Sync + 'static) {
    order::set_handler(Arc::new(handler));
    WATCH.watch(&WATCH.order);
}
