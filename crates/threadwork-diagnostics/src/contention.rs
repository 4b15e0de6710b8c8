//! How much threads wait for locks.

use std::{collections::BTreeMap, fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use serde::Serialize;
use threadwork_sync::internal::observe::LockTaken;

use crate::{lock_watch::WATCH, watched};

/// Counts, from its start on, how often each lock that has a name is acquired, and how long it is waited for and held.
///
/// There is one for the process. Each thread counts for itself, so that counting makes no contention of its own; what it has counted is added up
/// when it ends. Locks of the library's own are not counted.
/// It needs the feature `lock_probe`, without which the fast path of a lock tells nobody.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_sync::Lock;
/// use diagnostics::Contention;
///
/// static ORDERS: Lock<u32> = Lock::named("orders of the contention example", 0);
///
/// Contention::start();
/// for _ in 0..3 {
///     *ORDERS.acquire() += 1;
/// }
/// let report = Contention::report();
/// let orders = report.locks.iter().find(|it| it.name == "orders of the contention example").unwrap();
/// assert_eq!((orders.acquired, orders.contended), (3, 0));
/// println!("{report}");
/// ```
#[derive(Debug)]
pub struct Contention(());

impl Contention {
    /// Counts from now on; what was counted before is kept.
    pub fn start() {
        WATCH.watch(&WATCH.contention);
    }

    /// Counts no more, until it is started again.
    pub fn stop() {
        WATCH.contention.store(false, Ordering::Release);
    }

    /// What was counted so far, the locks that were waited for longest first.
    #[must_use]
    pub fn report() -> ContentionReport {
        let counts = watched::counts().0.into_iter();
        let mut locks: Vec<_> = counts.map(|(name, stats)| LockReport::new(name, stats)).collect();
        locks.sort_by(|a, b| b.waits.total.total_cmp(&a.waits.total));
        ContentionReport { locks }
    }
}

/// What a [`Contention`] has counted. To print it is to get a table.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let report = diagnostics::Contention::report();
/// assert!(report.to_string().starts_with("lock"));
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ContentionReport {
    /// The locks, those that were waited for longest first.
    pub locks: Vec<LockReport>,
}

/// One lock, or all of one name: a part of [`ContentionReport`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LockReport {
    /// Its name.
    pub name: String,
    /// How often it was acquired.
    pub acquired: u64,
    /// How often it had to be waited for.
    pub contended: u64,
    /// How long it was waited for, when it had to be.
    pub waits: Times,
    /// How long it was held.
    pub holds: Times,
    /// The lines that have waited for it longest, the longest first; no more than five.
    pub slowest: Vec<SlowPlace>,
}

/// A line that waits for a lock: a part of [`LockReport`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SlowPlace {
    /// The line, as `file:line:column`.
    pub location: String,
    /// How often it had to wait.
    pub contended: u64,
    /// How long it has waited in all, in seconds.
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
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Times {
    /// All of them, in seconds.
    pub total: f64,
    /// The longest, in seconds.
    pub max: f64,
    /// How many took less than 1, 2, 4, 8 … nanoseconds, and not less than half of that.
    pub buckets: Vec<u64>,
}

impl Times {
    /// A time that so many of them did not exceed, in seconds: 0.5 for the median. It is rounded up to a power of two nanoseconds,
    /// but not beyond the longest of them.
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

/// What was counted of each lock that has a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(BTreeMap<&'static str, Stats>);

#[derive(Clone, Debug, Default)]
struct Stats {
    acquired: u64,
    waits: Histogram,
    holds: Histogram,
    places: BTreeMap<&'static Location<'static>, (u64, Duration)>,
}

#[derive(Clone, Debug, Default)]
struct Histogram {
    total: Duration,
    max: Duration,
    buckets: Vec<u64>,
}

impl Counts {
    pub(crate) const NONE: Counts = Counts(BTreeMap::new());

    pub(crate) fn acquired(&mut self, taken: &LockTaken) {
        let Some(name) = taken.name else { return };
        let stats = self.0.entry(name).or_default();
        stats.acquired += 1;
        if let Some(waited) = taken.waited {
            stats.waits.add(waited);
            let (contended, total) = stats.places.entry(taken.location).or_default();
            *contended += 1;
            *total += waited;
        }
    }

    pub(crate) fn released(&mut self, name: &'static str, held: Duration) {
        self.0.entry(name).or_default().holds.add(held);
    }

    /// Adds what others have counted.
    pub(crate) fn add(&mut self, others: &Counts) {
        for (name, stats) in &others.0 {
            self.0.entry(name).or_default().add(stats);
        }
    }
}

impl Histogram {
    fn add(&mut self, time: Duration) {
        self.total += time;
        self.max = self.max.max(time);
        // A time of n bits is less than two to the power of n.
        let power = (u128::BITS - time.as_nanos().leading_zeros()) as usize;
        self.extend_to(power + 1);
        self.buckets[power] += 1;
    }

    fn extend_to(&mut self, len: usize) {
        self.buckets.resize(self.buckets.len().max(len), 0);
    }

    fn merge(&mut self, other: &Histogram) {
        self.total += other.total;
        self.max = self.max.max(other.max);
        self.extend_to(other.buckets.len());
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(sum, it)| *sum += it);
    }

    fn times(self) -> Times {
        Times {
            total: self.total.as_secs_f64(),
            max: self.max.as_secs_f64(),
            buckets: self.buckets,
        }
    }
}

impl Stats {
    fn add(&mut self, other: &Stats) {
        self.acquired += other.acquired;
        self.waits.merge(&other.waits);
        self.holds.merge(&other.holds);
        for (place, (contended, total)) in &other.places {
            let sum = self.places.entry(place).or_default();
            sum.0 += contended;
            sum.1 += *total;
        }
    }
}

impl LockReport {
    fn new(name: &str, stats: Stats) -> LockReport {
        let places = stats.places.into_iter().map(|(location, (contended, total))| SlowPlace {
            location: location.to_string(),
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
            waits: stats.waits.times(),
            holds: stats.holds.times(),
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

/// A time in a unit that suits it.
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
