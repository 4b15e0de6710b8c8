//! The errors: one small type per operation, with a message that says what to do.

use std::{error::Error, fmt, io};

use threadwork_sync::WaitError;

use crate::{outcome::Failure, panic::Panic};

mod refusal;
mod result;

pub use self::{
    refusal::{Refusal, SubmitError},
    result::ResultError,
};

/// The error of a thread that could not be started. Unless it was already started, it can be started again.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{StartError, Thread};
///
/// let thread = Thread::builder().stack_size(1).build(|| ());
/// let error = thread.start().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "stack size of 1 bytes is too small; ask for at least 32768, or 0 for the default",
/// );
///
/// let thread = Thread::new(|| ());
/// thread.start()?;
/// assert!(matches!(thread.start(), Err(StartError::AlreadyStarted)));
/// # thread.join().unwrap();
/// # Ok::<(), StartError>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The thread was already started.
    AlreadyStarted,
    /// The operating system does not accept the thread's name.
    Name(NameError),
    /// The stack is too small for any thread.
    StackSize(StackSizeError),
    /// The thread's group, or a group above it, has reached its limit of threads.
    GroupFull {
        /// The name of the group that is full.
        group: String,
        /// The limit of that group.
        limit: usize,
    },
    /// The process is close to its limit of memory maps, and each thread needs some.
    TooManyThreads {
        /// The number of memory maps that the process has.
        maps: usize,
        /// The number of memory maps that the process may have.
        limit: usize,
    },
    /// The operating system refused to start another thread.
    Os(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::AlreadyStarted => f.write_str(
                "thread is already started, and a thread can be started only once; \
                 make a new one, from a clone of the runnable if it must run again",
            ),
            StartError::Name(error) => error.fmt(f),
            StartError::StackSize(error) => error.fmt(f),
            StartError::GroupFull { group, limit } => write!(
                f,
                "group '{group}' is limited to {limit} threads at a time; start the thread again once others have ended"
            ),
            StartError::TooManyThreads { maps, limit } => write!(
                f,
                "the process has {maps} of at most {limit} memory maps, and a thread needs four; \
                 start the thread again once others have ended, or raise vm.max_map_count"
            ),
            StartError::Os(error) => write!(
                f,
                "the operating system refused to start a thread ({error}); \
                 start the thread again once others have ended, or ask for a smaller stack",
            ),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StartError::Os(error) => Some(error),
            StartError::Name(error) => Some(error),
            StartError::StackSize(error) => Some(error),
            _ => None,
        }
    }
}

impl From<NameError> for StartError {
    fn from(error: NameError) -> Self {
        StartError::Name(error)
    }
}

impl From<StackSizeError> for StartError {
    fn from(error: StackSizeError) -> Self {
        StartError::StackSize(error)
    }
}

/// The smallest stack size, the same as Python's. A thread with less would not even reach its runnable.
pub(crate) const MIN_STACK_SIZE: usize = 32 * 1024;

/// The error of a stack size that is too small for any thread: returned by [`set_stack_size`](crate::set_stack_size) and, inside
/// [`StartError`], by [`start`](crate::Thread::start).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let error = threadwork::set_stack_size(1).unwrap_err();
/// assert_eq!((error.size(), error.minimum()), (1, 32 * 1024));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackSizeError {
    size: usize,
}

impl StackSizeError {
    /// Returns `Ok` if a stack of `size` bytes is large enough, or if `size` is 0, which means the default.
    pub(crate) fn check(size: usize) -> Result<(), StackSizeError> {
        if (1..MIN_STACK_SIZE).contains(&size) { Err(StackSizeError { size }) } else { Ok(()) }
    }

    /// Returns the requested size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the smallest possible size in bytes.
    #[must_use]
    pub fn minimum(&self) -> usize {
        MIN_STACK_SIZE
    }
}

impl fmt::Display for StackSizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "stack size of {} bytes is too small; ask for at least {MIN_STACK_SIZE}, or 0 for the default",
            self.size
        )
    }
}

impl Error for StackSizeError {}

/// The error of a join that did not see the thread finish.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{JoinError, Thread, current_thread};
///
/// let thread = Thread::new(|| ());
/// assert!(matches!(thread.join(), Err(JoinError::NotStarted)));
/// assert_eq!(
///     current_thread().join().unwrap_err().to_string(),
///     "cannot join the current thread, which would wait for itself for ever",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinError {
    /// The thread was not started.
    NotStarted,
    /// A thread cannot wait for its own end.
    CurrentThread,
    /// The thread was not started by this library, which cannot see its end.
    ForeignThread,
    /// The time is up and the thread is still alive.
    TimedOut,
    /// The wait was stopped by its token, and the thread is still alive. (A thread that was stopped is joined as any other:
    /// [`Outcome::Stopped`](crate::Outcome::Stopped).)
    WaitStopped,
    /// The thread has panicked.
    Panicked(Panic),
    /// The thread's work has returned an error.
    Failed(Failure),
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JoinError::NotStarted => "cannot join a thread before it is started; call start first",
            JoinError::CurrentThread => "cannot join the current thread, which would wait for itself for ever",
            JoinError::ForeignThread => {
                "cannot join a thread that was not started by this library; join it through whatever started it"
            }
            JoinError::TimedOut => "timed out while joining; the thread is still alive, and can be joined again",
            JoinError::WaitStopped => "the wait was stopped while joining; the thread is still alive, and can be joined again",
            JoinError::Panicked(panic) => return panic.fmt(f),
            JoinError::Failed(failure) => return failure.fmt(f),
        })
    }
}

impl Error for JoinError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            JoinError::Panicked(panic) => Some(panic),
            JoinError::Failed(failure) => Some(failure.error()),
            _ => None,
        }
    }
}

impl From<WaitError> for JoinError {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Stopped => JoinError::WaitStopped,
            _ => JoinError::TimedOut,
        }
    }
}

/// The error of a thread name that contains a NUL character, which no operating system accepts.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let thread = threadwork::Thread::new(|| ());
/// let error = thread.set_name("a\0b").unwrap_err();
/// assert_eq!(error.name(), "a\0b");
/// assert_eq!(error.to_string(), "thread name \"a\\0b\" contains a NUL character; leave it out");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    pub(crate) name: String,
}

impl NameError {
    /// Returns `Ok` if the operating system accepts `name`.
    pub(crate) fn check(name: &str) -> Result<(), NameError> {
        if name.contains('\0') { Err(NameError { name: name.to_owned() }) } else { Ok(()) }
    }

    /// Returns the rejected name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread name {:?} contains a NUL character; leave it out", self.name)
    }
}

impl Error for NameError {}

/// The error of [`set_daemon`](crate::ThreadHandle::set_daemon) on a thread that has been started.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let current = threadwork::current_thread();
/// assert!(current.set_daemon(true).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaemonError(pub(crate) ());

impl fmt::Display for DaemonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot change whether a thread is a daemon once it is started; set it before start",
        )
    }
}

impl Error for DaemonError {}

/// The error of [`at_exit`](crate::at_exit) when the program is already ending.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let late: Option<threadwork::AtExitError> = threadwork::at_exit(|| ()).err();
/// assert!(late.is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtExitError(pub(crate) ());

impl fmt::Display for AtExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot register an exit callback, because the program is already ending; call the function now",
        )
    }
}

impl Error for AtExitError {}

/// The error of [`Local::try_with`](crate::Local::try_with) in a thread whose values are already dropped. See there for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError(pub(crate) ());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the values of this thread are already dropped, and no new ones are created; do without them in destructors",
        )
    }
}

impl Error for AccessError {}
