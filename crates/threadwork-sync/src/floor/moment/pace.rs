//! How often something is done at most.

use std::time::Duration;

use crate::floor::{
    moment::{Moment, elapsed},
    now,
};

/// When something was done last, if ever.
#[derive(Debug)]
pub(crate) struct Pace(Moment);

impl Pace {
    pub(crate) const fn new() -> Pace {
        Pace(Moment::none())
    }

    /// Notes that it is done now.
    pub(crate) fn step(&self) {
        self.0.set(now());
    }

    /// Returns `true` if `time` has passed since it was done last.
    pub(crate) fn allows(&self, time: Duration) -> bool {
        self.0.get().is_none_or(|last| elapsed(last) >= time)
    }
}
