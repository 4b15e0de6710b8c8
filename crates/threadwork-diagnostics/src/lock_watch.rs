//! Who is told of locks, and passes that on to those who want to know.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use threadwork_core::sync::internal::{LockObserver, LockTaken, observe_locks};

use crate::{contention, lock_order};

/// A lock that the current thread holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) address: usize,
    pub(crate) name: Option<&'static str>,
    pub(crate) location: &'static Location<'static>,
    since: Instant,
}

thread_local! {
    /// In order of their acquisition.
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
    /// Whether the thread is in here already: the locks that are used in here are nobody's business.
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
        let is_ours = observe_locks(self);
        debug_assert!(is_ours, "there is no other observer of locks");
        who.store(true, Ordering::Release);
    }
}

/// Calls `f` unless the thread is in here already, or drops its thread-local values.
fn once(f: impl FnOnce(&mut Vec<Held>)) {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            IS_HERE.set(false);
        }
    }

    if IS_HERE.replace(true) {
        return;
    }
    // Also if a handler panics.
    let _leave = Leave;
    // Whoever holds a lock while the thread-local values are dropped is not told of.
    let _ = HELD.try_with(|held| f(&mut held.borrow_mut()));
}

impl LockObserver for LockWatch {
    fn acquired(&self, taken: &LockTaken) {
        once(|held| {
            if self.contention.load(Ordering::Acquire) {
                contention::acquired(taken);
            }
            if self.order.load(Ordering::Acquire) {
                lock_order::acquired(held, taken);
            }
            let LockTaken { address, name, location, .. } = *taken;
            held.push(Held { address, name, location, since: Instant::now() });
        });
    }

    fn released(&self, address: usize) {
        once(|held| {
            // A lock may be released by another thread than the one that has acquired it: then nobody knows for how long it was held.
            let Some(place) = held.iter().rposition(|it| it.address == address) else { return };
            let it = held.remove(place);
            if let Some(name) = it.name
                && self.contention.load(Ordering::Acquire)
            {
                contention::released(name, it.since.elapsed());
            }
        });
    }
}
