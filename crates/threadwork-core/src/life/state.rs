//! How far a thread has come.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use once_cell::race::OnceBox;

use crate::process::this_process;

/// Where a thread is in its life. It only ever goes forward.
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ThreadState {
    /// Made, and not started.
    New,
    /// Started; the operating system has not let it run yet.
    Started,
    /// It runs its runnable.
    Running,
    /// Its runnable has returned.
    Finished,
    /// Its runnable has returned after a stop was requested.
    Stopped,
    /// Its runnable has panicked.
    Panicked,
}

impl ThreadState {
    pub(super) const ALL: [ThreadState; 6] = [
        ThreadState::New,
        ThreadState::Started,
        ThreadState::Running,
        ThreadState::Finished,
        ThreadState::Stopped,
        ThreadState::Panicked,
    ];

    /// Whether it is started and has not ended.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        matches!(self, ThreadState::Started | ThreadState::Running)
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, ThreadState::Finished | ThreadState::Stopped | ThreadState::Panicked)
    }
}

/// What times are counted from: before any thread was started.
///
/// Nobody waits for another one to read the clock: the child of a fork at that moment would for ever.
pub(crate) fn beginning() -> Instant {
    static BEGINNING: OnceBox<Instant> = OnceBox::new();
    *BEGINNING.get_or_init(|| Box::new(Instant::now()))
}

/// Where a thread is in its life, in which process, and since when.
pub(super) struct StateCell {
    /// A [`ThreadState`] as a number.
    ///
    /// In another process than that in which it was started, the thread has ended, whatever this says.
    state: AtomicU8,
    /// It is the main one of its process: it has entered `main`, or has forked.
    is_main: AtomicBool,
    /// Which process it was started in, or goes on in, of those that were forked from each other.
    process: AtomicU32,
    /// When it was started: in nanoseconds after [`beginning`], plus one; zero for a thread that was not.
    started_at: AtomicU64,
}

impl StateCell {
    /// That of a thread that was made in this process.
    pub(super) fn new(is_main: bool) -> StateCell {
        StateCell {
            state: AtomicU8::new(ThreadState::New as u8),
            is_main: AtomicBool::new(is_main),
            process: AtomicU32::new(this_process()),
            started_at: AtomicU64::new(0),
        }
    }

    pub(super) fn state(&self) -> ThreadState {
        match self.stored_state() {
            state if state.has_ended() || !self.is_elsewhere() => state,
            // Somebody who is not here was about to start it.
            ThreadState::New if self.started_at.load(Ordering::Relaxed) == 0 => ThreadState::New,
            _ => ThreadState::Finished,
        }
    }

    fn stored_state(&self) -> ThreadState {
        ThreadState::ALL[usize::from(self.state.load(Ordering::Acquire))]
    }

    /// The end is published by this, after what is known of it.
    pub(super) fn set_state(&self, state: ThreadState) {
        self.state.store(state as u8, Ordering::Release);
    }

    /// The thread is started, if it does not run already.
    pub(super) fn set_started(&self) {
        let [new, started] = [ThreadState::New as u8, ThreadState::Started as u8];
        let _ = self.state.compare_exchange(new, started, Ordering::Release, Ordering::Relaxed);
    }

    /// Whether it was made or started in a process that this one was forked from.
    fn is_elsewhere(&self) -> bool {
        self.process.load(Ordering::Relaxed) != this_process()
    }

    /// Whether it was started in a process that this one was forked from, and has ended.
    pub(super) fn is_left_behind(&self) -> bool {
        self.is_elsewhere() && self.state().has_ended()
    }

    pub(super) fn set_process(&self, process: u32) {
        self.process.store(process, Ordering::Relaxed);
    }

    pub(super) fn is_main(&self) -> bool {
        self.is_main.load(Ordering::Relaxed) && !self.is_elsewhere()
    }

    /// In the child of a fork, of the thread that has forked: it goes on as the main one, unless it had ended before; returns whether it does.
    pub(super) fn goes_on(&self) -> bool {
        let goes_on = self.stored_state().is_alive();
        if goes_on {
            self.set_process(this_process());
            self.is_main.store(true, Ordering::Relaxed);
        }
        goes_on
    }

    /// The thread is about to be started, in this process and now: from here on its age counts.
    pub(super) fn begins(&self) {
        self.set_process(this_process());
        let nanos = u64::try_from(beginning().elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.started_at.store(nanos.saturating_add(1), Ordering::Relaxed);
    }

    /// There is no thread after all.
    pub(super) fn was_refused(&self) {
        self.started_at.store(0, Ordering::Relaxed);
    }

    /// When it was started, if there is or was a thread: a timer that is pending has none.
    pub(super) fn started_at(&self) -> Option<Instant> {
        let nanos = self.started_at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(beginning() + Duration::from_nanos(nanos))
    }
}
