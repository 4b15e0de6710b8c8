//! The trait for the work of a thread.

use std::{borrow::Cow, sync::Arc};

use super::{ending::Ending, type_name};
use crate::outcome::Failure;

/// The work of a thread: an object with a `run` method, like a subclass of Python's `Thread` or Java's `Runnable`.
///
/// `run` takes `&mut self`: what it writes to its fields can be read once the thread has ended
/// ([`Thread::runnable`](crate::Thread::runnable)). Work that can fail overrides [`try_run`](Self::try_run) instead.
/// Closures are runnables, and so are a `Box<dyn Runnable>` and a `Box<dyn Runnable + Send>`. A runnable that is also `Clone` is a
/// [`Prototype`](crate::Prototype).
///
/// An `Arc<T>` is a runnable if `&T` is: implement `Runnable for &MyType`, as std implements `Read for &File`. Its clones run the same
/// object, so a prototype of this kind shares its state among its threads, where any other gives each thread its own copy.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Runnable, Thread};
///
/// struct Sum {
///     numbers: Vec<u64>,
///     total: u64,
/// }
///
/// impl Runnable for Sum {
///     fn run(&mut self) {
///         self.total = self.numbers.iter().sum();
///     }
/// }
///
/// let thread = Thread::new(Sum { numbers: vec![1, 2, 3], total: 0 });
/// thread.start()?;
/// thread.join()?;
/// assert_eq!(thread.runnable().unwrap().total, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An object that several threads run together:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
/// use threadwork::{Runnable, Thread};
///
/// struct Counter(AtomicU32);
///
/// impl Runnable for &Counter {
///     fn run(&mut self) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// let counter = Arc::new(Counter(AtomicU32::new(0)));
/// for thread in &Thread::replicate(&counter, 3) {
///     thread.start()?;
///     thread.join()?;
/// }
/// assert_eq!(counter.0.load(Ordering::Relaxed), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run in a thread of its own",
    label = "neither a `Runnable` nor a closure that can be called more than once",
    note = "implement `threadwork::Runnable` for your type (it must be `Send`), or pass an `FnMut() + Send` closure",
    note = "for a closure that can be called only once, use `Thread::spawn`; for one that returns a value, `MyThread::new`",
    note = "for a function with arguments, use `Thread::with_args` or `MyThread::with_args`"
)]
pub trait Runnable: Send {
    /// Does the work. The default implementation does nothing.
    fn run(&mut self) {}

    /// Does the work, which may fail. This is what threads call; the default implementation calls [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// An error is the [failure](crate::Outcome::Failed) of the thread. One that says that the thread was asked to stop is none, if it
    /// was: the thread has [stopped](crate::Outcome::Stopped).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Failure, JoinError, Runnable, Thread};
    ///
    /// struct Read(&'static str);
    /// impl Runnable for Read {
    ///     fn try_run(&mut self) -> Result<(), Failure> {
    ///         std::fs::read(self.0)?;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let thread = Thread::new(Read("a file that does not exist"));
    /// thread.start()?;
    /// assert!(matches!(thread.join(), Err(JoinError::Failed(_))));
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    fn try_run(&mut self) -> Result<(), Failure> {
        self.run();
        Ok(())
    }

    /// Returns the name of the work. By default this is the short name of the type.
    ///
    /// A thread without a name of its own is called `Thread-N (name)`.
    fn name(&self) -> Cow<'_, str> {
        Cow::Owned(type_name::short(std::any::type_name::<Self>()))
    }
}

/// [`run`](Runnable::run) drops the error of a closure that fails.
impl<F, R> Runnable for F
where
    F: FnMut() -> R + Send,
    R: Ending,
{
    fn run(&mut self) {
        let _ = self.try_run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        self().into_result()
    }
}

/// The runnable of a thread whose work lies elsewhere: a foreign thread, the thread of a timer, or a scoped thread, which
/// borrows.
pub(crate) struct Nothing;

impl Runnable for Nothing {}

impl Runnable for Box<dyn Runnable> {
    fn run(&mut self) {
        (**self).run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        (**self).try_run()
    }

    fn name(&self) -> Cow<'_, str> {
        (**self).name()
    }
}

/// Every runnable is `Send`; this is for those who say it again.
impl Runnable for Box<dyn Runnable + Send> {
    fn run(&mut self) {
        (**self).run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        (**self).try_run()
    }

    fn name(&self) -> Cow<'_, str> {
        (**self).name()
    }
}

/// All clones run the same object, perhaps at the same time.
impl<T> Runnable for Arc<T>
where
    T: Send + Sync + ?Sized,
    for<'a> &'a T: Runnable,
{
    fn run(&mut self) {
        (&mut &**self).run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        (&mut &**self).try_run()
    }

    fn name(&self) -> Cow<'_, str> {
        Cow::Owned((&&**self).name().into_owned())
    }
}
