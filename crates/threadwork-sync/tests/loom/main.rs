//! Models: small programs that loom runs in every interleaving, with weak memory.
//!
//! Run them with `RUSTFLAGS="--cfg threadwork_loom" cargo test -p threadwork-sync --profile loom --test loom`.
//! A model fails if a thread is never woken, or if a word is used while its owner may free it.
#![cfg(threadwork_loom)]

use std::panic::resume_unwind;

use loom::cell::UnsafeCell;
use threadwork_sync::{RawLock, Wait, internal::model::leave_out_hand_overs};

mod any;
mod barrier;
mod condition;
mod event;
mod executor;
mod freed;
mod freeing;
mod latch;
mod lock;
mod queue;
mod rlock;
mod rwlock;
mod semaphore;
mod stop;
mod tasks;

/// A lock that is handed over whenever it is waited for, one that never is, and a fair one.
pub(crate) const KINDS: [fn() -> RawLock; 3] = [RawLock::new, only_freed, RawLock::fair];

fn only_freed() -> RawLock {
    leave_out_hand_overs();
    RawLock::new()
}

/// Explores a model of `n_threads` threads, the first one included.
///
/// `LOOM_MAX_PREEMPTIONS` limits how often a thread may be preempted; the limit is at least four with two threads, and two with more.
pub(crate) fn check(n_threads: usize, model: impl Fn() + Send + Sync + 'static) {
    check_deeply(n_threads, if n_threads == 2 { 4 } else { 2 }, model);
}

/// Explores a model in which a thread may be preempted `preemptions` times, or more often if the environment says so.
pub(crate) fn check_deeply(
    n_threads: usize,
    preemptions: usize,
    model: impl Fn() + Send + Sync + 'static,
) {
    // All threads of a model run in one system thread, and none may be taken for the main thread of the process.
    let explorer = std::thread::spawn(move || {
        let mut explorer = loom::model::Builder::new();
        explorer.max_threads = n_threads;
        explorer.preemption_bound = explorer.preemption_bound.max(Some(preemptions));
        explorer.check(model);
    });
    explorer.join().unwrap_or_else(|payload| resume_unwind(payload));
}

/// Explores a model with all kinds of lock.
pub(crate) fn check_all(n_threads: usize, model: impl Fn(RawLock) + Send + Sync + Copy + 'static) {
    KINDS.into_iter().for_each(|new| check(n_threads, move || model(new())));
}

/// Explores a model in which whatever is waited for is handed over to waiters, and in which they are only woken to take it.
pub(crate) fn check_both(n_threads: usize, model: impl Fn() + Send + Sync + Copy + 'static) {
    for hands_over in [true, false] {
        check(n_threads, move || {
            if !hands_over {
                leave_out_hand_overs();
            }
            model();
        });
    }
}

/// A wait with a deadline, which the model may let pass at any step.
pub(crate) fn timed() -> Wait {
    Wait::timeout(std::time::Duration::from_secs(3600))
}

/// A number that makes the model fail if two threads use it without an order between them.
#[derive(Default)]
pub(crate) struct Data(UnsafeCell<u32>);

// SAFETY: loom's `UnsafeCell` makes the model fail on unordered accesses.
unsafe impl Sync for Data {}

impl Data {
    pub(crate) fn add_one(&self) {
        // SAFETY: the model fails if another thread uses the cell.
        self.0.with_mut(|it| unsafe { *it += 1 });
    }

    pub(crate) fn get(&self) -> u32 {
        // SAFETY: as above.
        self.0.with(|it| unsafe { *it })
    }
}
