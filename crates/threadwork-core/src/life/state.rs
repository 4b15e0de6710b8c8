//! The state of a thread.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use once_cell::race::OnceBox;
use threadwork_sync::{Event, internal::clock};

use crate::process::this_process;

/// The state of a thread's life. It only moves forward.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Thread, ThreadState};
///
/// let thread = Thread::new(|| ());
/// assert_eq!(thread.state(), ThreadState::New);
/// thread.start()?;
/// assert!(thread.state() > ThreadState::New);
/// thread.join()?;
/// assert_eq!(thread.state(), ThreadState::Finished);
/// assert_eq!(thread.state().to_string(), "finished");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ThreadState {
    /// Created, and not started.
    New,
    /// Started; the operating system has not let it run yet.
    Started,
    /// The runnable is running.
    Running,
    /// The runnable has returned.
    Finished,
    /// The runnable has returned after a stop was requested.
    Stopped,
    /// The runnable has panicked.
    Panicked,
    /// The runnable has returned an error.
    Failed,
}

impl ThreadState {
    pub(super) const ALL: [ThreadState; 7] = [
        ThreadState::New,
        ThreadState::Started,
        ThreadState::Running,
        ThreadState::Finished,
        ThreadState::Stopped,
        ThreadState::Panicked,
        ThreadState::Failed,
    ];

    /// Returns `true` if the thread is started and has not ended.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        matches!(self, ThreadState::Started | ThreadState::Running)
    }

    /// Returns `true` if the thread has ended.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(
            self,
            ThreadState::Finished
                | ThreadState::Stopped
                | ThreadState::Panicked
                | ThreadState::Failed
        )
    }
}

impl fmt::Display for ThreadState {
    /// One word: `new`, `started`, `running`, `finished`, `stopped`, `panicked`, `failed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ThreadState::New => "new",
            ThreadState::Started => "started",
            ThreadState::Running => "running",
            ThreadState::Finished => "finished",
            ThreadState::Stopped => "stopped",
            ThreadState::Panicked => "panicked",
            ThreadState::Failed => "failed",
        })
    }
}

/// Returns the moment that start times are counted from. It is earlier than the start of any thread.
///
/// No thread waits for another one to set it: in the child of a fork at that moment it would wait for ever.
pub(crate) fn beginning() -> Instant {
    static BEGINNING: OnceBox<Instant> = OnceBox::new();
    *BEGINNING.get_or_init(|| Box::new(clock::now()))
}

/// The state of a thread, its process, and the time of its start.
///
/// Scenario "the threads that are not there" in docs/architecture.md.
pub(super) struct StateCell {
    /// A [`ThreadState`] as a number.
    ///
    /// In another process than [`process`](Self::process) a started thread has ended, whatever this says.
    state: AtomicU8,
    /// Whether the thread is the main thread of its process: it entered `main`, or it called `fork`.
    is_main: AtomicBool,
    /// The process in which the thread was made or started, or in which it survived a fork.
    process: AtomicU32,
    /// When the thread was started, in nanoseconds after [`beginning`] plus one; zero if it was not started.
    started_at: AtomicU64,
    /// Set once the thread runs. Only the few threads that wait for that create it.
    running: OnceBox<Event>,
}

impl StateCell {
    /// Creates the state of a thread that is made in this process.
    pub(super) fn new(is_main: bool) -> StateCell {
        StateCell {
            state: AtomicU8::new(ThreadState::New as u8),
            is_main: AtomicBool::new(is_main),
            process: AtomicU32::new(this_process()),
            started_at: AtomicU64::new(0),
            running: OnceBox::new(),
        }
    }

    pub(super) fn state(&self) -> ThreadState {
        match self.stored_state() {
            state if state.has_ended() || !self.is_elsewhere() => state,
            // If `started_at` is set, a thread of the other process was just starting it.
            ThreadState::New if self.started_at.load(Ordering::Relaxed) == 0 => ThreadState::New,
            _ => ThreadState::Finished,
        }
    }

    fn stored_state(&self) -> ThreadState {
        ThreadState::ALL[usize::from(self.state.load(Ordering::Acquire))]
    }

    /// Sets the state. An end is published by this, so it comes after the data about the end.
    pub(super) fn set_state(&self, state: ThreadState) {
        self.state.store(state as u8, Ordering::Release);
    }

    /// Returns the event that [`tell_running`](Self::tell_running) sets.
    pub(super) fn running(&self) -> &Event {
        self.running.get_or_init(Box::default)
    }

    /// Wakes those who wait until the thread runs. Besides one load this costs nothing if there are none.
    pub(super) fn tell_running(&self) {
        if let Some(running) = self.running.get() {
            running.set();
        }
    }

    /// Sets the state to `Started`, unless the thread already runs.
    pub(super) fn set_started(&self) {
        let [new, started] = [ThreadState::New as u8, ThreadState::Started as u8];
        let _ = self.state.compare_exchange(new, started, Ordering::Release, Ordering::Relaxed);
    }

    /// Returns `true` if the thread was made or started in a process that this one was forked from.
    fn is_elsewhere(&self) -> bool {
        self.process.load(Ordering::Relaxed) != this_process()
    }

    /// Returns `true` if the thread was started in a process that this one was forked from. It has ended here.
    pub(super) fn is_left_behind(&self) -> bool {
        self.is_elsewhere() && self.state().has_ended()
    }

    pub(super) fn set_process(&self, process: u32) {
        self.process.store(process, Ordering::Relaxed);
    }

    pub(super) fn is_main(&self) -> bool {
        self.is_main.load(Ordering::Relaxed) && !self.is_elsewhere()
    }

    /// Makes the forking thread the main thread of the child, unless it has already ended. Returns `true` if it survives.
    pub(super) fn survive_fork(&self) -> bool {
        let survives = self.stored_state().is_alive();
        if survives {
            self.set_process(this_process());
            self.is_main.store(true, Ordering::Relaxed);
        }
        survives
    }

    /// Sets the process and the start time, just before the thread is started. Its age is counted from here.
    pub(super) fn begins(&self) {
        self.set_process(this_process());
        let nanos = u64::try_from(clock::elapsed(beginning()).as_nanos()).unwrap_or(u64::MAX);
        self.started_at.store(nanos.saturating_add(1), Ordering::Relaxed);
    }

    /// Clears the start time, because the thread was not started after all.
    pub(super) fn was_refused(&self) {
        self.started_at.store(0, Ordering::Relaxed);
    }

    /// Returns when the thread was started, or `None` if there is none: it was not started, or it belongs to a pending timer.
    pub(super) fn started_at(&self) -> Option<Instant> {
        let nanos = self.started_at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(beginning() + Duration::from_nanos(nanos))
    }
}
