//! What observers learn about a lock.

use std::num::NonZeroU64;

use crate::door::{Key, Label, WaitKind};

/// A lock that was acquired.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "lock_probe"), expect(dead_code, reason = "there is no observer"))]
pub(crate) struct Probed<'a> {
    pub(crate) key: Key,
    pub(crate) kind: WaitKind,
    pub(crate) label: &'a Label,
}

/// A lock that is about to be released.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "lock_probe"), expect(dead_code, reason = "there is no observer"))]
pub(crate) struct Releasing<'a> {
    pub(crate) label: &'a Label,
    /// The number of the thread that acquired it.
    pub(crate) holder: Option<NonZeroU64>,
}

/// The time at which a thread began to wait for a lock; empty if there is no observer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Since(#[cfg(feature = "lock_probe")] pub(super) Option<std::time::Instant>);

/// Whether an observer was notified that a lock is about to be released.
#[derive(Clone, Copy, Debug)]
#[must_use = "report when the lock has been released, unless no user code may run then"]
pub(crate) struct Told(#[cfg(feature = "lock_probe")] pub(super) bool);
