//! Rivals that are built from a mutex and a condition variable of parking_lot.

use parking_lot::{Condvar, Mutex};

/// A semaphore built from a mutex and a condition variable.
pub(crate) struct MutexSemaphore {
    pub(crate) permits: Mutex<usize>,
    pub(crate) released: Condvar,
}

impl MutexSemaphore {
    pub(crate) fn acquire(&self) {
        let mut permits = self.permits.lock();
        while *permits == 0 {
            self.released.wait(&mut permits);
        }
        *permits -= 1;
    }

    pub(crate) fn release(&self) {
        *self.permits.lock() += 1;
        self.released.notify_one();
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
