//! When waiting ends.

use std::time::{Duration, Instant};

use crate::floor;

/// The point in time at which a wait gives up, or never.
///
/// It is computed once, on the monotonic clock, and can be shared by several waits:
/// together they then take no longer than one of them may. It takes 16 bytes.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::Deadline;
///
/// assert!(Deadline::after(Duration::ZERO).has_passed());
/// assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline that does not come.
    pub const NEVER: Deadline = Deadline(None);

    /// The deadline `timeout` from now. A timeout too long for the clock is no timeout: [`NEVER`](Self::NEVER).
    #[must_use]
    pub fn after(timeout: Duration) -> Deadline {
        Deadline(floor::now().checked_add(timeout))
    }

    /// The deadline at `instant`.
    #[must_use]
    pub const fn at(instant: Instant) -> Deadline {
        Deadline(Some(instant))
    }

    /// The point in time, or `None` if it never comes.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        self.0
    }

    /// Whether the time is up.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(floor::is_past)
    }

    /// The time that is left: zero once it has passed, `None` if it never comes.
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|instant| instant.saturating_duration_since(floor::now()))
    }
}

impl From<Instant> for Deadline {
    fn from(instant: Instant) -> Self {
        Deadline::at(instant)
    }
}
