//! Who is told of locks, and passes that on to those who want to know.

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, Ordering},
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

use crate::{
    lock_order,
    watched::{self, Held},
};

thread_local! {
    /// Whether the thread is in here already. An allocator may use locks: those that it uses in here are nobody's business.
    static IS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// The observer of all locks.
pub(crate) struct LockWatch {
    pub(crate) contention: AtomicBool,
    pub(crate) order: AtomicBool,
}

pub(crate) static WATCH: LockWatch =
    LockWatch { contention: AtomicBool::new(false), order: AtomicBool::new(false) };

impl LockWatch {
    /// From now on one of them is told.
    pub(crate) fn watch(&'static self, who: &AtomicBool) {
        look_after(Part::LockWatch, &watched::LOCKED);
        let is_ours = {
            let _inside = inside();
            observe_locks(self)
        };
        debug_assert!(is_ours, "there is no other observer of locks");
        who.store(true, Ordering::Release);
    }
}

/// The thread is in here. Its drop is the end of that.
pub(crate) struct Here(());

impl Here {
    /// `None` if the thread is in here already.
    pub(crate) fn enter() -> Option<Here> {
        (!IS_HERE.replace(true)).then_some(Here(()))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        IS_HERE.set(false);
    }
}

/// Calls `f`, which uses what is known of locks, unless the thread is in here already.
pub(crate) fn once<R>(f: impl FnOnce() -> R) -> Option<R> {
    let _here = Here::enter()?;
    Some(f())
}

impl LockObserver for LockWatch {
    fn acquired(&self, taken: &LockTaken) {
        once(|| {
            watched::with_mine(|mine| {
                if self.contention.load(Ordering::Acquire) {
                    mine.counts.acquired(taken);
                }
                // Who would not have waited is in nobody's way.
                if self.order.load(Ordering::Acquire) && taken.may_wait {
                    lock_order::acquired(&mine.held, taken);
                }
                if let Some(id) = taken.id {
                    let LockTaken { address, name, location, .. } = *taken;
                    mine.held.push(Held { id, address, name, location, since: Instant::now() });
                }
            });
        });
    }

    fn releases(&self, lock: &LockReleased) {
        let (Some(id), Some(holder)) = (lock.id, lock.holder) else { return };
        once(|| {
            watched::with_holder(holder, holder == get_ident(), |holder| {
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
        if self.order.load(Ordering::Acquire) && lock_order::is_there_news() {
            let holds_none = once(|| watched::with_mine(|mine| mine.held.is_empty()));
            if holds_none == Some(Some(true)) {
                lock_order::tell();
            }
        }
    }

    fn ends(&self, lock: &LockEnded) {
        once(|| {
            if lock.is_held {
                watched::forget(lock.id);
            }
            if self.order.load(Ordering::Acquire) {
                lock_order::forget(lock.id);
            }
        });
    }
}
