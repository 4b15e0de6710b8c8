//! A thread as everyone may see it.

use std::{
    fmt,
    hash::{Hash, Hasher},
    num::NonZeroU64,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_sync::{StopToken, internal::os::cpu_time_of_thread};

use super::{
    cell::{Owner, ThreadData},
    life::Life,
    state::ThreadState,
};
use crate::{
    error::{DaemonError, NameError},
    group::ThreadGroup,
    panic::Outcome,
    work::Runnable,
};

mod join;

/// A thread, without its runnable: cheap to clone, and what [`enumerate`](crate::enumerate) lists.
///
/// The methods of a thread's life are here, once. [`Thread`](crate::Thread) and [`MyThread`](crate::MyThread) dereference to it,
/// and so may a type of your own that has a thread inside.
///
/// Two handles are equal if they speak of the same thread.
///
/// # Happens-before
///
/// What a thread did before it ended is seen by whoever learns of its end, by a join, by [`state`](Self::state) or by
/// [`is_alive`](Self::is_alive).
///
/// # Examples
///
/// A type of one's own with the methods of a thread:
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
    /// That of a thread whose runnable has this owner.
    pub(crate) fn of<T: Runnable + 'static>(owner: &Owner<T>) -> ThreadHandle {
        ThreadHandle { data: owner.data() }
    }

    pub(crate) fn life(&self) -> &Life {
        &self.data.life
    }

    /// The name. It need not be unique.
    #[must_use]
    pub fn name(&self) -> String {
        self.life().name()
    }

    /// Changes the name, at any time. The tools of the operating system show the new one too: its first 15 bytes, in whole characters.
    ///
    /// # Differences from Python
    ///
    /// * The operating system learns of it whoever changes the name; there only if the thread itself does. (On Linux and Android:
    ///   elsewhere it keeps the name that the thread was started with.)
    ///
    /// # Errors
    ///
    /// If there is a NUL character in it.
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

    /// The thread's number: none before it is started, kept after its end, never given to another thread.
    #[must_use]
    pub fn ident(&self) -> Option<NonZeroU64> {
        self.life().ident()
    }

    /// The number that the operating system gives the thread: none before it runs, kept after its end.
    ///
    /// # Differences from Python
    ///
    /// * `start` does not wait for the thread, so it may take a moment until there is a number.
    #[must_use]
    pub fn native_id(&self) -> Option<u64> {
        self.life().native_id()
    }

    /// When the thread was started, once it runs; for a thread of others, when this library first saw it.
    /// `None` for a [`Timer`](crate::Timer) that repeats: its runs are threads of their own.
    #[must_use]
    pub fn running_since(&self) -> Option<Instant> {
        self.life().started_at().filter(|_| self.state() >= ThreadState::Running)
    }

    /// The processor's time that the thread has used so far; `None` before it runs and once it is gone,
    /// and where one thread cannot ask about another (anything but Linux and Android).
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        if self.is_alive() { cpu_time_of_thread(self.native_id()?) } else { None }
    }

    /// Where the thread is in its life.
    #[must_use]
    pub fn state(&self) -> ThreadState {
        self.life().state()
    }

    /// Whether the thread is started and has not ended.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state().is_alive()
    }

    /// How the thread has ended, once it has.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.life().outcome()
    }

    /// The group that the thread belongs to, if it belongs to one.
    ///
    /// # Differences from Python
    ///
    /// * There it is reserved for the future.
    #[must_use]
    pub fn group(&self) -> Option<ThreadGroup> {
        self.life().group().cloned()
    }

    /// Whether the program ends without waiting for this thread.
    #[must_use]
    pub fn is_daemon(&self) -> bool {
        self.life().is_daemon()
    }

    /// Says whether the program ends without waiting for this thread.
    ///
    /// # Errors
    ///
    /// Once the thread is started.
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

    /// Asks the thread to stop. Returns whether this was the first request.
    ///
    /// Nothing happens to the thread by itself: it has to ask ([`stop_requested`](crate::stop_requested), [`checkpoint`](crate::checkpoint)),
    /// to [`sleep`](crate::sleep), or to wait with its [token](crate::current_stop_token) ([`Wait::or_stop`](threadwork_sync::Wait::or_stop)).
    /// It is asked alone: threads that it has built go on, unless they were given its token ([`Builder::stop_token`](crate::Builder::stop_token)).
    /// If it returns after that, its outcome is [`Outcome::Stopped`].
    ///
    /// A thread that has ended can still be asked: those that were given its token stop then.
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
    #[expect(clippy::must_use_candidate, reason = "most callers do not mind who was first")]
    pub fn request_stop(&self) -> bool {
        self.life().stop().request_stop()
    }

    /// Whether the thread was asked to stop.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.life().stop_requested()
    }

    /// What the thread learns of the request by.
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.life().stop().token()
    }
}

// A handle does not reach the runnable, which is all that a panic could leave half done.
impl UnwindSafe for ThreadHandle {}
impl RefUnwindSafe for ThreadHandle {}

impl PartialEq for ThreadHandle {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.life(), other.life())
    }
}

impl Eq for ThreadHandle {}

impl Hash for ThreadHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.life()).hash(state);
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
