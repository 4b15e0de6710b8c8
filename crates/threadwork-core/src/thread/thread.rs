//! A thread and its runnable.

use std::{fmt, ops::Deref};

use super::builder::Builder;
use crate::{
    error::StartError,
    life::{Owner, ThreadHandle},
    outcome::Failure,
    start,
    work::{Call, Callable, Ending, Runnable, WithArgs},
};

/// A thread as an object: created, configured, started and joined, in that order, as in Python.
///
/// It owns its runnable and gives it back after the end, by reference or by value. `Thread` without a parameter means
/// `Thread<dyn Runnable>`, so a `Vec<Thread>` can hold threads with different runnables.
/// It dereferences to [`ThreadHandle`], which has the methods of the thread's life.
///
/// It can be shared between threads whatever its runnable is: to read the runnable through a shared reference, this must be `Sync`.
///
/// Dropping a `Thread` that is alive neither stops the thread nor waits for it; the runnable is dropped when the thread ends.
///
/// # Happens-before
///
/// What happens before [`start`](Self::start) happens before the thread runs.
///
/// # Differences from Python
///
/// * There is nothing to subclass: the runnable takes the place of the subclass.
/// * `start` does not wait until the thread runs. When it returns, [`is_alive`](ThreadHandle::is_alive), `ident` and `enumerate` already
///   reflect the start.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Thread;
///
/// fn greet(name: &str, times: u32) {
///     assert_eq!((name, times), ("Guido", 3));
/// }
///
/// let threads: Vec<Thread> = vec![
///     Thread::with_args(greet, ("Guido", 3)).into(),
///     Thread::new(|| greet("Guido", 3)).into(),
/// ];
/// for thread in &threads {
///     thread.start()?;
/// }
/// for thread in &threads {
///     thread.join()?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Thread<T: ?Sized = dyn Runnable> {
    owner: Owner<T>,
    handle: ThreadHandle,
}

impl Thread {
    /// Returns a builder, which configures a thread before it is started: its name, whether it is a daemon, and so on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::builder().name("loop").daemon(true).build(|| ());
    /// assert_eq!(thread.name(), "loop");
    /// ```
    #[must_use = "a builder does nothing until it builds"]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a thread that calls `function`, once. It returns `()` or a `Result<(), E>`, whose `Err` is the failure of the thread.
    ///
    /// The type of the function is erased, so threads of different functions fit into one `Vec<Thread>`. For a function with a result there
    /// is [`MyThread::spawn`](crate::MyThread::spawn), for an object [`Builder::start`], and for a thread with a name
    /// [`Builder::spawn`]. A closure like `|| { f()?; Ok(()) }` does not say which error it returns: [`spawn_fallible`](Self::spawn_fallible)
    /// takes those.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start). The function is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{StartError, Thread};
    ///
    /// let name = String::from("Guido");
    /// let threads: Vec<Thread> = vec![
    ///     Thread::spawn(move || drop(name))?,
    ///     Thread::spawn(|| println!("hello"))?,
    /// ];
    /// for thread in &threads {
    ///     thread.join().unwrap();
    /// }
    /// # Ok::<(), StartError>(())
    /// ```
    pub fn spawn<F, R>(function: F) -> Result<Thread, StartError>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Ending,
    {
        Thread::builder().spawn(function)
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
    /// use threadwork::{JoinError, Thread};
    ///
    /// let thread = Thread::spawn_fallible(|| {
    ///     let _number: u32 = "seven".parse()?;
    ///     Ok(())
    /// })?;
    /// let Err(JoinError::Failed(failure)) = thread.join() else { unreachable!() };
    /// assert_eq!(failure.message(), "invalid digit found in string");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn spawn_fallible<F>(function: F) -> Result<Thread, StartError>
    where
        F: FnOnce() -> Result<(), Failure> + Send + 'static,
    {
        Thread::builder().spawn_fallible(function)
    }

    /// Creates a thread that calls `function` with `args`: Python's `Thread(target=function, args=args)`.
    ///
    /// The thread keeps what the function returns, whatever that is, in its [`Call`]; a `Result` is a result like any other.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::with_args(|a: u32, b: u32| a + b, (1, 2));
    /// thread.start()?;
    /// thread.join()?;
    /// assert_eq!(thread.runnable().unwrap().result(), Some(&3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a thread does nothing until it is started"]
    pub fn with_args<F, Args>(function: F, args: Args) -> Thread<Call<WithArgs<F, Args>, F::Output>>
    where
        F: Callable<Args> + Send + 'static,
        F::Output: Send + 'static,
        Args: Send + 'static,
    {
        Thread::new(Call::with_args(function, args))
    }

    /// Creates `count` threads, each with a clone of `prototype`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Prototype, Thread};
    ///
    /// let prototype: Box<dyn Prototype> = Box::new(|| ());
    /// let threads = Thread::replicate(&prototype, 3);
    /// for thread in &threads {
    ///     thread.start()?;
    /// }
    /// for thread in &threads {
    ///     thread.join()?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a thread does nothing until it is started"]
    pub fn replicate<P>(prototype: &P, count: usize) -> Vec<Thread<P>>
    where
        P: Runnable + Clone + 'static,
    {
        (0..count).map(|_| Thread::new(prototype.clone())).collect()
    }
}

impl<T: Runnable + 'static> Thread<T> {
    /// Creates a thread that runs `runnable`: an object, or a closure that could be called more than once. (For one that gives away what it
    /// has captured there is [`spawn`](Thread::spawn).) Its name is `Thread-N (name)`, where `name` is [the runnable's](Runnable::name).
    /// It is a daemon if the current thread is one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let thread = threadwork::Thread::new(|| ());
    /// assert!(thread.name().ends_with("(<closure>)"));
    /// ```
    #[must_use = "a thread does nothing until it is started"]
    pub fn new(runnable: T) -> Thread<T> {
        Builder::default().build(runnable)
    }

    pub(crate) fn from_owner(owner: Owner<T>) -> Thread<T> {
        let handle = ThreadHandle::of(&owner);
        Thread { owner, handle }
    }

    /// Returns the runnable by value, unless the thread is alive.
    ///
    /// # Errors
    ///
    /// Returns the thread itself if it is alive.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Runnable, Thread};
    ///
    /// struct Collect(Vec<u32>);
    /// impl Runnable for Collect {
    ///     fn run(&mut self) {
    ///         self.0.extend([1, 2, 3]);
    ///     }
    /// }
    ///
    /// let thread = Thread::new(Collect(Vec::new()));
    /// thread.start()?;
    /// thread.join()?;
    /// let Ok(Collect(numbers)) = thread.into_runnable() else { unreachable!() };
    /// assert_eq!(numbers, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_runnable(mut self) -> Result<T, Thread<T>> {
        self.owner.take().ok_or(self)
    }

    /// Erases the type of the runnable.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let threads: Vec<Thread> = vec![Thread::new(|| ()).erase(), Thread::with_args(drop, (1,)).erase()];
    /// assert_eq!(threads.len(), 2);
    /// ```
    #[must_use]
    pub fn erase(self) -> Thread {
        Thread { owner: self.owner.erase(), handle: self.handle }
    }
}

impl<T: ?Sized> Thread<T> {
    /// Starts the thread. It runs as soon as the operating system lets it, perhaps before this returns.
    ///
    /// # Errors
    ///
    /// Returns an error if the thread was already started, if its name or stack size is impossible, if its group is full,
    /// if there are too few memory maps, or if the operating system refuses.
    /// In all but the first case it can be started again, and its runnable is intact.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{StartError, Thread};
    ///
    /// let thread = Thread::builder().stack_size(1 << 60).build(|| ());
    /// assert!(matches!(thread.start(), Err(StartError::Os(_))));
    /// assert!(!thread.is_alive());
    /// ```
    pub fn start(&self) -> Result<(), StartError> {
        start::start_runnable(&self.handle)
    }

    /// Returns the handle to the thread, which does not include the runnable and can be cloned, stored and sent to other threads.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let thread = threadwork::Thread::new(|| ());
    /// let handle = thread.handle().clone();
    /// assert_eq!(&handle, thread.handle());
    /// ```
    #[must_use]
    pub fn handle(&self) -> &ThreadHandle {
        &self.handle
    }

    /// Returns the runnable, once the thread has ended.
    ///
    /// Several threads may do this at once, so the runnable must be `Sync`. For one that is not, there are
    /// [`runnable_mut`](Self::runnable_mut) and [`into_runnable`](Self::into_runnable).
    #[must_use]
    pub fn runnable(&self) -> Option<&T>
    where
        T: Sync,
    {
        // The runnable comes back a little before the thread has ended, but only the end was promised.
        if self.handle.state().has_ended() { self.owner.get() } else { None }
    }

    /// Returns the runnable for changes, before the thread is started or after it has ended.
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
    /// let mut thread = Thread::new(Count(0));
    /// thread.runnable_mut().unwrap().0 = 41;
    /// thread.start()?;
    /// thread.join()?;
    /// assert_eq!(thread.runnable().unwrap().0, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn runnable_mut(&mut self) -> Option<&mut T> {
        self.owner.get_mut()
    }
}

impl<T: ?Sized> Deref for Thread<T> {
    type Target = ThreadHandle;

    fn deref(&self) -> &ThreadHandle {
        &self.handle
    }
}

impl<T: ?Sized> AsRef<ThreadHandle> for Thread<T> {
    fn as_ref(&self) -> &ThreadHandle {
        &self.handle
    }
}

impl<T: Runnable + 'static> From<Thread<T>> for Thread {
    fn from(thread: Thread<T>) -> Self {
        thread.erase()
    }
}

impl<T: Runnable + 'static> From<T> for Thread {
    fn from(runnable: T) -> Self {
        Thread::new(runnable).erase()
    }
}

impl<T: ?Sized> fmt::Debug for Thread<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}
