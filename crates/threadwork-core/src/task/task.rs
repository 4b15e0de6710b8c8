//! The result of work that goes on elsewhere.

use std::{fmt, panic::Location, sync::Arc, time::Duration};

use threadwork_sync::{Wait, Waitable};

use super::promise::Promise;
use crate::{
    error::{JoinError, ResultError, StartError},
    life::{Awaited, ThreadHandle},
    thread::MyThread,
};

/// The result of work that goes on in another thread: Python's and Java's `Future`.
///
/// Its type names the result and not the function, unlike that of a [`MyThread`]. So a struct can have a field of this type, and a
/// `Vec<Task<u64>>` can hold the results of different functions. It comes from [`Executor::submit`](crate::Executor::submit), from
/// [`Task::spawn`] or from [`MyThread::into_task`].
///
/// It has one owner, who may take the result out. To let several read it, [share](Self::shared) it.
/// A task can be awaited in an async program: `task.await` gives the result by value, `(&task).await` by reference.
/// [`wait_any`](threadwork_sync::wait_any), [`as_completed`](crate::as_completed) and [`wait`](crate::wait()) take tasks as they take threads.
///
/// Dropping a task neither stops the work nor waits for it.
///
/// # Happens-before
///
/// Everything that the work did happens before its result is returned here.
///
/// # Differences from Python
///
/// * A task that has begun can be asked to stop, too ([`request_stop`](Self::request_stop)): the work itself decides where it stops.
/// * There are no callbacks. `as_completed`, `wait_any` or a thread of your own take their place.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{StartError, Task};
///
/// struct Totals {
///     tasks: Vec<Task<u64>>,
/// }
///
/// impl Totals {
///     fn start(numbers: Vec<u64>) -> Result<Totals, StartError> {
///         let copy = numbers.clone();
///         let sum = Task::spawn(move || numbers.iter().sum())?;
///         Ok(Totals { tasks: vec![sum, Task::spawn(move || copy.iter().product())?] })
///     }
/// }
///
/// let results = Totals::start(vec![1, 2, 3, 4])?.tasks.into_iter().map(Task::into_result);
/// assert_eq!(results.collect::<Result<Vec<_>, _>>()?, [10, 24]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "to let the work go on without its result, drop the task"]
pub struct Task<R> {
    /// Of work that another thread does, so whoever makes it shows that the result is `Send`.
    promise: Box<dyn Promise<R>>,
}

impl<F, R> MyThread<F, R>
where
    F: Send + 'static,
    R: Send + 'static,
{
    /// Returns the result to come, without the type of the function. Start the thread first: a task cannot do that.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Task, Thread};
    ///
    /// let thread = Thread::builder().name("sum").spawn_my_thread(|| (1..=4).sum::<u32>())?;
    /// let task: Task<u32> = thread.into_task();
    /// assert_eq!(task.thread().unwrap().name(), "sum");
    /// assert_eq!(task.wait_result()?, &10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_task(self) -> Task<R> {
        Task::of(self)
    }
}

impl<R: Send + 'static> Task<R> {
    /// Starts a thread that calls `function`. For one with a name there is
    /// [`Builder::spawn_my_thread`](crate::Builder::spawn_my_thread), with [`into_task`](MyThread::into_task).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start). The function is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let task = threadwork::Task::spawn(|| String::from("done"))?;
    /// assert_eq!(task.into_result()?, "done");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn<F>(function: F) -> Result<Task<R>, StartError>
    where
        F: FnOnce() -> R + Send + 'static,
    {
        MyThread::spawn(function).map(MyThread::into_task)
    }
}

impl<R> Task<R> {
    pub(crate) fn of(promise: impl Promise<R> + 'static) -> Task<R> {
        Task { promise: Box::new(promise) }
    }

    /// Returns the thread that was started for the work, if there is one. The workers of an executor run the work of many tasks.
    #[must_use]
    pub fn thread(&self) -> Option<&ThreadHandle> {
        self.promise.thread()
    }

    /// Returns `true` if the work has ended, in whichever way.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.promise.has_ended()
    }

    /// Requests the work to stop. Returns `true` if this was the first request.
    ///
    /// The work notices it as a thread does: see [`ThreadHandle::request_stop`]. What it returns then is the result.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Task;
    ///
    /// let task = Task::spawn(|| threadwork::sleep(Duration::MAX).is_err())?;
    /// task.request_stop();
    /// assert!(task.into_result()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most callers do not care who was first")]
    pub fn request_stop(&self) -> bool {
        self.promise.request_stop()
    }

    /// Ends a task that waits for a worker of its executor. Returns `true` if it is cancelled, now or since an earlier call.
    ///
    /// Returns `false` once the work has begun, as it has for a task with a thread of its own: that can only be asked to
    /// [stop](Self::request_stop). The function is dropped here, and whoever waits for the result gets [`ResultError::Cancelled`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, ResultError};
    /// # use threadwork_sync::Event;
    ///
    /// static GO: Event = Event::new();
    ///
    /// let executor = Executor::new(1);
    /// let running = executor.submit(|| GO.wait());
    /// let pending = executor.submit(|| unreachable!("it was cancelled"));
    /// assert!(pending.cancel());
    /// assert_eq!(pending.into_result(), Err(ResultError::Cancelled));
    /// GO.set();
    /// running.wait_result()?;
    /// assert!(!running.cancel());
    /// # Ok::<(), ResultError>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most callers do not care whether it had begun")]
    pub fn cancel(&self) -> bool {
        self.promise.cancel()
    }

    /// Returns `true` if the task was [cancelled](Self::cancel), or its executor has cancelled it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.promise.is_cancelled()
    }

    /// Returns the result.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no result: [`StillRunning`](ResultError::StillRunning), [`Panicked`](ResultError::Panicked),
    /// [`Failed`](ResultError::Failed), [`Cancelled`](ResultError::Cancelled), [`Refused`](ResultError::Refused),
    /// [`Taken`](ResultError::Taken), or [`NotStarted`](ResultError::NotStarted).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ResultError, Task};
    ///
    /// let task = Task::spawn(|| threadwork::sleep(Duration::MAX).is_err())?;
    /// assert!(matches!(task.get_result(), Err(ResultError::StillRunning)));
    /// task.request_stop();
    /// task.wait_result()?;
    /// assert_eq!(task.get_result()?, &true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_result(&self) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        self.promise.result()
    }

    /// Takes the result by value, if there is one.
    ///
    /// # Errors
    ///
    /// As [`get_result`](Self::get_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{ResultError, Task};
    ///
    /// let mut task = Task::spawn(|| String::from("done"))?;
    /// task.wait_result()?;
    /// assert_eq!(task.take_result()?, "done");
    /// assert!(matches!(task.take_result(), Err(ResultError::Taken)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_result(&mut self) -> Result<R, ResultError> {
        self.promise.take_result()
    }

    /// Blocks the current thread until the work has ended, and returns its result.
    ///
    /// The operating system's thread may still be dropping its thread-local values then. To wait for its end,
    /// [join](ThreadHandle::join) the [`thread`](Self::thread).
    ///
    /// # Errors
    ///
    /// As [`get_result`](Self::get_result), except `StillRunning`. Returns [`CurrentThread`](ResultError::CurrentThread) if the work waits
    /// for its own result.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{ResultError, Task};
    ///
    /// let task = Task::spawn(|| "seven".parse::<u32>().expect("a number"))?;
    /// assert!(matches!(task.wait_result(), Err(ResultError::Panicked(_))));
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn wait_result(&self) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        self.wait_result_with(&Wait::forever())
    }

    /// Blocks the current thread until the work has ended or `timeout` has elapsed, and returns the result.
    ///
    /// # Errors
    ///
    /// Returns [`StillRunning`](ResultError::StillRunning) if the time is up; otherwise as [`wait_result`](Self::wait_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ResultError, Task};
    ///
    /// let task = Task::spawn(|| threadwork::sleep(Duration::MAX).is_err())?;
    /// let soon = Duration::from_millis(1);
    /// assert!(matches!(task.wait_result_timeout(soon), Err(ResultError::StillRunning)));
    /// task.request_stop();
    /// assert_eq!(task.wait_result_timeout(Duration::from_secs(60))?, &true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_result_timeout(&self, timeout: Duration) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        self.wait_result_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the work has ended or `wait` ends, and returns the result.
    ///
    /// # Errors
    ///
    /// Returns [`StillRunning`](ResultError::StillRunning) or [`WaitStopped`](ResultError::WaitStopped) if `wait` ends first; otherwise as
    /// [`wait_result`](Self::wait_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{ResultError, Task};
    /// # use threadwork_sync::{StopSource, Wait};
    ///
    /// let task = Task::spawn(|| threadwork::sleep(std::time::Duration::MAX).is_err())?;
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert!(matches!(task.wait_result_with(&wait), Err(ResultError::WaitStopped)));
    /// # task.request_stop();
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn wait_result_with(&self, wait: &Wait) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        self.wait(wait, Location::caller())?;
        self.promise.result()
    }

    /// Blocks the current thread until the work has ended, and returns its result by value.
    ///
    /// # Errors
    ///
    /// As [`wait_result`](Self::wait_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::cell::Cell;
    /// use threadwork::Task;
    ///
    /// // The result need not be `Sync`.
    /// let task = Task::spawn(|| Cell::new(7))?;
    /// assert_eq!(task.into_result()?.get(), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn into_result(mut self) -> Result<R, ResultError> {
        self.wait(&Wait::forever(), Location::caller())?;
        self.promise.take_result()
    }

    /// Makes it possible to clone the task. The clones lend the result, and the last of them can still give it away
    /// ([`Arc::into_inner`]).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::Arc;
    /// use threadwork::{Task, Thread};
    ///
    /// let config = Task::spawn(|| String::from("config"))?.shared();
    /// let copy = Arc::clone(&config);
    /// let reader = Thread::spawn(move || assert_eq!(copy.wait_result().unwrap(), "config"))?;
    /// assert_eq!(config.wait_result()?, "config");
    /// reader.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn shared(self) -> Arc<Task<R>> {
        Arc::new(self)
    }

    fn wait(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), ResultError> {
        self.awaited(location)?.wait(wait).map_err(|it| JoinError::from(it).into())
    }

    /// Returns the end of the work, for a wait at `location`.
    pub(crate) fn awaited(
        &self,
        location: &'static Location<'static>,
    ) -> Result<Awaited<'_>, JoinError> {
        self.promise.awaited(location)
    }

    /// Returns `true` if the work has ended with a panic or a failure, or was refused.
    pub(crate) fn has_failed(&self) -> bool {
        self.promise.has_failed()
    }

    /// Returns it as one of several things to wait for.
    pub(crate) fn as_waitable(&self) -> &dyn Waitable {
        self.promise.as_waitable()
    }
}

impl<R> fmt::Debug for Task<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("thread", &self.thread())
            .field("is_done", &self.is_done())
            .finish()
    }
}
