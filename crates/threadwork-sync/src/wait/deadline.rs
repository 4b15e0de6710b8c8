//! The deadline of a wait.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::floor;

/// The point in time at which a wait gives up, or never.
///
/// It is computed once, on the monotonic clock, and can be shared by several waits:
/// together they then take no longer than one of them may. A deadline takes 16 bytes.
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
/// assert_eq!(Deadline::NEVER.to_string(), "never");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline that never passes.
    pub const NEVER: Deadline = Deadline(None);

    /// Creates a deadline `timeout` from now, or [`NEVER`](Self::NEVER) if the timeout is too long for the clock.
    #[must_use]
    pub fn after(timeout: Duration) -> Deadline {
        Deadline(floor::now().checked_add(timeout))
    }

    /// Creates a deadline at `instant`.
    #[must_use]
    pub const fn at(instant: Instant) -> Deadline {
        Deadline(Some(instant))
    }

    /// Returns the point in time, or `None` if the deadline never passes.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        self.0
    }

    /// Returns `true` if the deadline has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(floor::is_past)
    }

    /// Returns the remaining time: zero once the deadline has passed, `None` if it never passes.
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

impl fmt::Display for Deadline {
    /// Formats the deadline as seen from now: `in 4.999s`, `passed 0.001s ago` or `never`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(instant) = self.0 else {
            return f.write_str("never");
        };
        let now = floor::now();
        match instant.checked_duration_since(now) {
            Some(left) if !left.is_zero() => write!(f, "in {:.3}s", left.as_secs_f64()),
            _ => write!(f, "passed {:.3}s ago", now.duration_since(instant).as_secs_f64()),
        }
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deadline({self})")
    }
}
