//! What is told of a lock.

use std::num::NonZeroU64;

use crate::door::{Key, Label, WaitKind};

/// A lock, as those see it who are told of its acquisition.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "lock_probe"), expect(dead_code, reason = "nobody is told"))]
pub(crate) struct Probed<'a> {
    pub(crate) key: Key,
    pub(crate) kind: WaitKind,
    pub(crate) label: &'a Label,
}

/// A lock that is about to be released.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "lock_probe"), expect(dead_code, reason = "nobody is told"))]
pub(crate) struct Releasing<'a> {
    pub(crate) label: &'a Label,
    /// The number of the thread that has acquired it.
    pub(crate) holder: Option<NonZeroU64>,
}

/// When a thread began to wait for a lock; nothing where nobody wants to know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Since(#[cfg(feature = "lock_probe")] pub(super) Option<std::time::Instant>);

/// Whether somebody was told that a lock is about to be released.
#[derive(Clone, Copy, Debug)]
#[must_use = "say when it is released, unless no user code may run then"]
pub(crate) struct Told(#[cfg(feature = "lock_probe")] pub(super) bool);
