//! What is known of locks, while the process forks.

use std::sync::MutexGuard;

use threadwork_core::internal::LockPart;

use super::{here::Here, order::OrderGuard, threads::All};

/// All that is known of locks, while the current thread forks.
struct Forking {
    all: MutexGuard<'static, All>,
    _order: OrderGuard,
    _here: Here,
}

/// Keeps others from what is known of locks while the process forks, so that its child knows which threads it has.
pub(super) static LOCKED: LockPart = || {
    let Some(here) = Here::enter() else { return Box::new(|| ()) };
    let (all, order) = (All::lock(), OrderGuard::lock());
    let mut forking = Forking { all, _order: order, _here: here };
    Box::new(move || forking.all.keep_current())
};
