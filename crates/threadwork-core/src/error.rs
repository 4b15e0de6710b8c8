//! What can go wrong: one small type per operation, and each says what to do.

use std::{error::Error, fmt, io};

use threadwork_sync::WaitError;

use crate::panic::Panic;

/// Why a thread was not started. It can be started again, unless it was already.
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
    /// It was started before.
    AlreadyStarted,
    /// Its name is not one that the operating system takes.
    Name(NameError),
    /// Its stack would be smaller than anything can run on.
    StackSize(StackSizeError),
    /// Its group, or one above, has as many threads as it may have.
    GroupFull {
        /// The name of that group.
        group: String,
        /// How many threads it may have.
        limit: usize,
    },
    /// The process has almost as many memory maps as it may have, and each thread needs some.
    TooManyThreads {
        /// How many it has.
        maps: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The operating system refused to make another thread.
    Os(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::AlreadyStarted => f.write_str(
                "thread is already started, and a thread can be started once; \
                 make a new one, from a clone of the runnable if it has to run again",
            ),
            StartError::Name(error) => error.fmt(f),
            StartError::StackSize(error) => error.fmt(f),
            StartError::GroupFull { group, limit } => write!(
                f,
                "group '{group}' is limited to {limit} threads at a time; start it again once others have ended"
            ),
            StartError::TooManyThreads { maps, limit } => write!(
                f,
                "the process has {maps} of at most {limit} memory maps, and a thread needs four; \
                 start it again once others have ended, or raise vm.max_map_count"
            ),
            StartError::Os(error) => write!(
                f,
                "the operating system refused to start a thread ({error}); \
                 start it again once others have ended, or ask for a smaller stack",
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

/// Python's limit; less is not enough to get as far as the runnable.
pub(crate) const MIN_STACK_SIZE: usize = 32 * 1024;

/// A stack on which nothing could run: an error of [`set_stack_size`](crate::set_stack_size) and of
/// [`start`](crate::Thread::start).
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
    /// `Ok` if a thread can run on so many bytes, or if it is 0, which means the default.
    pub(crate) fn check(size: usize) -> Result<(), StackSizeError> {
        if (1..MIN_STACK_SIZE).contains(&size) { Err(StackSizeError { size }) } else { Ok(()) }
    }

    /// The size that was asked for, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The least there has to be, in bytes.
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

/// Why a join did not see the thread finish.
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JoinError {
    /// The thread was not started.
    NotStarted,
    /// A thread cannot wait for its own end.
    CurrentThread,
    /// The thread was not started by this library, which cannot see its end.
    ForeignThread,
    /// The thread is still alive, and the time is up.
    TimedOut,
    /// The thread is still alive, and a stop of the waiting side was requested.
    Stopped,
    /// The thread has ended, with a panic.
    Panicked(Panic),
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JoinError::NotStarted => "cannot join a thread before it is started; call start first",
            JoinError::CurrentThread => "cannot join the current thread, which would wait for itself for ever",
            JoinError::ForeignThread => {
                "cannot join a thread that was not started by this library; join it with what started it"
            }
            JoinError::TimedOut => "timed out while joining; the thread is still alive, and can be joined again",
            JoinError::Stopped => "stopped while joining; the thread is still alive, and can be joined again",
            JoinError::Panicked(panic) => return panic.fmt(f),
        })
    }
}

impl Error for JoinError {}

impl From<WaitError> for JoinError {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Stopped => JoinError::Stopped,
            _ => JoinError::TimedOut,
        }
    }
}

/// Why there is no result.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, ResultError};
///
/// let thread = MyThread::new(|| 7);
/// let error = thread.get_result().unwrap_err();
/// assert!(matches!(error, ResultError::NotStarted));
/// assert_eq!(error.to_string(), "there is no result, because the thread is not started; call start first");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ResultError {
    /// The thread was not started.
    NotStarted,
    /// The thread is still alive; after a wait: at the end of the time.
    StillRunning,
    /// The thread is still alive, and a stop of the waiting side was requested.
    Stopped,
    /// The thread cannot wait for its own result.
    CurrentThread,
    /// The function has panicked.
    Panicked(Panic),
    /// The result was taken before.
    Taken,
}

impl fmt::Display for ResultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ResultError::NotStarted => {
                "there is no result, because the thread is not started; call start first"
            }
            ResultError::StillRunning => {
                "there is no result yet, because the thread is still running; join it first"
            }
            ResultError::Stopped => {
                "stopped while waiting for a result; the thread is still running"
            }
            ResultError::CurrentThread => "a thread cannot wait for its own result",
            ResultError::Panicked(panic) => return write!(f, "there is no result: {panic}"),
            ResultError::Taken => "the result has been taken already",
        })
    }
}

impl Error for ResultError {}

impl From<JoinError> for ResultError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::NotStarted => ResultError::NotStarted,
            JoinError::CurrentThread => ResultError::CurrentThread,
            JoinError::Stopped => ResultError::Stopped,
            JoinError::Panicked(panic) => ResultError::Panicked(panic),
            JoinError::TimedOut | JoinError::ForeignThread => ResultError::StillRunning,
        }
    }
}

/// A name with a NUL character, which no operating system takes.
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
    /// `Ok` if the operating system takes `name`.
    pub(crate) fn check(name: &str) -> Result<(), NameError> {
        if name.contains('\0') { Err(NameError { name: name.to_owned() }) } else { Ok(()) }
    }

    /// The name.
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

/// A change of the daemon flag of a thread that has been started: an error of
/// [`set_daemon`](crate::ThreadHandle::set_daemon), which has an example.
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

/// The program ends already: an error of [`at_exit`](crate::at_exit).
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
            "cannot register a function for the end of the program, which has begun; call it now",
        )
    }
}

impl Error for AtExitError {}

/// A use of a [`Local`](crate::Local) in a thread whose values are dropped already: an error of
/// [`try_with`](crate::Local::try_with), which has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError(pub(crate) ());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the values of this thread are dropped already, and no new ones are made; do without in destructors",
        )
    }
}

impl Error for AccessError {}
