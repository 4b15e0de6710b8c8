//! Models leave no records.

use std::{
    num::{NonZeroU32, NonZeroU64},
    time::Instant,
};

use crate::door::Subject;

/// It does not matter who reads what.
pub(crate) fn reads_begin(_: usize) {}

pub(crate) fn reads_end(_: usize) {}

pub(crate) const fn note_of_read(_: NonZeroU32) -> usize {
    0
}

pub(crate) const fn note_of_upgradable(_: NonZeroU32) -> usize {
    0
}

/// Models have no other means.
pub fn blocked_elsewhere<R>(_: usize, _: &Subject, block: impl FnOnce() -> R) -> R {
    block()
}

/// Nobody is seen to wait.
#[must_use]
pub fn ends_of_waits() -> Vec<(NonZeroU64, Instant)> {
    Vec::new()
}
