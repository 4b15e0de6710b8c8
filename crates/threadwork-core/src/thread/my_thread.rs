//! The thread that keeps the result of its function.

use std::{
    fmt,
    ops::Deref,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;
use threadwork_sync::Wait;

use super::{builder::Builder, thread::Thread};
use crate::{
    error::{JoinError, ResultError},
    life::{ThreadHandle, ThreadJoin, ThreadState},
    outcome::Outcome,
    work::{Call, Callable, Runnable},
};

/// A thread that calls a function and keeps its result: the book's `MyThread` with its `getResult`.
///
/// It is a [`Thread`] around a [`Call`], and has all methods of a thread and of its [handle](crate::ThreadHandle).
/// The function can be a closure that can be called only once. The result need be neither `Sync` nor `Clone`.
///
/// # Differences from the book
///
/// * The error of [`get_result`](Self::get_result) says why there is no result; the book's `getResult` raises `AttributeError`.
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
#[must_use = "a thread does nothing until it is started"]
pub struct MyThread<F, R> {
    thread: Thread<Call<F, R>>,
}

impl Builder {
    /// Builds a thread that calls `function` with `args`, a tuple, and keeps the result.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::builder().name("power").my_thread(u32::pow, (2, 10));
    /// thread.start()?;
    /// assert_eq!(thread.wait_result()?, &1024);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a thread does nothing until it is started"]
    pub fn my_thread<F, Args>(
        self,
        function: F,
        args: Args,
    ) -> MyThread<impl FnOnce() -> F::Output + Send + use<F, Args>, F::Output>
    where
        F: Callable<Args> + Send + 'static,
        F::Output: Send + 'static,
        Args: Send + 'static,
    {
        MyThread::from_thread(self.build(Call::with_args(function, args)))
    }
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
}

impl MyThread<(), ()> {
    /// Creates a thread that calls `function` with `args`, a tuple of up to twelve.
    /// To give the thread a name, use [`Builder::my_thread`](crate::Builder::my_thread).
    pub fn with_args<F, Args>(
        function: F,
        args: Args,
    ) -> MyThread<impl FnOnce() -> F::Output + Send + use<F, Args>, F::Output>
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
    pub fn get_result(&self) -> Result<&R, ResultError> {
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
    pub fn wait_result(&self) -> Result<&R, ResultError> {
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
    pub fn wait_result_timeout(&self, timeout: Duration) -> Result<&R, ResultError> {
        self.wait_result_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the function has returned or `wait` ends, and returns the result.
    ///
    /// # Errors
    ///
    /// Returns [`StillRunning`](ResultError::StillRunning) or [`Stopped`](ResultError::Stopped) if `wait` ends first; otherwise as
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
    /// assert!(matches!(thread.wait_result_with(&wait), Err(ResultError::Stopped)));
    /// GO.set();
    /// assert_eq!(thread.wait_result()?, &());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_result_with(&self, wait: &Wait) -> Result<&R, ResultError> {
        self.result_after(self.thread.join_with(wait))
    }

    /// Waits until the function has returned, as a task of an async program, and returns its result.
    ///
    /// A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    ///
    /// # Errors
    ///
    /// As [`get_result`](Self::get_result), except `StillRunning`. Returns [`CurrentThread`](ResultError::CurrentThread)
    /// if the thread itself polls the future.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}};
    /// # struct Unpark(std::thread::Thread);
    /// # impl Wake for Unpark {
    /// #     fn wake(self: Arc<Self>) {
    /// #         self.0.unpark();
    /// #     }
    /// # }
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut future = pin!(future);
    /// #     let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    /// #     loop {
    /// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
    /// #             Poll::Ready(it) => return it,
    /// #             Poll::Pending => std::thread::park(),
    /// #         }
    /// #     }
    /// # }
    /// use threadwork::MyThread;
    ///
    /// async fn factorial(n: u64) -> u64 {
    ///     let thread = MyThread::new(move || (1..=n).product());
    ///     thread.start().expect("there is room for a thread");
    ///     *thread.wait_result_async().await.expect("it does not overflow")
    /// }
    ///
    /// assert_eq!(block_on(factorial(12)), 479_001_600);
    /// ```
    #[track_caller]
    pub fn wait_result_async(&self) -> ResultWait<'_, F, R> {
        ResultWait { thread: self, join: self.thread.join_async() }
    }

    /// Returns the result once the thread was joined.
    fn result_after(&self, joined: Result<(), JoinError>) -> Result<&R, ResultError> {
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

pin_project! {
    /// The future of [`MyThread::wait_result_async`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct ResultWait<'a, F, R> {
        thread: &'a MyThread<F, R>,
        #[pin]
        join: ThreadJoin<'a>,
    }
}

impl<'a, F, R> Future for ResultWait<'a, F, R> {
    type Output = Result<&'a R, ResultError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let thread = *this.thread;
        this.join.poll(context).map(|joined| thread.result_after(joined))
    }
}

impl<F, R> fmt::Debug for ResultWait<'_, F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultWait").field("thread", self.thread).finish_non_exhaustive()
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
