//! What a builder makes: threads of objects and of functions, started or not.

use std::any::type_name;

use super::{builder::Builder, my_thread::MyThread, thread::Thread};
use crate::{
    error::StartError,
    life::Owner,
    outcome::Failure,
    stop::has_only_stopped,
    work::{Call, Callable, Ending, Fallible, Runnable, WithArgs},
};

/// # Threads of runnables
impl Builder {
    /// Builds a thread that runs `runnable`: an object, or a closure that could be called more than once.
    ///
    /// For a closure that gives away what it has captured (`FnOnce`) there is [`spawn`](Self::spawn), or
    /// [`build_my_thread`](Self::build_my_thread).
    #[must_use = "a thread does nothing until it is started"]
    pub fn build<T: Runnable + 'static>(self, runnable: T) -> Thread<T> {
        let life = self.life(|| runnable.name());
        Thread::from_owner(Owner::new(life, runnable))
    }

    /// Builds a thread that calls `function`, in which `?` works on any error.
    ///
    /// [`build`](Self::build) takes such functions too, but the compiler cannot find out there which error a closure like
    /// `|| { f()?; Ok(()) }` returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{JoinError, Thread};
    ///
    /// let thread = Thread::builder().name("reader").build_fallible(|| {
    ///     let text = std::fs::read_to_string("a file that does not exist")?;
    ///     let _number: u32 = text.parse()?;
    ///     Ok(())
    /// });
    /// thread.start()?;
    /// assert!(matches!(thread.join(), Err(JoinError::Failed(_))));
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[must_use = "a thread does nothing until it is started"]
    pub fn build_fallible<F>(self, function: F) -> Thread<F>
    where
        F: FnMut() -> Result<(), Failure> + Send + 'static,
    {
        self.build(function)
    }

    /// Builds a thread that runs `runnable`, and starts it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`]. The runnable is dropped then; to keep it, call [`build`](Self::build) and `start`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Runnable, Thread};
    ///
    /// struct Count(u32);
    /// impl Runnable for Count {
    ///     fn run(&mut self) {
    ///         self.0 += 1;
    ///     }
    /// }
    ///
    /// let thread = Thread::builder().name("counter").start(Count(41))?;
    /// thread.join()?;
    /// assert_eq!(thread.runnable().unwrap().0, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start<T: Runnable + 'static>(self, runnable: T) -> Result<Thread<T>, StartError> {
        let thread = self.build(runnable);
        thread.start()?;
        Ok(thread)
    }

    /// Starts a thread that calls `function`, once. It returns `()` or a `Result<(), E>`, whose `Err` is the failure of the thread.
    ///
    /// For an object there is [`start`](Self::start), and for a function with a result [`spawn_my_thread`](Self::spawn_my_thread).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`]. The function is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let names = vec!["a", "b"];
    /// let thread = Thread::builder().name("once").spawn(move || drop(names))?;
    /// assert_eq!(thread.name(), "once");
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn<F, R>(self, function: F) -> Result<Thread, StartError>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Ending,
    {
        let run = move || match function().into_result() {
            // The call owes its result to nobody.
            Err(failure) if has_only_stopped(&failure) => Ok(()),
            ended => ended,
        };
        let call = Call::fallible_named(run, type_name::<F>());
        self.start(call).map(Thread::erase)
    }

    /// Starts a thread that calls `function`, once, in which `?` works on any error.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::builder().name("parser").spawn_fallible(|| {
    ///     let _number: u32 = "seven".parse()?;
    ///     Ok(())
    /// })?;
    /// let error = thread.join().unwrap_err().to_string();
    /// assert_eq!(error, "thread 'parser' failed: invalid digit found in string");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn spawn_fallible<F>(self, function: F) -> Result<Thread, StartError>
    where
        F: FnOnce() -> Result<(), Failure> + Send + 'static,
    {
        self.spawn(function)
    }
}

/// # Threads that keep a result
impl Builder {
    /// Builds a thread that calls `function` and keeps the result.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let words = vec!["a", "b"];
    /// let thread = Thread::builder().name("concat").build_my_thread(move || words.concat());
    /// thread.start()?;
    /// assert_eq!(thread.wait_result()?, "ab");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn build_my_thread<F, R>(self, function: F) -> MyThread<F, R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        MyThread::from_thread(self.build(Call::new(function)))
    }

    /// Builds a thread that calls `function`, in which `?` works on any error, and keeps what is in the `Ok`. See [`MyThread::fallible`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::builder().name("parser").build_my_thread_fallible(|| Ok("7".parse::<u32>()?));
    /// thread.start()?;
    /// assert_eq!(thread.wait_result()?, &7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn build_my_thread_fallible<F, R>(self, function: F) -> MyThread<Fallible<F>, R>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'static,
        R: Send + 'static,
    {
        MyThread::from_thread(self.build(Call::fallible(function)))
    }

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
    ) -> MyThread<WithArgs<F, Args>, F::Output>
    where
        F: Callable<Args> + Send + 'static,
        F::Output: Send + 'static,
        Args: Send + 'static,
    {
        MyThread::from_thread(self.build(Call::with_args(function, args)))
    }

    /// Starts a thread that calls `function` and keeps the result.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`]. The function is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::builder().name("sum").spawn_my_thread(|| (1..=4).sum::<u32>())?;
    /// assert_eq!(thread.into_result()?, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn_my_thread<F, R>(self, function: F) -> Result<MyThread<F, R>, StartError>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.build_my_thread(function).started()
    }

    /// Starts a thread that calls `function`, in which `?` works on any error, and keeps what is in the `Ok`. See [`MyThread::fallible`].
    ///
    /// # Errors
    ///
    /// As [`spawn_my_thread`](Self::spawn_my_thread).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let parser = Thread::builder().name("parser");
    /// let thread = parser.spawn_my_thread_fallible(|| Ok("7".parse::<u32>()?))?;
    /// assert_eq!(thread.into_result()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn_my_thread_fallible<F, R>(
        self,
        function: F,
    ) -> Result<MyThread<Fallible<F>, R>, StartError>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'static,
        R: Send + 'static,
    {
        self.build_my_thread_fallible(function).started()
    }
}
