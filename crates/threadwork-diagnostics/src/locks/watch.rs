//! The observer of all locks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use threadwork_core::internal::{Part, look_after};
use threadwork_sync::{
    get_ident,
    internal::{
        fork::inside,
        observe::{LockEnded, LockObserver, LockReleased, LockTaken, observe_locks},
    },
};

use super::{
    fork,
    held::HeldLock,
    here::once,
    order::{self, LockInversion},
    threads,
};

/// The observer of all locks, and what is switched on.
pub(super) struct LockWatch {
    pub(super) contention: AtomicBool,
    pub(super) order: AtomicBool,
}

pub(super) static WATCH: LockWatch =
    LockWatch { contention: AtomicBool::new(false), order: AtomicBool::new(false) };

impl LockWatch {
    /// Observes all locks from now on, and switches `what` on.
    pub(super) fn watch(&'static self, what: &AtomicBool) {
        look_after(Part::LockWatch, &fork::LOCKED);
        let is_ours = {
            let _inside = inside();
            observe_locks(self)
        };
        debug_assert!(is_ours, "there is no other observer of locks");
        what.store(true, Ordering::Release);
    }
}

impl LockObserver for LockWatch {
    fn acquired(&self, taken: &LockTaken) {
        once(|| {
            threads::with_mine(|mine| {
                if self.contention.load(Ordering::Acquire) {
                    mine.counts.acquired(taken);
                }
                // An acquisition that would not have waited cannot be part of a deadlock.
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
        if self.order.load(Ordering::Acquire) && order::is_report_due() {
            let holds_none = once(|| threads::with_mine(|mine| mine.held.is_empty()));
            if holds_none == Some(Some(true)) {
                order::report();
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

/// Calls `handler` once for each [`LockInversion`] from now on. This is meant for tests: each acquisition under another lock costs a lookup in a table.
/// It needs the feature `lock_probe`.
///
/// The thread that acquires a lock in a new order calls the handler as soon as it holds no lock that it has acquired since the watch began,
/// so the handler may acquire any lock. A thread that always holds a lock reports nothing. If the handler panics, the thread continues.
///
/// All locks of one name count as one lock, and acquiring two locks of one name is not an order. A lock without a name keeps its identity when it is moved,
/// and is forgotten when it is dropped. An attempt to acquire a lock, also with a timeout of zero, does not wait, so it is not an order;
/// locks that are acquired after it are ordered behind it.
pub fn watch_lock_order(handler: impl Fn(&LockInversion) + Send + Sync + 'static) {
    order::set_handler(Arc::new(handler));
    WATCH.watch(&WATCH.order);
}
