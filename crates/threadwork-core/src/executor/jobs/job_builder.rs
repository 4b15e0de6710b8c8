//! The configuration of a job before it is submitted.

use std::{fmt, panic::Location};

use threadwork_sync::Wait;

use crate::{
    error::SubmitError,
    executor::{
        handle::Executor,
        job::{Fallible, Function, Plain, Submitted},
        pool::WhenFull,
        submit::{Terms, submit},
    },
    outcome::Failure,
    task::Task,
};

/// Configures a job and then submits it. See [`Executor::job`].
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Executor;
///
/// let executor = Executor::new(1);
/// let urgent = executor.job().priority(-1);
/// let tasks = [1, 2].map(|it| urgent.submit(move || it));
/// for (task, number) in tasks.into_iter().zip(1..) {
///     assert_eq!(task.into_result()?, number);
/// }
/// # Ok::<(), threadwork::ResultError>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it submits"]
pub struct JobBuilder<'a> {
    executor: &'a Executor,
    priority: i32,
    wait: Wait,
}

impl<'a> JobBuilder<'a> {
    pub(super) fn new(executor: &'a Executor) -> JobBuilder<'a> {
        JobBuilder { executor, priority: 0, wait: Wait::forever() }
    }

    /// Sets the priority. Of the pending jobs those with the lowest are run first, as in a [`PriorityQueue`](threadwork_sync::PriorityQueue), and among equals
    /// the one that came first. By default it is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::Arc;
    /// use threadwork::Executor;
    /// # use threadwork_sync::{Event, Queue};
    ///
    /// static GO: Event = Event::new();
    ///
    /// let executor = Executor::new(1);
    /// let busy = executor.submit(|| GO.wait());
    /// let order = Arc::new(Queue::new());
    /// for priority in [0, 7, -7] {
    ///     let order = Arc::clone(&order);
    ///     drop(executor.job().priority(priority).submit(move || order.put(priority)));
    /// }
    /// GO.set();
    /// executor.shutdown()?;
    /// order.shutdown();
    /// assert_eq!(order.iter().collect::<Vec<_>>(), [-7, 0, 7]);
    /// # busy.into_result().unwrap();
    /// # Ok::<(), threadwork::JoinError>(())
    /// ```
    pub fn priority(self, priority: i32) -> JobBuilder<'a> {
        JobBuilder { priority, ..self }
    }

    /// Sets how long [`submit`](Self::submit) may wait for room in the backlog. By default it waits for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Executor, Refusal, ResultError};
    /// # use threadwork_sync::{Event, Wait};
    ///
    /// static GO: Event = Event::new();
    ///
    /// let executor = Executor::builder().workers(1).backlog(0).build();
    /// let first = executor.submit(|| GO.wait());
    /// let soon = Wait::timeout(Duration::from_millis(1));
    /// let second = executor.job().wait(&soon).submit(|| ());
    /// assert_eq!(second.into_result(), Err(ResultError::Refused(Refusal::TimedOut)));
    /// GO.set();
    /// first.into_result()?;
    /// # Ok::<(), ResultError>(())
    /// ```
    pub fn wait(self, wait: &Wait) -> JobBuilder<'a> {
        JobBuilder { wait: wait.clone(), ..self }
    }

    /// Submits a function. See [`Executor::submit`].
    #[track_caller]
    pub fn submit<F, R>(&self, function: F) -> Task<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.send(Plain(function))
    }

    /// Submits a function in which `?` works on any error. See [`Executor::submit_fallible`].
    #[track_caller]
    pub fn submit_fallible<F, R>(&self, function: F) -> Task<R>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'static,
        R: Send + 'static,
    {
        self.send(Fallible(function))
    }

    /// Submits a function if the executor takes it at once, without waiting for room. See [`Executor::try_submit`].
    ///
    /// # Errors
    ///
    /// Returns the function, and the reason why it was refused.
    #[track_caller]
    pub fn try_submit<F, R>(&self, function: F) -> Result<Task<R>, SubmitError<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let pool = &self.executor.pool;
        let submitted = Submitted::<_, R>::new(Plain(function), pool.address());
        match submit(pool, submitted.lend(), &self.terms(WhenFull::Refuse, Location::caller())) {
            Ok(()) => Ok(Task::of(submitted)),
            Err(refusal) => {
                let Plain(function) = submitted.into_function();
                Err(SubmitError::new(refusal, function))
            }
        }
    }

    #[track_caller]
    fn send<F: Function<R> + 'static, R: Send + 'static>(&self, function: F) -> Task<R> {
        self.send_from(Location::caller(), function)
    }

    /// Submits a function for a caller in that line, who may wait for room.
    pub(super) fn send_from<F, R>(
        &self,
        location: &'static Location<'static>,
        function: F,
    ) -> Task<R>
    where
        F: Function<R> + 'static,
        R: Send + 'static,
    {
        let pool = &self.executor.pool;
        let submitted = Submitted::new(function, pool.address());
        let terms = self.terms(pool.when_full, location);
        if let Err(refusal) = submit(pool, submitted.lend(), &terms) {
            submitted.refuse(refusal);
        }
        Task::of(submitted)
    }

    fn terms(&self, when_full: WhenFull, location: &'static Location<'static>) -> Terms<'_> {
        Terms { priority: self.priority, when_full, wait: &self.wait, location }
    }
}

/// # Submitting jobs
impl Executor {
    /// Returns a builder for a job that has more settings than its function: a priority, and how long to wait for room.
    pub fn job(&self) -> JobBuilder<'_> {
        JobBuilder::new(self)
    }

    /// Submits a function, which a worker calls once.
    ///
    /// If it panics, the task has the panic, and the worker goes on with the next job. A job that is refused is the
    /// [error](crate::ResultError::Refused) of its task. If there is no room, [`WhenFull`](crate::WhenFull) says what happens.
    ///
    /// Dropping the task lets the job go on without it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, ResultError};
    ///
    /// let executor = Executor::new(2);
    /// let task = executor.submit(|| "7".parse::<u32>());
    /// let wrong = executor.submit(|| panic!("out of paper"));
    /// assert_eq!(task.into_result()?, Ok(7));
    /// assert!(matches!(wrong.into_result(), Err(ResultError::Panicked(_))));
    /// # Ok::<(), ResultError>(())
    /// ```
    #[track_caller]
    pub fn submit<F, R>(&self, function: F) -> Task<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.job().submit(function)
    }

    /// Submits a function in which `?` works on any error. An `Err` is the [failure](crate::ResultError::Failed) of the task, and the result is
    /// what is in the `Ok`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, ResultError};
    ///
    /// let executor = Executor::new(2);
    /// assert_eq!(executor.submit_fallible(|| Ok("7".parse::<u32>()?)).into_result()?, 7);
    /// let task = executor.submit_fallible(|| Ok("seven".parse::<u32>()?));
    /// let Err(ResultError::Failed(failure)) = task.into_result() else { unreachable!() };
    /// assert_eq!(failure.message(), "invalid digit found in string");
    /// # Ok::<(), ResultError>(())
    /// ```
    #[track_caller]
    pub fn submit_fallible<F, R>(&self, function: F) -> Task<R>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'static,
        R: Send + 'static,
    {
        self.job().submit_fallible(function)
    }

    /// Submits a function if the executor takes it at once, without waiting for room.
    ///
    /// # Errors
    ///
    /// Returns the function, and the reason why it was refused.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, Refusal};
    /// # use threadwork_sync::Event;
    ///
    /// static GO: Event = Event::new();
    ///
    /// let executor = Executor::builder().workers(1).backlog(0).build();
    /// let first = executor.try_submit(|| GO.wait())?;
    /// let error = executor.try_submit(|| GO.wait()).unwrap_err();
    /// assert_eq!(error.refusal(), &Refusal::Full);
    /// GO.set();
    /// error.into_function()();
    /// # first.into_result().unwrap();
    /// # Ok::<(), Refusal>(())
    /// ```
    #[track_caller]
    pub fn try_submit<F, R>(&self, function: F) -> Result<Task<R>, SubmitError<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.job().try_submit(function)
    }
}

impl fmt::Debug for JobBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobBuilder")
            .field("executor", self.executor)
            .field("priority", &self.priority)
            .field("wait", &self.wait)
            .finish()
    }
}
