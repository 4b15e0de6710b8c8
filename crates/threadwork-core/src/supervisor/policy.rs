//! How children are restarted.

use std::time::Duration;

/// Which children a [`Supervisor`](crate::Supervisor) restarts when one of them has ended and has to be restarted.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::Strategy::default(), threadwork::Strategy::OneForOne);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Only that child.
    #[default]
    OneForOne,
    /// All children: the others are stopped first. For children that depend on each other.
    OneForAll,
}

/// Which children to restart, how often and after which pauses, and how long a stop may take.
#[derive(Clone)]
pub(super) struct Policy {
    pub(super) strategy: Strategy,
    /// How many restarts are allowed within any span of time of length `period`.
    pub(super) max_restarts: usize,
    pub(super) period: Duration,
    pub(super) first_delay: Duration,
    pub(super) max_delay: Duration,
    /// The time after which a child that was asked to stop is reported as slow.
    pub(super) grace: Duration,
}

impl Policy {
    /// Creates the default policy: one for one, at most 5 restarts within 30 seconds, with pauses from 10 milliseconds to 5 seconds.
    pub(super) const fn new() -> Policy {
        Policy {
            strategy: Strategy::OneForOne,
            max_restarts: 5,
            period: Duration::from_secs(30),
            first_delay: Duration::from_millis(10),
            max_delay: Duration::from_secs(5),
            grace: Duration::from_secs(5),
        }
    }

    /// Returns the pause before a restart, for a child with `failures` earlier failures in a row.
    pub(super) fn delay(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.first_delay.saturating_mul(factor).min(self.max_delay)
    }
}
