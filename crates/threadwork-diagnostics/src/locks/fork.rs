//! The data of the watch while the process forks.

use std::sync::MutexGuard;

use threadwork_core::internal::LockPart;

use super::{here::Here, order::OrderGuard, threads::All};

/// All data of the watch, locked while the current thread forks.
struct Forking {
    all: MutexGuard<'static, All>,
    _order: OrderGuard,
    _here: Here,
}

/// Locks the data of the watch while the process forks, so that the child can drop the threads that it does not have.
pub(super) static LOCKED: LockPart = || {
    let Some(here) = Here::enter() else { return Box::new(|| ()) };
    let (all, order) = (All::lock(), OrderGuard::lock());
    let mut forking = Forking { all, _order: order, _here: here };
    Box::new(move || forking.all.keep_current())
};
