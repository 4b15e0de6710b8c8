//! Models leave no records.

use std::{
    num::{NonZeroU32, NonZeroU64},
    time::Instant,
};

use crate::door::Subject;

/// Does nothing: models do not track readers.
pub(crate) fn reads_begin(_: usize) {}

pub(crate) fn reads_end(_: usize) {}

pub(crate) const fn note_of_read(_: NonZeroU32) -> usize {
    0
}

pub(crate) const fn note_of_upgradable(_: NonZeroU32) -> usize {
    0
}

/// Only calls `block`, because models block in queues alone.
pub fn blocked_elsewhere<R>(_: usize, _: &Subject, block: impl FnOnce() -> R) -> R {
    block()
}

/// Returns nothing, because models leave no records.
#[must_use]
pub fn ends_of_waits() -> Vec<(NonZeroU64, Instant)> {
    Vec::new()
}
