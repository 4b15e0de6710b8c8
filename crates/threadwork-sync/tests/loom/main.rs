//! Models: small programs whose every interleaving is explored, with weak memory.
//!
//! Run them with `RUSTFLAGS="--cfg threadwork_loom" cargo test -p threadwork-sync --profile loom --test loom`.
//! A thread that is never woken is an error of the model, and so is a word that is used while its owner may free it.
#![cfg(threadwork_loom)]

use std::panic::resume_unwind;

use loom::cell::UnsafeCell;
use threadwork_sync::{RawLock, Wait};

mod barrier;
mod condition;
mod event;
mod freed;
mod latch;
mod lock;
mod rlock;
mod rwlock;
mod semaphore;
mod stop;

pub(crate) const KINDS: [fn() -> RawLock; 2] = [RawLock::new, RawLock::fair];

/// Explores a model of so many threads, its first one included.
///
/// `LOOM_MAX_PREEMPTIONS` says how often a thread may be interrupted at most, but two threads can always afford four times.
pub(crate) fn check(n_threads: usize, model: impl Fn() + Send + Sync + 'static) {
    // All threads of a model are one for the system, and must not be taken for the main thread of the process.
    let explorer = std::thread::spawn(move || {
        let mut explorer = loom::model::Builder::new();
        explorer.max_threads = n_threads;
        let at_least = if n_threads == 2 { 4 } else { 2 };
        explorer.preemption_bound = explorer.preemption_bound.max(Some(at_least));
        explorer.check(model);
    });
    explorer.join().unwrap_or_else(|payload| resume_unwind(payload));
}

/// Explores a model with both kinds of lock.
pub(crate) fn check_both(n_threads: usize, model: impl Fn(RawLock) + Send + Sync + Copy + 'static) {
    KINDS.into_iter().for_each(|new| check(n_threads, move || model(new())));
}

/// A wait with a deadline, which passes when the model says so.
pub(crate) fn timed() -> Wait {
    Wait::timeout(std::time::Duration::from_secs(3600))
}

/// A number that is an error of the model to use from two threads without an order between them.
#[derive(Default)]
pub(crate) struct Data(UnsafeCell<u32>);

// SAFETY: the models look for what is not ordered, and `UnsafeCell` reports it.
unsafe impl Sync for Data {}

impl Data {
    pub(crate) fn add_one(&self) {
        // SAFETY: the model stops if anybody else uses the cell.
        self.0.with_mut(|it| unsafe { *it += 1 });
    }

    pub(crate) fn get(&self) -> u32 {
        // SAFETY: as above.
        self.0.with(|it| unsafe { *it })
    }
}
