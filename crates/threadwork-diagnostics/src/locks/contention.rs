//! How much threads wait for locks.

use std::sync::atomic::Ordering;

use super::{threads, watch::WATCH};

mod report;

pub use self::report::{ContentionReport, LockReport, SlowPlace, Times};

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
/// # use threadwork_core::sync::Lock;
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
        let counts = threads::counts().0.into_iter();
        let mut locks: Vec<_> = counts.map(|(name, stats)| LockReport::new(name, stats)).collect();
        locks.sort_by(|a, b| b.waits.total.total_cmp(&a.waits.total));
        ContentionReport { locks }
    }
}
