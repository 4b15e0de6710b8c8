//! A timer, as everybody sees it.

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

/// A function that runs in a thread of its own, some time after the timer is started: Python's `threading.Timer`, and more.
///
/// It is made, configured, started and joined as a [`Thread`](crate::Thread), and it can be [cancelled](Self::cancel) at any time.
/// The methods of a thread's life are those of [`ThreadHandle`], to which it dereferences. A clone is the same timer.
///
/// A timer that is pending costs no thread and less than 200 bytes, to which comes what was set by a [`Builder`](crate::Builder), and a thread's
/// state once somebody asks for it (by a join, by [`handle`](Self::handle), by any method of [`ThreadHandle`] but those that are here too).
/// One thread, `threadwork-timers`, waits for all of them. To start or to cancel one takes O(log n) steps, and a cancelled one is gone at once.
/// Time is that of the monotonic clock, so it does not matter if somebody sets the other one. An interval too long for the clock never ends.
///
/// When the timer is due, its thread is started: with a name, listed, inheriting what it would if it were started by whoever has started the timer.
/// The function is gone when it has returned, or when the timer is cancelled. A panic is reported, and ends the thread as any other;
/// a timer that [repeats](Self::every) goes on.
///
/// A timer that is dropped goes on. The end of the program waits for a pending timer unless it is a [daemon](crate::Builder::daemon).
/// Asking a timer to stop cancels it, and stops its thread if it runs. So does asking the thread that has made it, or its group,
/// though a timer that nobody has asked for its thread's state may only notice when it is due.
///
/// # If the thread cannot be started
///
/// That is said in one line on standard error, and the function of this time does not run. A timer that repeats tries again next time.
/// Any other has ended: who joins it gets [`JoinError::Panicked`], which says why.
///
/// # Differences from Python
///
/// * A pending timer is no thread yet: [`enumerate`](crate::enumerate) and groups do not list it, and it has no [`native_id`](ThreadHandle::native_id).
/// * `cancel` says whether it was in time. A timer that was cancelled ends as [`Outcome::Stopped`](crate::Outcome::Stopped).
/// * It has ended also when its function has panicked. There the event `finished` is not set then.
/// * In the child of a fork the timers of the parent do not fire: those that were pending, or repeat, have ended.
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
    /// Starts the timer: from now on the time counts. If it was cancelled before, it has ended.
    ///
    /// # Errors
    ///
    /// If it was started before, its name or its stack size is not possible, or the operating system refuses the thread that serves all timers.
    /// In all but the first case it can be started again.
    ///
    /// # Panics
    ///
    /// If a [spawn hook](crate::add_spawn_hook) does; it is called here.
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

    /// Cancels the timer: no run begins any more. Returns whether that has prevented any.
    ///
    /// A timer that is not started yet will have ended when it is. If it is pending, it has ended, whoever joins it goes on, and its function is dropped, here.
    /// A function that runs goes on, and is the last run if the timer [repeats](Self::every). A timer that has ended stays as it is.
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
    #[expect(clippy::must_use_candidate, reason = "most callers do not mind who was first")]
    pub fn cancel(&self) -> bool {
        self.plan.cancel()
    }

    /// Where the timer is in its life: [`Started`](ThreadState::Started) while it is pending.
    #[must_use]
    pub fn state(&self) -> ThreadState {
        self.plan.state()
    }

    /// Whether the timer is started, and has neither ended nor been cancelled.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state().is_alive()
    }

    /// Whether the program ends without waiting for this timer.
    #[must_use]
    pub fn is_daemon(&self) -> bool {
        self.plan.is_daemon()
    }

    /// Whether the timer was asked to stop.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.plan.stop_requested()
    }

    /// Waits until the function has run and its thread has ended, or the timer was cancelled.
    ///
    /// # Errors
    ///
    /// As those of [`ThreadHandle::join`]. The panics of a timer that repeats are not told here.
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

    /// As [`join`](Self::join), at most for `timeout`.
    ///
    /// # Errors
    ///
    /// [`JoinError::TimedOut`] if it is still alive; otherwise as [`join`](Self::join).
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

    /// As [`join`](Self::join), unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// [`JoinError::TimedOut`] or [`JoinError::Stopped`] if it is still alive; otherwise as [`join`](Self::join).
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
    /// assert!(matches!(timer.join_with(&wait), Err(JoinError::Stopped)));
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
        // The timer has ended in the thread of its last run, which may have something left to do.
        let last = thread.run.acquire().clone();
        match last.map(|run| run.join_with(wait)) {
            Some(Err(error)) if !matches!(error, JoinError::Panicked(_)) => Err(error),
            _ => Ok(()),
        }
    }

    /// The timer as a thread: what can be kept and sent about where any thread can.
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

// As with a handle: what a panic could leave half done is the function, which nobody else reaches.
impl UnwindSafe for Timer {}
impl RefUnwindSafe for Timer {}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("state", &self.state()).finish_non_exhaustive()
    }
}
