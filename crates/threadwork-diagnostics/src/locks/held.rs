//! A lock that a thread holds.

use std::{num::NonZeroU32, panic::Location, time::Instant};

/// A lock that a thread holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldLock {
    pub(crate) id: NonZeroU32,
    pub(crate) address: usize,
    pub(crate) name: Option<&'static str>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) since: Instant,
}
