//! The handle to a thread.

use std::{
    any::Any,
    fmt,
    hash::{Hash, Hasher},
    num::NonZeroU64,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_sync::StopToken;

use super::{
    cell::{Owner, ThreadData},
    life::Life,
    state::ThreadState,
};
use crate::{
    error::{DaemonError, NameError},
    group::ThreadGroup,
    outcome::Outcome,
    work::Runnable,
};

mod awaited;
mod join;
mod future;
mod running;

pub(crate) use self::awaited::Awaited;
pub use self::future::ThreadJoin;

/// A handle to a thread without its runnable. It is cheap to clone, and [`enumerate`](crate::enumerate) returns such handles.
///
/// All methods of a thread's life are defined here. [`Thread`](crate::Thread) and [`MyThread`](crate::MyThread) dereference to it,
/// and so can a type of your own that contains a thread.
///
/// Two handles are equal if they refer to the same thread. A handle is displayed as `thread 'loop' #7`, by name and number.
///
/// # Happens-before
///
/// Everything that a thread did before it ended happens before another thread learns of the end, by a join, by [`state`](Self::state)
/// or by [`is_alive`](Self::is_alive).
///
/// # Examples
///
/// A type of your own with the methods of a thread:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::ops::Deref;
/// use threadwork::{Call, MyThread, StartError, Thread};
///
/// struct Greeter {
///     thread: Thread,
/// }
///
/// impl Greeter {
///     fn new(name: &'static str) -> Greeter {
///         Greeter { thread: Thread::with_args(|it: &str| assert!(!it.is_empty()), (name,)).into() }
///     }
/// }
///
/// impl Deref for Greeter {
///     type Target = Thread;
///     fn deref(&self) -> &Thread {
///         &self.thread
///     }
/// }
///
/// let greeter = Greeter::new("Guido");
/// greeter.start()?;
/// greeter.join()?;
/// assert!(!greeter.is_alive());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ThreadHandle {
    pub(crate) data: Arc<ThreadData<dyn Runnable>>,
}

impl ThreadHandle {
    /// Returns a handle to the thread of this owner's runnable.
    pub(crate) fn of<T: Runnable + 'static>(owner: &Owner<T>) -> ThreadHandle {
        ThreadHandle { data: owner.data() }
    }

    pub(crate) fn life(&self) -> &Life {
        &self.data.life
    }

    /// Returns the name. It need not be unique.
    #[must_use]
    pub fn name(&self) -> String {
        self.life().name()
    }

    /// Changes the name, at any time. The operating system's tools show the new name, too: its first 15 bytes, in whole characters.
    ///
    /// # Differences from Python
    ///
    /// * The operating system is told the new name whichever thread changes it; in Python only if the thread changes it itself.
    ///   (On Linux and Android. Elsewhere the operating system keeps the name that the thread was started with.)
    ///
    /// # Errors
    ///
    /// Returns an error if the name contains a NUL character.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let thread = threadwork::Thread::new(|| ());
    /// thread.set_name("loop")?;
    /// assert_eq!(thread.name(), "loop");
    /// # Ok::<(), threadwork::NameError>(())
    /// ```
    pub fn set_name(&self, name: impl Into<String>) -> Result<(), NameError> {
        let name = name.into();
        NameError::check(&name)?;
        self.life().set_name(name);
        Ok(())
    }

    /// Returns the number of the thread. There is none before it is started. The number stays after its end and is never reused.
    #[must_use]
    pub fn ident(&self) -> Option<NonZeroU64> {
        self.life().ident()
    }

    /// Returns the operating system's number of the thread. There is none before it runs. The number stays after its end.
    ///
    /// # Differences from Python
    ///
    /// * `start` does not wait until the thread runs, so it may take a moment until there is a number.
    ///   [`wait_until_running`](Self::wait_until_running) waits for it.
    #[must_use]
    pub fn native_id(&self) -> Option<u64> {
        self.life().native_id()
    }

    /// Returns when the thread was started, once it runs. For a foreign thread this is when the library first saw it.
    /// Returns `None` for a periodic [`Timer`](crate::Timer): each of its runs is a thread of its own.
    #[must_use]
    pub fn running_since(&self) -> Option<Instant> {
        self.life().started_at().filter(|_| self.state() >= ThreadState::Running)
    }

    /// Returns the CPU time that the thread has used so far. `None` before it runs, after its end,
    /// and where a thread cannot query another one (everywhere but on Linux and Android).
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        if self.is_alive() { self.life().native.cpu_time() } else { None }
    }

    /// Returns the state of the thread.
    #[must_use]
    pub fn state(&self) -> ThreadState {
        self.life().state()
    }

    /// Returns `true` if the thread is started and has not ended.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state().is_alive()
    }

    /// Returns how the thread has ended, or `None` if it has not.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.life().outcome()
    }

    /// Returns the group of the thread, if it belongs to one.
    ///
    /// # Differences from Python
    ///
    /// * Python reserves `group` for the future.
    #[must_use]
    pub fn group(&self) -> Option<ThreadGroup> {
        self.life().group().cloned()
    }

    /// Returns the value that the thread was given ([`Builder::data`](crate::Builder::data)), or `None` if it has none, or one of another
    /// type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let thread = threadwork::Thread::builder().data(7_u32).build(|| ());
    /// assert_eq!(thread.data::<u32>(), Some(&7));
    /// assert_eq!(thread.data::<String>(), None);
    /// ```
    #[must_use]
    pub fn data<T: Any>(&self) -> Option<&T> {
        self.life().given.data.as_deref()?.downcast_ref()
    }

    /// Returns `true` if the program ends without waiting for this thread.
    #[must_use]
    pub fn is_daemon(&self) -> bool {
        self.life().is_daemon()
    }

    /// Sets whether the program ends without waiting for this thread.
    ///
    /// # Errors
    ///
    /// Returns an error if the thread has been started.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::new(|| ());
    /// thread.set_daemon(true)?;
    /// thread.start()?;
    /// assert!(thread.is_daemon());
    /// assert_eq!(
    ///     thread.set_daemon(false).unwrap_err().to_string(),
    ///     "cannot change whether a thread is a daemon once it is started; set it before start",
    /// );
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_daemon(&self, daemon: bool) -> Result<(), DaemonError> {
        if self.state() != ThreadState::New {
            return Err(DaemonError(()));
        }
        self.life().set_daemon(daemon);
        Ok(())
    }

    /// Requests the thread to stop. Returns `true` if this was the first request.
    ///
    /// A request does not interrupt the thread. The thread notices it when it asks ([`stop_requested`](crate::stop_requested),
    /// [`checkpoint`](crate::checkpoint)), when it [sleeps](crate::sleep), or when it waits with its [token](crate::current_stop_token)
    /// ([`Wait::or_stop`](threadwork_sync::Wait::or_stop)).
    /// The request is for this thread alone: threads that it has built run on, unless they were given its token
    /// ([`Builder::stop_token`](crate::Builder::stop_token)).
    /// If the runnable returns after the request, the outcome is [`Outcome::Stopped`].
    ///
    /// A thread that has ended can still be requested to stop: threads that were given its token stop then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Thread, current_thread};
    /// # use threadwork_sync::{Event, Wait};
    ///
    /// let thread = Thread::new(|| {
    ///     let stopped = Wait::forever().or_stop(&current_thread().stop_token());
    ///     Event::new().wait_with(&stopped).unwrap_err();
    /// });
    /// thread.start()?;
    /// assert!(thread.request_stop());
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most callers do not care who was first")]
    pub fn request_stop(&self) -> bool {
        self.life().stop().request_stop()
    }

    /// Returns `true` if the thread was requested to stop.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.life().stop_requested()
    }

    /// Returns the token that is stopped when the thread is requested to stop.
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.life().stop().token()
    }
}

// A panic can leave only values of the user half changed. A handle does not reach the runnable, and threads share its data anyway.
impl UnwindSafe for ThreadHandle {}
impl RefUnwindSafe for ThreadHandle {}

impl PartialEq for ThreadHandle {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.life(), other.life())
    }
}

impl Eq for ThreadHandle {}

impl AsRef<ThreadHandle> for ThreadHandle {
    fn as_ref(&self) -> &ThreadHandle {
        self
    }
}

impl Hash for ThreadHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.life()).hash(state);
    }
}

impl fmt::Display for ThreadHandle {
    /// The name and, once the thread is started, the number: `thread 'loop' #7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread '{}'", self.name())?;
        self.ident().map_or(Ok(()), |ident| write!(f, " #{ident}"))
    }
}

impl fmt::Debug for ThreadHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("name", &self.name())
            .field("state", &self.state())
            .field("ident", &self.ident())
            .field("daemon", &self.is_daemon())
            .finish()
    }
}
