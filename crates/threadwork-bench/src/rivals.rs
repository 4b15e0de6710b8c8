//! Rivals that are built from a mutex and a condition variable of parking_lot.

use parking_lot::{Condvar, Mutex};

/// A semaphore built from a mutex and a condition variable of parking_lot, which has none.
pub(crate) struct MutexSemaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl MutexSemaphore {
    pub(crate) const fn new(permits: usize) -> Self {
        MutexSemaphore { permits: Mutex::new(permits), released: Condvar::new() }
    }

    pub(crate) fn acquire(&self) -> MutexPermit<'_> {
        let mut permits = self.permits.lock();
        while *permits == 0 {
            self.released.wait(&mut permits);
        }
        *permits -= 1;
        MutexPermit(self)
    }
}

/// A permit, which is released when dropped.
pub(crate) struct MutexPermit<'a>(&'a MutexSemaphore);

impl Drop for MutexPermit<'_> {
    fn drop(&mut self) {
        *self.0.permits.lock() += 1;
        self.0.released.notify_one();
    }
}

/// An event built from a mutex and a condition variable.
#[derive(Default)]
pub(crate) struct MutexEvent {
    set: Mutex<bool>,
    was_set: Condvar,
}

impl MutexEvent {
    pub(crate) fn set(&self) {
        *self.set.lock() = true;
        self.was_set.notify_all();
    }

    pub(crate) fn clear(&self) {
        *self.set.lock() = false;
    }

    pub(crate) fn wait(&self) {
        let mut set = self.set.lock();
        while !*set {
            self.was_set.wait(&mut set);
        }
    }
}
