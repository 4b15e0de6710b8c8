//! Counting how much threads wait for locks.

use std::sync::atomic::Ordering;

use super::{threads, watch::WATCH};

mod report;

pub use self::report::{ContentionReport, LockReport, SlowPlace, Times};

/// Counts how often each named lock is acquired, and how long it is waited for and held, while it is switched on.
///
/// There is one for the process. Each thread counts for itself, so counting causes no contention; the counts of a thread are added up when it ends.
/// The library's own locks are not counted.
/// It needs the feature `lock_probe`, without which the fast path of a lock is not observed.
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
    /// Counts from now on. Earlier counts are kept.
    pub fn start() {
        WATCH.watch(&WATCH.contention);
    }

    /// Stops counting until the next [`start`](Self::start).
    pub fn stop() {
        WATCH.contention.store(false, Ordering::Release);
    }

    /// Returns the counts so far. The locks with the longest total wait come first.
    #[must_use]
    pub fn report() -> ContentionReport {
        let counts = threads::counts().0.into_iter();
        let mut locks: Vec<_> = counts.map(|(name, stats)| LockReport::new(name, stats)).collect();
        locks.sort_by(|a, b| b.waits.total.total_cmp(&a.waits.total));
        ContentionReport { locks }
    }
}
