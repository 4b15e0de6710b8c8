//! [`Timer`], the public handle.

use std::{
    fmt,
    ops::Deref,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::Wait;

use super::plan::Plan;
use crate::{
    error::{JoinError, StartError},
    life::{ThreadHandle, ThreadState},
};

/// Runs a function in a thread of its own, some time after the timer is started: Python's `threading.Timer`, and more.
///
/// A timer is created, configured, started and joined like a [`Thread`](crate::Thread), and it can be [cancelled](Self::cancel) at any time.
/// It dereferences to [`ThreadHandle`], which has the methods of a thread's life. A clone refers to the same timer.
///
/// A pending timer has no thread and takes less than 200 bytes, plus the settings from a [`Builder`](crate::Builder). It also gets a thread's
/// state once a caller asks for that, by a join, by [`handle`](Self::handle), or by any method of [`ThreadHandle`] that `Timer` does not
/// have itself. One thread, `threadwork-timers`, serves all timers. Starting or cancelling a timer takes O(log n) steps, and a cancelled
/// timer is freed at once. Times are those of the monotonic clock, so setting the system clock has no effect. An interval too long for the
/// clock never ends.
///
/// When the timer comes due, its thread is started. The thread has a name and is listed. From the thread that started the timer it inherits
/// the span and the dispatcher of [`tracing`](https://docs.rs/tracing), and what the spawn hooks hand over (for a later run of a repeating timer, the hooks are
/// called in the thread of the run before). It does not inherit that thread's values of an [inheritable](crate::Local::inheritable)
/// `Local`. The function is dropped when it has returned, or when the timer is cancelled. A panic or a failure is
/// reported, and ends the thread like any other; a [repeating](Self::every) timer continues.
///
/// Dropping the handle does not cancel the timer. The end of the program waits for a pending timer unless it is a
/// [daemon](crate::Builder::daemon). A stop request to a timer cancels it, and stops its thread if that runs. The same goes for a stop
/// request to the timer's group, or to the stop token that it was given or has inherited ([`Builder::stop_token`](crate::Builder::stop_token)),
/// except that a timer without a thread's state may notice such a request only when it comes due.
///
/// # If the thread cannot be started
///
/// One line on standard error reports that, and the function does not run this time. A repeating timer tries again next time.
/// Any other timer has ended, and a join returns [`JoinError::Failed`] with the reason.
///
/// # Differences from Python
///
/// * A pending timer is not a thread yet: [`enumerate`](crate::enumerate) and groups do not list it, and it has no
///   [`native_id`](ThreadHandle::native_id).
/// * `cancel` returns whether it was in time. A cancelled timer ends with [`Outcome::Stopped`](crate::Outcome::Stopped).
/// * A timer has also ended when its function has panicked. Python does not set the event `finished` in that case.
/// * In the child of a fork, the parent's timers do not fire. Pending and repeating timers have ended there.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::{sync::OnceLock, time::Duration};
/// use threadwork::Timer;
///
/// static GREETING: OnceLock<&str> = OnceLock::new();
///
/// let hello = Timer::new(Duration::from_millis(5), || GREETING.set("hello").unwrap());
/// let never = Timer::new(Duration::from_secs(3600), || unreachable!());
/// hello.start()?;
/// never.start()?;
/// assert!(never.is_alive());
/// assert!(never.cancel());
/// never.join()?;
/// hello.join()?;
/// assert_eq!(GREETING.get(), Some(&"hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Timer {
    pub(super) plan: Arc<Plan>,
}

impl Timer {
    /// Starts the timer: its interval begins now. If the timer was cancelled before, it ends at once.
    ///
    /// # Errors
    ///
    /// Returns an error if the timer was already started, if its name or stack size is invalid, or if the thread that serves all timers
    /// cannot be started: there are too few memory maps, or the operating system refuses it. In all but the first case it can be started again.
    ///
    /// # Panics
    ///
    /// Panics if a [spawn hook](crate::add_spawn_hook) panics: spawn hooks are called here.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{StartError, Timer};
    ///
    /// let timer = Timer::new(Duration::ZERO, || ());
    /// timer.start()?;
    /// assert!(matches!(timer.start(), Err(StartError::AlreadyStarted)));
    /// # Ok::<(), StartError>(())
    /// ```
    pub fn start(&self) -> Result<(), StartError> {
        self.plan.start()
    }

    /// Cancels the timer: no further run begins. Returns `true` if this call has prevented a run.
    ///
    /// If the timer is not started yet, a later `start` ends it at once. If it is pending, it ends, threads that join it are woken,
    /// and its function is dropped by this call.
    /// A run that has begun continues, and is the last one of a [repeating](Self::every) timer. A timer that has ended is not changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Timer;
    ///
    /// let timer = Timer::new(Duration::ZERO, || unreachable!());
    /// assert!(timer.cancel());
    /// assert!(!timer.cancel(), "it was cancelled before");
    /// timer.start()?;
    /// timer.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers do not ask whether they were in time"
    )]
    pub fn cancel(&self) -> bool {
        self.plan.cancel()
    }

    /// Returns the state of the timer: [`Started`](ThreadState::Started) while it is pending.
    #[must_use]
    pub fn state(&self) -> ThreadState {
        self.plan.state()
    }

    /// Returns `true` if the timer was started and has not ended. Cancelling ends a pending timer at once, and a repeating timer after the
    /// run that is under way.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state().is_alive()
    }

    /// Returns `true` if the program ends without waiting for this timer.
    #[must_use]
    pub fn is_daemon(&self) -> bool {
        self.plan.is_daemon()
    }

    /// Returns `true` if the timer was asked to stop.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.plan.stop_requested()
    }

    /// Blocks the current thread until the function has run and its thread has ended, or until the timer is cancelled.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`ThreadHandle::join`]. Panics and failures of a repeating timer are not returned here.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::{sync::atomic::{AtomicBool, Ordering}, time::Duration};
    /// use threadwork::Timer;
    ///
    /// static DONE: AtomicBool = AtomicBool::new(false);
    ///
    /// let timer = Timer::new(Duration::from_millis(1), || DONE.store(true, Ordering::Relaxed));
    /// timer.start()?;
    /// timer.join()?;
    /// assert!(DONE.load(Ordering::Relaxed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join(&self) -> Result<(), JoinError> {
        self.join_with(&Wait::forever())
    }

    /// Like [`join`](Self::join), but waits for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::TimedOut`] if the timer is still alive; otherwise the errors of [`join`](Self::join).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{JoinError, Timer};
    ///
    /// let timer = Timer::new(Duration::MAX, || ());
    /// timer.start()?;
    /// assert!(matches!(timer.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    /// timer.cancel();
    /// timer.join_timeout(Duration::ZERO)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<(), JoinError> {
        self.join_with(&Wait::timeout(timeout))
    }

    /// Like [`join`](Self::join), but gives up when `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::TimedOut`] or [`JoinError::WaitStopped`] if the timer is still alive; otherwise the errors of [`join`](Self::join).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{JoinError, Timer};
    /// # use threadwork_sync::{StopSource, Wait};
    ///
    /// let timer = Timer::new(Duration::MAX, || ());
    /// timer.start()?;
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert!(matches!(timer.join_with(&wait), Err(JoinError::WaitStopped)));
    /// # timer.cancel();
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn join_with(&self, wait: &Wait) -> Result<(), JoinError> {
        let thread = self.plan.thread();
        thread.handle.join_with(wait)?;
        if self.plan.is_left_behind() {
            return Ok(());
        }
        // The timer ended in the thread of its last run, which may still be on its way out.
        let last = thread.run.acquire().clone();
        match last.map(|run| run.join_with(wait)) {
            None | Some(Ok(()) | Err(JoinError::Panicked(_) | JoinError::Failed(_))) => Ok(()),
            Some(Err(error)) => Err(error),
        }
    }

    /// Returns the timer as a thread: a handle that can be cloned and passed around like that of any thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Timer, current_thread};
    ///
    /// let timer = Timer::new(Duration::ZERO, || assert_eq!(current_thread().name(), "tea"));
    /// timer.handle().set_name("tea")?;
    /// timer.start()?;
    /// timer.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn handle(&self) -> &ThreadHandle {
        &self.plan.thread().handle
    }
}

impl Deref for Timer {
    type Target = ThreadHandle;

    fn deref(&self) -> &ThreadHandle {
        self.handle()
    }
}

impl AsRef<ThreadHandle> for Timer {
    fn as_ref(&self) -> &ThreadHandle {
        self.handle()
    }
}

// Like a handle: only the function could be left half-changed by a panic, and nothing else can reach it.
impl UnwindSafe for Timer {}
impl RefUnwindSafe for Timer {}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("state", &self.state()).finish_non_exhaustive()
    }
}
