//! The report of the counts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    locks::counts::{Histogram, Stats},
    places::place,
};

#[cfg(test)]
mod tests;

/// The counts of a [`Contention`](super::Contention). Its `Display` is a table.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let report = diagnostics::Contention::report();
/// assert!(report.to_string().starts_with("lock"));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContentionReport {
    /// The locks. Those with the longest total wait come first.
    pub locks: Vec<LockReport>,
}

/// All locks of one name: a part of [`ContentionReport`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LockReport {
    /// The name of the lock.
    pub name: String,
    /// How often it was acquired.
    pub acquired: u64,
    /// How many acquisitions had to wait.
    pub contended: u64,
    /// How long those acquisitions waited.
    pub waits: Times,
    /// How long it was held.
    pub holds: Times,
    /// The source lines with the longest total waits for it, the longest first; at most five.
    pub slowest: Vec<SlowPlace>,
}

/// A source line that waits for a lock: a part of [`LockReport`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlowPlace {
    /// The source line, as `file:line:column`.
    pub location: String,
    /// How often the line had to wait.
    pub contended: u64,
    /// How long the line waited in total, in seconds.
    pub total: f64,
}

/// A histogram of times: a part of [`LockReport`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// fn p99(lock: &diagnostics::LockReport) -> f64 {
///     lock.waits.quantile(0.99)
/// }
/// # let _ = p99;
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Times {
    /// The sum of all times, in seconds.
    pub total: f64,
    /// The longest time, in seconds.
    pub max: f64,
    /// How many times were less than 1, 2, 4, 8 … nanoseconds, and at least half of that.
    pub buckets: Vec<u64>,
}

impl Times {
    /// The time that the given share of all times did not exceed, in seconds: 0.5 for the median. It is rounded up to a power of two nanoseconds,
    /// but not beyond the longest time.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let count: u64 = self.buckets.iter().sum();
        let mut left = (count as f64 * share).ceil() as u64;
        for (power, n) in self.buckets.iter().enumerate() {
            if left <= *n {
                return if left == 0 { 0.0 } else { self.max.min(2_f64.powi(power as i32) * 1e-9) };
            }
            left -= n;
        }
        self.max
    }
}

impl Times {
    fn new(histogram: Histogram) -> Times {
        Times {
            total: histogram.total.as_secs_f64(),
            max: histogram.max.as_secs_f64(),
            buckets: histogram.buckets,
        }
    }
}

impl LockReport {
    pub(super) fn new(name: &str, stats: Stats) -> LockReport {
        let places = stats.places.into_iter().map(|(location, (contended, total))| SlowPlace {
            location: place(location),
            contended,
            total: total.as_secs_f64(),
        });
        let mut slowest: Vec<_> = places.collect();
        slowest.sort_by(|a, b| b.total.total_cmp(&a.total));
        slowest.truncate(5);
        LockReport {
            name: name.to_owned(),
            acquired: stats.acquired,
            contended: stats.waits.buckets.iter().sum(),
            waits: Times::new(stats.waits),
            holds: Times::new(stats.holds),
            slowest,
        }
    }
}

impl fmt::Display for ContentionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.locks.iter().map(|it| it.name.chars().count()).max().unwrap_or(0).max(4);
        write!(f, "{:width$} {:>10} {:>10}", "lock", "acquired", "contended")?;
        for column in ["wait", "p50", "p99", "max", "held", "p50", "p99", "max"] {
            write!(f, " {column:>9}")?;
        }
        for lock in &self.locks {
            write!(f, "\n{:width$} {:>10} {:>10}", lock.name, lock.acquired, lock.contended)?;
            for times in [&lock.waits, &lock.holds] {
                for time in [times.total, times.quantile(0.5), times.quantile(0.99), times.max] {
                    write!(f, " {:>9}", human(time))?;
                }
            }
            for SlowPlace { location, contended, total } in &lock.slowest {
                write!(f, "\n  {} in {contended} waits at {location}", human(*total))?;
            }
        }
        Ok(())
    }
}

/// A time in a suitable unit.
fn human(seconds: f64) -> String {
    let (factor, unit) = match seconds {
        0.0 => return "0".to_owned(),
        _ if seconds < 1e-6 => (1e9, "ns"),
        _ if seconds < 1e-3 => (1e6, "us"),
        _ if seconds < 1.0 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    format!("{:.1} {unit}", seconds * factor)
}
