//! Helper threads, and a way to know that one of them is blocked.
//!
//! A thread publishes the record of its wait only once it is in the queue, so nothing here guesses or sleeps.
//! If a thread never reaches the point that a test waits for, the test fails instead of hanging.

use std::{
    fmt,
    num::NonZeroU64,
    panic::resume_unwind,
    thread::{self, JoinHandle},
};

use threadwork_sync::{
    Waiting,
    internal::number::{adopt_ident, reserve_ident},
    waits,
};
use threadwork_test_support::patience;

/// Calls `look` until it returns `Some`. Panics after a time limit.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    let complaint = fmt::from_fn(|it| write!(it, "{what}; waiting now: {:#?}", waits()));
    patience::eventually(complaint, look)
}

/// Returns the record of the thread `ident` if it is blocked now.
pub(crate) fn record_of(ident: NonZeroU64) -> Option<Waiting> {
    waits().into_iter().find(|it| it.thread.ident == ident)
}

/// A thread whose number is known before it runs.
pub(crate) struct Helper<T> {
    ident: NonZeroU64,
    handle: JoinHandle<T>,
}

impl<T: Send + 'static> Helper<T> {
    pub(crate) fn start(f: impl FnOnce() -> T + Send + 'static) -> Helper<T> {
        Helper::start_with(thread::Builder::new(), f)
    }

    pub(crate) fn start_with(
        builder: thread::Builder,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Helper<T> {
        let reserved = reserve_ident();
        let ident = reserved.get();
        let start = move || {
            adopt_ident(reserved);
            f()
        };
        let handle = builder.spawn(start).expect("a thread can be started");
        Helper { ident, handle }
    }

    /// Starts a thread, and returns once it is blocked.
    #[track_caller]
    pub(crate) fn start_blocked(f: impl FnOnce() -> T + Send + 'static) -> Helper<T> {
        let helper = Helper::start(f);
        helper.blocked();
        helper
    }

    pub(crate) fn ident(&self) -> NonZeroU64 {
        self.ident
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Returns once the thread is in a queue.
    #[track_caller]
    pub(crate) fn blocked(&self) -> Waiting {
        eventually("a thread does not block", || record_of(self.ident))
    }

    /// Waits for the end of the thread, and returns its result or its panic.
    #[track_caller]
    pub(crate) fn outcome(self) -> thread::Result<T> {
        eventually("a thread does not end", || self.handle.is_finished().then_some(()));
        self.handle.join()
    }

    /// Joins the thread, and returns its result.
    #[track_caller]
    pub(crate) fn join(self) -> T {
        self.outcome().unwrap_or_else(|payload| resume_unwind(payload))
    }
}
