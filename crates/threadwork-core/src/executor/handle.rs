//! The executor itself.

use std::{
    fmt,
    panic::{Location, RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::{Wait, WaitKind};

use super::pool::{Pool, WorkerPlace};
use crate::{error::JoinError, group::ThreadGroup, life::ThreadHandle, registry::current};

/// A number of threads, its workers, that run jobs one after the other: Python's `ThreadPoolExecutor`, Java's `ExecutorService`.
///
/// A worker is started when a job is submitted, no worker is idle, and there are fewer than the executor may have. Further jobs are
/// pending until a worker is free, and are run in the order in which they came, unless they have [priorities](crate::JobBuilder::priority).
/// The workers are ordinary threads: they are listed, belong to a [group](Self::group), and are named after the executor.
///
/// # The end
///
/// [`shutdown`](Self::shutdown) takes no more jobs, and waits until the pending ones have been run and the workers have ended.
/// [`shutdown_now`](Self::shutdown_now) runs no pending job, and asks the running ones to stop.
///
/// **Dropping** an executor takes no more jobs either, and does not wait: the workers run what is pending and then end, as a thread goes on whose
/// handle is dropped. So a job may own a handle to its own executor, and its last one. The end of the program
/// ([`main`](crate::main())) waits for workers that are not daemons, and for the pending jobs, whether or not the executor was shut down.
///
/// A stop of the group, or of the token that the executor was [given](crate::ExecutorBuilder::stop_token), or of the whole program, is a stop of the executor,
/// as `shutdown_now` is.
///
/// # Happens-before
///
/// What a thread did before it submitted a job is seen by the job.
///
/// # After a fork
///
/// An executor belongs to the process that made it. In the child of a fork there are no workers, and jobs are refused
/// ([`Refusal::LeftBehind`](crate::Refusal::LeftBehind)): make a new executor there. Whoever waits there for a task of the parent returns at once, without a
/// result ([`StillRunning`](crate::ResultError::StillRunning)).
///
/// # Differences from Python
///
/// * `submit` never fails: why a job was refused is the error of its task. [`try_submit`](Self::try_submit) returns it, with the function.
/// * The number of pending jobs can be [limited](crate::ExecutorBuilder::backlog).
/// * The end of a `with` block waits; the drop does not.
/// * What a worker inherits, it inherits from the thread that has submitted its first job ([`Local`](crate::Local)s, the span), or from the one that
///   has built the executor (the daemon flag, the group, the stop token).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Executor;
///
/// let executor = Executor::new(4);
/// let lengths: Vec<_> = ["one", "two", "three"].map(|it| executor.submit(|| it.len())).into();
/// let mut total = 0;
/// for length in lengths {
///     total += length.into_result()?;
/// }
/// assert_eq!(total, 11);
/// executor.shutdown()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "ThreadPoolExecutor")]
#[doc(alias = "ThreadPool")]
pub struct Executor {
    pub(super) pool: Arc<Pool>,
}

impl Executor {
    /// Takes no more jobs, without waiting: workers run what is pending and then end. Python's `shutdown(wait=False)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let executor = threadwork::Executor::new(1);
    /// let task = executor.submit(|| 7);
    /// executor.close();
    /// assert!(executor.is_shut_down());
    /// assert_eq!(task.into_result()?, 7);
    /// # Ok::<(), threadwork::ResultError>(())
    /// ```
    pub fn close(&self) {
        self.pool.close();
    }

    /// Returns `true` if no more jobs are taken: the executor was shut down, closed, stopped, or the initializer of a worker has failed.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.pool.is_left_behind() || self.pool.stop.stop_requested() || self.pool.line.is_closed()
    }

    /// Takes no more jobs, and blocks the current thread until all jobs have been run and all workers have ended.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::CurrentThread`] if the current thread is a worker of this executor, which would wait for itself. No more jobs are
    /// taken then, either.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let executor = threadwork::Executor::new(2);
    /// let task = executor.submit(|| 7);
    /// executor.shutdown()?;
    /// assert!(task.is_done());
    /// # Ok::<(), threadwork::JoinError>(())
    /// ```
    #[track_caller]
    pub fn shutdown(&self) -> Result<(), JoinError> {
        self.shutdown_with(&Wait::forever())
    }

    /// Takes no more jobs, and blocks the current thread until all jobs have been run and all workers have ended, or `timeout` has elapsed.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::TimedOut`] if a worker is still alive; otherwise as [`shutdown`](Self::shutdown).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, JoinError};
    ///
    /// let executor = Executor::new(1);
    /// let task = executor.submit(|| threadwork::sleep(Duration::MAX).is_err());
    /// assert_eq!(executor.shutdown_timeout(Duration::from_millis(1)), Err(JoinError::TimedOut));
    /// task.request_stop();
    /// executor.shutdown_timeout(Duration::from_secs(60))?;
    /// # Ok::<(), JoinError>(())
    /// ```
    #[track_caller]
    pub fn shutdown_timeout(&self, timeout: Duration) -> Result<(), JoinError> {
        self.shutdown_with(&Wait::timeout(timeout))
    }

    /// Takes no more jobs, and blocks the current thread until all jobs have been run and all workers have ended, or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::TimedOut`] or [`JoinError::WaitStopped`] if a worker is still alive; otherwise as [`shutdown`](Self::shutdown).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, JoinError};
    /// # use threadwork_sync::{StopSource, Wait};
    ///
    /// let executor = Executor::new(1);
    /// let task = executor.submit(|| threadwork::sleep(std::time::Duration::MAX).is_err());
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert_eq!(executor.shutdown_with(&wait), Err(JoinError::WaitStopped));
    /// # task.request_stop();
    /// ```
    #[track_caller]
    pub fn shutdown_with(&self, wait: &Wait) -> Result<(), JoinError> {
        let pool = &self.pool;
        if pool.is_left_behind() {
            return Ok(());
        }
        pool.close();
        if current::with(|here| self.workers().contains(here)) == Some(true) {
            return Err(JoinError::CurrentThread);
        }
        self.join_workers(wait)?;
        // A worker that was just being started was not listed, or one that was stopped has been replaced.
        let subject = pool.subject(WaitKind::Join, Location::caller());
        pool.line.wait_for_leaving(&subject, wait)?;
        self.join_workers(wait)
    }

    /// Takes no more jobs, cancels those that are pending, and asks those that are running to stop. It does not wait: call
    /// [`shutdown`](Self::shutdown) after it. Returns the number of jobs that were cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, ResultError};
    ///
    /// let executor = Executor::new(1);
    /// let running = executor.submit(|| threadwork::sleep(Duration::MAX).is_err());
    /// let pending = executor.submit(|| ());
    /// # while running.is_done() {}
    /// assert_eq!(executor.shutdown_now(), 1);
    /// executor.shutdown()?;
    /// assert_eq!(pending.into_result(), Err(ResultError::Cancelled));
    /// assert!(matches!(running.into_result(), Ok(true) | Err(ResultError::Cancelled)));
    /// # Ok::<(), threadwork::JoinError>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most callers do not count")]
    pub fn shutdown_now(&self) -> usize {
        self.pool.close();
        let cancelled = self.pool.cancel_pending();
        self.pool.stop.request_stop();
        cancelled
    }

    /// Cancels all pending jobs, and returns their number. The executor goes on. With [`close`](Self::close) before it and
    /// [`shutdown`](Self::shutdown) after it, this is Python's `shutdown(cancel_futures=True)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Executor;
    /// # use threadwork_sync::Event;
    ///
    /// static GO: Event = Event::new();
    ///
    /// let executor = Executor::new(1);
    /// let running = executor.submit(|| GO.wait());
    /// let pending = [1, 2].map(|it| executor.submit(move || it));
    /// assert_eq!(executor.cancel_pending(), 2);
    /// assert!(pending.iter().all(|it| it.is_cancelled()));
    /// GO.set();
    /// running.into_result()?;
    /// # Ok::<(), threadwork::ResultError>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most callers do not count")]
    pub fn cancel_pending(&self) -> usize {
        self.pool.cancel_pending()
    }

    /// Returns the name, which the names of the workers begin with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.pool.plan.name
    }

    /// Returns the largest possible number of workers.
    #[must_use]
    pub fn max_workers(&self) -> usize {
        self.pool.line.max
    }

    /// Returns the workers that are alive or have ended lately.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let executor = threadwork::Executor::builder().name("parsers").workers(8).build();
    /// executor.submit(|| ()).into_result()?;
    /// executor.submit(|| ()).into_result()?;
    /// let [worker] = &executor.workers()[..] else { unreachable!("an idle worker is used again") };
    /// assert_eq!(worker.name(), "parsers-0");
    /// # Ok::<(), threadwork::ResultError>(())
    /// ```
    #[must_use]
    pub fn workers(&self) -> Vec<ThreadHandle> {
        self.places().into_iter().map(|it| it.thread).collect()
    }

    /// Returns the number of pending jobs, which wait for a worker. Cancelled ones count until a worker comes to them.
    #[must_use]
    pub fn pending(&self) -> usize {
        if self.pool.is_left_behind() { 0 } else { self.pool.line.counts().pending }
    }

    /// Returns the group that the workers are in, if there is one. By default an executor has a group of its own.
    #[must_use]
    pub fn group(&self) -> Option<&ThreadGroup> {
        self.pool.plan.settings.group.as_ref()
    }

    fn places(&self) -> Vec<WorkerPlace> {
        if self.pool.is_left_behind() { Vec::new() } else { self.pool.workers.acquire().clone() }
    }

    #[track_caller]
    fn join_workers(&self, wait: &Wait) -> Result<(), JoinError> {
        for worker in self.workers() {
            // One whose initializer has failed has told that already.
            if let Err(ended @ (JoinError::TimedOut | JoinError::WaitStopped)) =
                worker.join_with(wait)
            {
                return Err(ended);
            }
        }
        Ok(())
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.pool.close();
    }
}

// The functions of jobs are only called, and their panics are caught.
impl UnwindSafe for Executor {}
impl RefUnwindSafe for Executor {}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = (!self.pool.is_left_behind()).then(|| self.pool.line.counts());
        f.debug_struct("Executor")
            .field("name", &self.name())
            .field("max_workers", &self.max_workers())
            .field("workers", &counts.map(|it| it.workers))
            .field("idle", &counts.map(|it| it.idle))
            .field("pending", &counts.map(|it| it.pending))
            .field("is_shut_down", &self.is_shut_down())
            .finish_non_exhaustive()
    }
}
