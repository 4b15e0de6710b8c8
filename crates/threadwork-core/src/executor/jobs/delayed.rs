//! Jobs that are submitted later.

use std::{panic::Location, sync::Arc, time::Duration};

use threadwork_sync::{Wait, Waitable};

use crate::{
    error::{JoinError, Refusal, ResultError},
    executor::{
        handle::Executor,
        job::{Fallible, Fault, Function, JobRef, Plain, Submitted},
        pool::{Pool, WhenFull},
        submit::{Terms, submit},
    },
    life::{Awaited, ThreadHandle},
    outcome::Failure,
    task::{Promise, Task},
    timer::Alarm,
};

/// A job that waits for its time, on its way to the line. If it is dropped before that, it is given up.
struct DueJob {
    pool: Arc<Pool>,
    number: u64,
    job: Option<JobRef>,
    location: &'static Location<'static>,
}

impl DueJob {
    /// Submits the job, in the service of the timers, which must not wait.
    fn submit(mut self) {
        let Some(job) = self.job.take() else { return };
        let wait = Wait::forever();
        let terms = Terms {
            priority: 0,
            when_full: WhenFull::Refuse,
            wait: &wait,
            location: self.location,
        };
        if let Err(refusal) = submit(&self.pool, Arc::clone(&job), &terms) {
            job.give_up(Fault::Refused(refusal));
        }
    }
}

impl Drop for DueJob {
    fn drop(&mut self) {
        if self.pool.is_left_behind() {
            return;
        }
        self.pool.outside.later.remove(self.number);
        if let Some(job) = self.job.take() {
            let is_closed = self.pool.outside.later.is_closed();
            job.give_up(if is_closed {
                Fault::Refused(self.pool.refusal())
            } else {
                Fault::Cancelled
            });
        }
    }
}

/// The result of a job that is not submitted yet.
struct Delayed<P> {
    promise: P,
    alarm: Alarm,
}

impl<R, P: Promise<R>> Promise<R> for Delayed<P> {
    fn thread(&self) -> Option<&ThreadHandle> {
        self.promise.thread()
    }

    fn awaited(&self, location: &'static Location<'static>) -> Result<Awaited<'_>, JoinError> {
        self.promise.awaited(location)
    }

    fn as_waitable(&self) -> &dyn Waitable {
        self.promise.as_waitable()
    }

    fn has_ended(&self) -> bool {
        self.promise.has_ended()
    }

    fn request_stop(&self) -> bool {
        self.promise.request_stop()
    }

    fn cancel(&self) -> bool {
        let is_cancelled = self.promise.cancel();
        if is_cancelled {
            self.alarm.cancel();
        }
        is_cancelled
    }

    fn is_cancelled(&self) -> bool {
        self.promise.is_cancelled()
    }

    fn has_failed(&self) -> bool {
        self.promise.has_failed()
    }

    fn result(&self) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        self.promise.result()
    }

    fn take_result(&mut self) -> Result<R, ResultError> {
        self.promise.take_result()
    }
}

/// Submits a function to the executor, some time later. If it `is_waited_for`, the end of the program waits until then.
pub(super) fn submit_later<F, R>(
    pool: &Arc<Pool>,
    delay: Duration,
    is_waited_for: bool,
    function: F,
    location: &'static Location<'static>,
) -> Task<R>
where
    F: Function<R> + 'static,
    R: Send + 'static,
{
    let submitted = Submitted::new(function, pool.address());
    let job = submitted.lend();
    if pool.is_left_behind() {
        submitted.refuse(Refusal::LeftBehind);
        return Task::of(submitted);
    }
    let alarm = pool.outside.later.add(|number| {
        let due = DueJob { pool: Arc::clone(pool), number, job: Some(job), location };
        Alarm::new(&pool.plan.name, !is_waited_for, delay, move || due.submit())
    });
    if let Err(error) = alarm.set() {
        submitted.refuse(Refusal::NoWorker(error.into()));
        alarm.cancel();
    }
    Task::of(Delayed { promise: submitted, alarm })
}

/// # Later
impl Executor {
    /// Submits a function some time later: Java's `schedule`. Until then it takes no worker.
    ///
    /// The task can be [cancelled](Task::cancel) until the function begins. If the executor takes no more jobs before the function is due, it is
    /// [refused](crate::ResultError::Refused) at that moment; it is also refused if there is no room in the
    /// [backlog](crate::ExecutorBuilder::backlog) when it is due. The end of the program waits for it, unless the workers are daemons.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, ResultError};
    ///
    /// let executor = Executor::new(1);
    /// let soon = executor.after(Duration::from_millis(5), || 7);
    /// let never = executor.after(Duration::MAX, || 8);
    /// assert_eq!(soon.into_result()?, 7);
    /// assert!(never.cancel());
    /// assert_eq!(never.into_result(), Err(ResultError::Cancelled));
    /// # Ok::<(), ResultError>(())
    /// ```
    #[track_caller]
    pub fn after<F, R>(&self, delay: Duration, function: F) -> Task<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.submit_after(delay, Plain(function), Location::caller())
    }

    /// Submits a function that can fail some time later. See [`after`](Self::after) and [`submit_fallible`](Self::submit_fallible).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, ResultError};
    ///
    /// let executor = Executor::new(1);
    /// let task = executor.after_fallible(Duration::ZERO, || Ok("seven".parse::<u32>()?));
    /// assert!(matches!(task.into_result(), Err(ResultError::Failed(_))));
    /// ```
    #[track_caller]
    pub fn after_fallible<F, R>(&self, delay: Duration, function: F) -> Task<R>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'static,
        R: Send + 'static,
    {
        self.submit_after(delay, Fallible(function), Location::caller())
    }

    fn submit_after<F, R>(
        &self,
        delay: Duration,
        function: F,
        location: &'static Location<'static>,
    ) -> Task<R>
    where
        F: Function<R> + 'static,
        R: Send + 'static,
    {
        let is_waited_for = !self.pool.plan.settings.daemon;
        submit_later(&self.pool, delay, is_waited_for, function, location)
    }
}
