//! How children are started again.

use std::time::Duration;

/// Whom a [`Supervisor`](crate::Supervisor) starts again when a child has ended that is to be started again.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::Strategy::default(), threadwork::Strategy::OneForOne);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// That child.
    #[default]
    OneForOne,
    /// All children: the others are stopped first. For children that cannot do without each other.
    OneForAll,
}

/// Whom to start again, how often and after how long, and how long a stop may take.
#[derive(Clone)]
pub(super) struct Policy {
    pub(super) strategy: Strategy,
    /// So many restarts are allowed in any time of the length `period`.
    pub(super) max_restarts: usize,
    pub(super) period: Duration,
    pub(super) first_delay: Duration,
    pub(super) max_delay: Duration,
    /// After this time a child that was asked to stop is reported as slow.
    pub(super) grace: Duration,
}

impl Policy {
    /// One for one, at most 5 restarts in 30 seconds, with pauses from 10 milliseconds to 5 seconds.
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

    /// How long to wait after so many failures of a child in a row, before this one.
    pub(super) fn delay(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.first_delay.saturating_mul(factor).min(self.max_delay)
    }
}
