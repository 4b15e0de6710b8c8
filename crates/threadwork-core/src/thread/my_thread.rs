//! The thread that keeps the result of its function.

use std::{fmt, ops::Deref, time::Duration};

use threadwork_sync::Wait;

use super::thread::Thread;
use crate::{
    error::{JoinError, ResultError, StartError},
    life::{ThreadHandle, ThreadState},
    outcome::{Failure, Outcome},
    work::{Call, Callable, Fallible, Runnable, WithArgs},
};

mod result_wait;

pub use self::result_wait::ResultWait;

/// A thread that calls a function and keeps its result: the `MyThread` of the chapter on Python's `threading` module, with its `getResult`.
///
/// It is a [`Thread`] around a [`Call`], and has all methods of a thread and of its [handle](crate::ThreadHandle).
/// The function can be a closure that can be called only once. The result need not be `Clone`. A result that is not `Sync` is given by
/// value only ([`into_result`](Self::into_result), [`take_result`](Self::take_result)), since several threads may share a `MyThread`.
///
/// If the function returns a `Result`, that is its result, and the thread has finished. For a function whose error is the
/// [failure](crate::Outcome::Failed) of the thread there is [`fallible`](Self::fallible).
/// To keep the result where the type of the function must not matter, make a [`Task`](crate::Task) of the thread.
///
/// # Differences from Python
///
/// * The error of [`get_result`](Self::get_result) says why there is no result; the chapter's `getResult` raises `AttributeError`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, ResultError};
///
/// fn factorial(n: u64) -> u64 {
///     (1..=n).product()
/// }
///
/// let thread = MyThread::with_args(factorial, (12,));
/// assert!(matches!(thread.get_result(), Err(ResultError::NotStarted)));
/// thread.start()?;
/// thread.join()?;
/// assert_eq!(thread.get_result()?, &479_001_600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a thread must be started, and its result asked for"]
pub struct MyThread<F, R> {
    thread: Thread<Call<F, R>>,
}

impl<F, R> MyThread<F, R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    /// Creates a thread that calls `function`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::MyThread;
    ///
    /// let words = vec!["a", "b"];
    /// let thread = MyThread::new(move || words.concat());
    /// thread.start()?;
    /// assert_eq!(thread.wait_result()?, "ab");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(function: F) -> MyThread<F, R> {
        MyThread::from_thread(Thread::new(Call::new(function)))
    }

    /// Starts a thread that calls `function`. For one with a name there is [`Builder::spawn_my_thread`](crate::Builder::spawn_my_thread).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`]. The function is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::MyThread;
    ///
    /// let thread = MyThread::spawn(|| (1..=4).sum::<u32>())?;
    /// assert_eq!(thread.into_result()?, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn(function: F) -> Result<MyThread<F, R>, StartError> {
        MyThread::new(function).started()
    }
}

impl<F, R> MyThread<Fallible<F>, R>
where
    F: FnOnce() -> Result<R, Failure> + Send + 'static,
    R: Send + 'static,
{
    /// Creates a thread that calls `function`, in which `?` works on any error. The result is what is in the `Ok`; an `Err` is the failure
    /// of the thread, of which joiners, handlers and supervisors are told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{MyThread, ResultError};
    ///
    /// let thread = MyThread::fallible(|| {
    ///     let text = std::fs::read_to_string("a file that does not exist")?;
    ///     Ok(text.len())
    /// });
    /// thread.start()?;
    /// assert!(matches!(thread.wait_result(), Err(ResultError::Failed(_))));
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn fallible(function: F) -> MyThread<Fallible<F>, R> {
        MyThread::from_thread(Thread::new(Call::fallible(function)))
    }

    /// Starts a thread that calls `function`, as that of [`fallible`](Self::fallible) does.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let thread = threadwork::MyThread::spawn_fallible(|| Ok("7".parse::<u32>()?))?;
    /// assert_eq!(thread.into_result()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn_fallible(function: F) -> Result<MyThread<Fallible<F>, R>, StartError> {
        MyThread::fallible(function).started()
    }
}

impl MyThread<(), ()> {
    /// Creates a thread that calls `function` with `args`, a tuple of up to twelve.
    /// To give the thread a name, use [`Builder::my_thread`](crate::Builder::my_thread).
    pub fn with_args<F, Args>(function: F, args: Args) -> MyThread<WithArgs<F, Args>, F::Output>
    where
        F: Callable<Args> + Send + 'static,
        F::Output: Send + 'static,
        Args: Send + 'static,
    {
        Thread::builder().my_thread(function, args)
    }
}

impl<F, R> MyThread<F, R> {
    pub(crate) fn from_thread(thread: Thread<Call<F, R>>) -> MyThread<F, R> {
        MyThread { thread }
    }

    pub(super) fn started(self) -> Result<MyThread<F, R>, StartError> {
        self.start()?;
        Ok(self)
    }

    /// Returns the result of the function.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no result: [`NotStarted`](ResultError::NotStarted), [`StillRunning`](ResultError::StillRunning),
    /// [`Panicked`](ResultError::Panicked), or [`Taken`](ResultError::Taken).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::MyThread;
    ///
    /// let thread = MyThread::new(|| "7".parse::<u32>().expect("a number"));
    /// thread.start()?;
    /// thread.join()?;
    /// assert_eq!(thread.get_result()?, &7);
    ///
    /// let thread = MyThread::new(|| "x".parse::<u32>().expect("a number"));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// let error = thread.get_result().unwrap_err().to_string();
    /// assert!(error.ends_with("panicked: a number: ParseIntError { kind: InvalidDigit }"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_result(&self) -> Result<&R, ResultError>
    where
        F: Send,
        R: Sync,
    {
        match self.thread.runnable().and_then(Call::result) {
            Some(result) => Ok(result),
            None => Err(self.why_no_result()),
        }
    }

    /// Takes the result of the function by value.
    ///
    /// # Errors
    ///
    /// As [`get_result`](Self::get_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{MyThread, ResultError};
    ///
    /// let mut thread = MyThread::new(|| String::from("done"));
    /// thread.start()?;
    /// thread.join()?;
    /// let result: String = thread.take_result()?;
    /// assert_eq!(result, "done");
    /// assert!(matches!(thread.take_result(), Err(ResultError::Taken)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_result(&mut self) -> Result<R, ResultError> {
        let ended = self.thread.state().has_ended();
        match self.thread.runnable_mut().filter(|_| ended).and_then(Call::take_result) {
            Some(result) => Ok(result),
            None => Err(self.why_no_result()),
        }
    }

    /// Blocks the current thread until the function has returned, and returns its result by value.
    ///
    /// # Errors
    ///
    /// As [`wait_result`](Self::wait_result).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::MyThread;
    ///
    /// let thread = MyThread::spawn(|| vec![1, 2, 3])?;
    /// let numbers: Vec<u32> = thread.into_result()?;
    /// assert_eq!(numbers, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn into_result(mut self) -> Result<R, ResultError> {
        match self.thread.join() {
            Ok(()) | Err(JoinError::Panicked(_) | JoinError::Failed(_)) => self.take_result(),
            Err(error) => Err(error.into()),
        }
    }

    /// Blocks the current thread until the function has returned, and returns its result.
    ///
    /// # Errors
    ///
    /// As [`get_result`](Self::get_result), except `StillRunning`. Returns [`CurrentThread`](ResultError::CurrentThread)
    /// if a thread waits for its own result.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let thread = threadwork::MyThread::new(|| 7);
    /// thread.start()?;
    /// assert_eq!(thread.wait_result()?, &7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_result(&self) -> Result<&R, ResultError>
    where
        F: Send,
        R: Sync,
    {
        self.wait_result_with(&Wait::forever())
    }

    /// Blocks the current thread until the function has returned or `timeout` has elapsed, and returns the result.
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
    /// use threadwork::MyThread;
    ///
    /// let thread = MyThread::with_args(|a: u32, b: u32| a + b, (1, 2));
    /// thread.start()?;
    /// assert_eq!(thread.wait_result_timeout(Duration::from_secs(9))?, &3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_result_timeout(&self, timeout: Duration) -> Result<&R, ResultError>
    where
        F: Send,
        R: Sync,
    {
        self.wait_result_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the function has returned or `wait` ends, and returns the result.
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
    /// use threadwork::{MyThread, ResultError};
    /// # use threadwork_sync::{Event, StopSource, Wait};
    ///
    /// static GO: Event = Event::new();
    ///
    /// let thread = MyThread::new(|| GO.wait());
    /// thread.start()?;
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert!(matches!(thread.wait_result_with(&wait), Err(ResultError::WaitStopped)));
    /// GO.set();
    /// assert_eq!(thread.wait_result()?, &());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_result_with(&self, wait: &Wait) -> Result<&R, ResultError>
    where
        F: Send,
        R: Sync,
    {
        self.result_after(self.thread.join_with(wait))
    }

    /// Returns the result once the thread was joined.
    fn result_after(&self, joined: Result<(), JoinError>) -> Result<&R, ResultError>
    where
        F: Send,
        R: Sync,
    {
        match joined {
            Ok(()) | Err(JoinError::Panicked(_) | JoinError::Failed(_)) => self.get_result(),
            Err(error) => Err(error.into()),
        }
    }

    fn why_no_result(&self) -> ResultError {
        match self.thread.outcome() {
            Some(Outcome::Panicked(panic)) => ResultError::Panicked(panic),
            Some(Outcome::Failed(failure)) => ResultError::Failed(failure),
            Some(Outcome::Finished | Outcome::Stopped) => ResultError::Taken,
            None if self.thread.state() == ThreadState::New => ResultError::NotStarted,
            None => ResultError::StillRunning,
        }
    }
}

impl<F, R> Deref for MyThread<F, R> {
    type Target = Thread<Call<F, R>>;

    fn deref(&self) -> &Thread<Call<F, R>> {
        &self.thread
    }
}

impl<F, R> AsRef<ThreadHandle> for MyThread<F, R> {
    fn as_ref(&self) -> &ThreadHandle {
        self.thread.handle()
    }
}

impl<F, R> From<MyThread<F, R>> for Thread
where
    Call<F, R>: Runnable + 'static,
{
    fn from(thread: MyThread<F, R>) -> Self {
        thread.thread.erase()
    }
}

impl<F, R> fmt::Debug for MyThread<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thread.fmt(f)
    }
}
