//! Jobs that are run again and again.

use std::{
    fmt,
    panic::{Location, RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::{Wait, WaitError, internal::door::without_end};

use super::repeat::Repeat;
use crate::{error::ResultError, executor::handle::Executor, outcome::Failure, timer::Period};

/// A function that an executor runs again and again. See [`Executor::every`].
///
/// Dropping it does not end the runs: [`cancel`](Self::cancel) does, and so does the end of the executor. A clone refers to the same
/// function. In the child of a fork it is over.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::Executor;
/// # use threadwork_sync::Latch;
///
/// static TICKS: Latch = Latch::new(3);
///
/// let executor = Executor::new(1);
/// let mut n = 0;
/// let tick = executor.every(Duration::from_millis(1), move || {
///     _ = TICKS.count_down(1);
///     n += 1;
///     n
/// });
/// TICKS.wait();
/// tick.cancel();
/// tick.join();
/// assert!(tick.n_runs() >= 3);
/// assert_eq!(tick.take_latest(), Some(tick.n_runs()));
/// ```
#[must_use = "to let it go on for as long as the executor lives, drop it"]
pub struct Schedule<R> {
    repeat: Arc<Repeat<R>>,
}

impl<R: Send + 'static> Schedule<R> {
    /// Prevents any further run. Returns `true` if this call has prevented one. A run that has begun continues, and is the last one.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers do not ask whether they were in time"
    )]
    pub fn cancel(&self) -> bool {
        self.repeat.cancel()
    }

    /// Prevents any further run, and asks the one that is going on to stop. Returns `true` if this call has prevented a run.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, sleep};
    /// # use threadwork_sync::Event;
    ///
    /// static BEGUN: Event = Event::new();
    ///
    /// let executor = Executor::new(1);
    /// let nap = executor.every(Duration::ZERO, || {
    ///     BEGUN.set();
    ///     sleep(Duration::MAX).is_err()
    /// });
    /// BEGUN.wait();
    /// nap.request_stop();
    /// nap.join();
    /// assert_eq!((nap.n_runs(), nap.take_latest()), (1, Some(true)));
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers do not ask whether they were in time"
    )]
    pub fn request_stop(&self) -> bool {
        let has_prevented = self.cancel();
        if let Some(run) = self.repeat.latest_run() {
            run.request_stop();
        }
        has_prevented
    }

    /// Returns `true` once no run follows, and none is going on: it was cancelled, or the executor takes no more jobs.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.repeat.is_over()
    }

    /// Returns how many runs have ended, in whichever way.
    #[must_use]
    pub fn n_runs(&self) -> u64 {
        self.repeat.progress.acquire().n_runs
    }

    /// Returns how many of them have panicked or failed.
    #[must_use]
    pub fn n_faults(&self) -> u64 {
        self.repeat.progress.acquire().n_faults
    }

    /// Takes the result of the latest run that had one, unless it was taken before.
    #[must_use]
    pub fn take_latest(&self) -> Option<R> {
        self.repeat.progress.acquire().latest.take()
    }

    /// Returns how the last run has ended that has panicked or failed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, ResultError};
    /// # use threadwork_sync::Latch;
    ///
    /// static RUNS: Latch = Latch::new(2);
    ///
    /// let executor = Executor::new(1);
    /// let failing = executor.every_fallible(Duration::from_millis(1), || {
    ///     _ = RUNS.count_down(1);
    ///     Ok("seven".parse::<u32>()?)
    /// });
    /// RUNS.wait();
    /// failing.cancel();
    /// failing.join();
    /// assert!(failing.n_faults() >= 2);
    /// assert!(matches!(failing.last_fault(), Some(ResultError::Failed(_))));
    /// ```
    #[must_use]
    pub fn last_fault(&self) -> Option<ResultError> {
        self.repeat.progress.acquire().last_fault.clone()
    }

    /// Blocks the current thread until no run follows, and none is going on.
    #[track_caller]
    pub fn join(&self) {
        without_end(|wait| self.join_with(wait));
    }

    /// Blocks the current thread until no run follows, and none is going on, or until `timeout` has elapsed.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the time is up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Executor;
    ///
    /// let executor = Executor::new(1);
    /// let beat = executor.every(Duration::from_secs(60), || ());
    /// assert!(beat.join_timeout(Duration::from_millis(1)).is_err());
    /// executor.close();
    /// beat.join_timeout(Duration::from_secs(60))?;
    /// # Ok::<(), threadwork_sync::WaitError>(())
    /// ```
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.join_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until no run follows, and none is going on, or until `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    #[track_caller]
    pub fn join_with(&self, wait: &Wait) -> Result<(), WaitError> {
        if self.repeat.pool.is_left_behind() {
            return Ok(());
        }
        self.repeat.over.wait_with(wait)
    }
}

/// # Again and again
impl Executor {
    /// Runs a function again and again in the workers, until it is cancelled or the executor takes no more jobs: Java's
    /// `scheduleWithFixedDelay`, and `scheduleAtFixedRate` with a [`Period::FixedRate`].
    ///
    /// The first run is due one period from now. Between the runs it takes no worker. A run never begins before the one before it has returned.
    /// A panic or a failure ends that run alone. A run for which there is no room in the backlog is left out.
    ///
    /// The end of the program waits for a run that has begun, and for no further one.
    ///
    /// # Differences from Java
    ///
    /// * A run that panics is not the last one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, Period};
    ///
    /// let executor = Executor::new(2);
    /// let beat = executor.every(Period::FixedRate(Duration::from_secs(60)), || std::fs::write("beat", ""));
    /// assert!(beat.cancel());
    /// assert_eq!(beat.n_runs(), 0);
    /// ```
    #[track_caller]
    pub fn every<F, R>(&self, period: impl Into<Period>, mut function: F) -> Schedule<R>
    where
        F: FnMut() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.every_fallible(period, move || Ok(function()))
    }

    /// Runs a function that can fail again and again. See [`every`](Self::every).
    ///
    /// An error is the [fault](Schedule::last_fault) of that run.
    #[track_caller]
    pub fn every_fallible<F, R>(&self, period: impl Into<Period>, function: F) -> Schedule<R>
    where
        F: FnMut() -> Result<R, Failure> + Send + 'static,
        R: Send + 'static,
    {
        let (function, location) = (Box::new(function), Location::caller());
        Schedule { repeat: Repeat::begin(&self.pool, period.into(), function, location) }
    }
}

impl<R> Clone for Schedule<R> {
    fn clone(&self) -> Self {
        Schedule { repeat: Arc::clone(&self.repeat) }
    }
}

// The function is only called, in workers, and its panics are caught.
impl<R> UnwindSafe for Schedule<R> {}
impl<R> RefUnwindSafe for Schedule<R> {}

impl<R> fmt::Debug for Schedule<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n_runs, n_faults) = {
            let progress = self.repeat.progress.acquire();
            (progress.n_runs, progress.n_faults)
        };
        f.debug_struct("Schedule")
            .field("is_over", &self.repeat.is_over())
            .field("n_runs", &n_runs)
            .field("n_faults", &n_faults)
            .finish_non_exhaustive()
    }
}
