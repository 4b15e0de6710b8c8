//! What is known of a thread: written by whoever learns it, read by everyone at any time.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use once_cell::sync::{Lazy, OnceCell};
use threadwork_sync::{
    Event, Lock, StopSource, StopToken, Wait,
    internal::{Subject, blocked_elsewhere, own_lock, set_thread_name},
};

use self::leaving::Leaving;
use crate::{
    excepthook::PanicHandler,
    fork,
    group::ThreadGroup,
    limits,
    outcome::{Outcome, Panic},
};

mod leaving;
#[cfg(test)]
mod tests;

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
    const ALL: [ThreadState; 6] = [
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
static BEGINNING: Lazy<Instant> = Lazy::new(Instant::now);

/// Reads the clock that times are counted from, if nobody has: a fork in the middle of that would leave it unread in the child for ever.
pub(crate) fn begin_time() {
    Lazy::force(&BEGINNING);
}

/// What a thread is, whatever it runs.
pub(crate) struct Life {
    /// A [`ThreadState`] as a number. The end is published by storing it, after `panic`.
    state: AtomicU8,
    /// The thread's number; zero until it is started.
    ident: AtomicUsize,
    /// The operating system's number plus one; zero until the thread runs, and where there is none.
    native_id: AtomicUsize,
    name: Lock<Name>,
    daemon: AtomicBool,
    pub(crate) verbose: bool,
    /// It is one of the library's own.
    pub(crate) is_helper: bool,
    /// Zero for the default.
    pub(crate) stack_size: usize,
    pub(crate) origin: Origin,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) on_panic: Option<PanicHandler>,
    /// Made when somebody first asks for it.
    stop: OnceCell<StopSource>,
    pub(crate) stop_parent: Option<StopToken>,
    /// When it was started: in nanoseconds after [`BEGINNING`], plus one; zero for a thread that was not.
    started_at: AtomicU64,
    pub(crate) leaving: Leaving,
    /// How it has ended, if that was a panic.
    pub(crate) panic: OnceCell<Panic>,
    pub(crate) ended: Event,
    /// What joins the operating system's thread. Held while that is started and while somebody joins it.
    pub(crate) os_thread: Lock<Option<OsThread>>,
    /// Which process it was started in, of those that were forked from each other.
    process: AtomicU32,
}

/// What joins the operating system's thread, in the process in which that is.
pub(crate) struct OsThread {
    join_handle: Option<JoinHandle<()>>,
    process: u32,
}

impl OsThread {
    pub(crate) fn new(join_handle: JoinHandle<()>) -> OsThread {
        OsThread { join_handle: Some(join_handle), process: fork::process() }
    }

    fn is_here(&self) -> bool {
        self.process == fork::process()
    }

    /// Joins it; what the thread has to say is in its outcome.
    fn join(mut self) {
        if self.is_here() {
            let _ = self.join_handle.take().map(JoinHandle::join);
            limits::thread_is_gone();
        }
    }
}

impl Drop for OsThread {
    fn drop(&mut self) {
        // The child of a fork has not got the thread: in its place the C library may have put one of the child's.
        if !self.is_here() {
            std::mem::forget(self.join_handle.take());
        }
    }
}

/// A name, and whether the operating system has a thread to give it to.
struct Name {
    text: String,
    /// How often it was changed.
    version: u32,
    /// While this is locked and true, the thread is there, and its number belongs to nobody else.
    is_there: bool,
}

/// Which version of a name the operating system's thread was started with, if `std` gives it as it is.
#[derive(Clone, Copy)]
pub(crate) struct StartedAs(Option<u32>);

/// Who started a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This library.
    Here,
    /// The operating system: it is the one that entered `main`.
    Main,
    /// Somebody else.
    Foreign,
}

impl Life {
    pub(crate) fn new(name: String, daemon: bool) -> Life {
        Life {
            state: AtomicU8::new(ThreadState::New as u8),
            ident: AtomicUsize::new(0),
            native_id: AtomicUsize::new(0),
            name: own_lock(
                "the name of a thread",
                Name { text: name, version: 0, is_there: false },
            ),
            daemon: AtomicBool::new(daemon),
            verbose: true,
            is_helper: false,
            stack_size: 0,
            origin: Origin::Here,
            group: None,
            on_panic: None,
            stop: OnceCell::new(),
            stop_parent: None,
            started_at: AtomicU64::new(0),
            leaving: Leaving::default(),
            panic: OnceCell::new(),
            ended: Event::new(),
            os_thread: own_lock("the joining of a thread", None),
            process: AtomicU32::new(fork::process()),
        }
    }

    /// The life of a thread that was started by others and runs already.
    pub(crate) fn of_running(origin: Origin, name: String, ident: NonZeroU64) -> Life {
        let life = Life { origin, ..Life::new(name, origin == Origin::Foreign) };
        life.set_ident(Some(ident));
        life.begins();
        life.set_state(ThreadState::Running);
        life
    }

    pub(crate) fn state(&self) -> ThreadState {
        ThreadState::ALL[usize::from(self.state.load(Ordering::Acquire))]
    }

    pub(crate) fn set_state(&self, state: ThreadState) {
        self.state.store(state as u8, Ordering::Release);
    }

    /// The thread has ended: whoever joins it goes on.
    pub(crate) fn end(&self, outcome: Outcome) {
        self.set_state(match outcome {
            Outcome::Finished => ThreadState::Finished,
            Outcome::Stopped => ThreadState::Stopped,
            Outcome::Panicked(panic) => {
                // A thread ends once.
                let _ = self.panic.set(panic);
                ThreadState::Panicked
            }
        });
        self.ended.set();
    }

    /// How it has ended, if it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.state() {
            ThreadState::Finished => Some(Outcome::Finished),
            ThreadState::Stopped => Some(Outcome::Stopped),
            ThreadState::Panicked => self.panic.get().cloned().map(Outcome::Panicked),
            _ => None,
        }
    }

    /// The thread is started, if it does not run already.
    pub(crate) fn set_started(&self) {
        let [new, started] = [ThreadState::New as u8, ThreadState::Started as u8];
        let _ = self.state.compare_exchange(new, started, Ordering::Release, Ordering::Relaxed);
    }

    pub(crate) fn ident(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(self.ident.load(Ordering::Acquire) as u64)
    }

    pub(crate) fn set_ident(&self, ident: Option<NonZeroU64>) {
        let ident = ident.map_or(0, |ident| {
            usize::try_from(ident.get()).expect("numbers of threads fit into a word")
        });
        self.ident.store(ident, Ordering::Release);
    }

    pub(crate) fn native_id(&self) -> Option<u64> {
        self.native_id.load(Ordering::Acquire).checked_sub(1).map(|id| id as u64)
    }

    pub(crate) fn set_native_id(&self, id: Option<u64>) {
        let id = id.and_then(|id| usize::try_from(id).ok()?.checked_add(1)).unwrap_or(0);
        self.native_id.store(id, Ordering::Release);
    }

    pub(crate) fn name(&self) -> String {
        self.name.acquire().text.clone()
    }

    pub(crate) fn set_name(&self, text: String) {
        // The old name is dropped after the lock is released.
        let mut name = self.name.acquire();
        let _old = std::mem::replace(&mut name.text, text);
        name.version = name.version.wrapping_add(1);
        if name.is_there {
            self.show_name(&name);
        }
    }

    /// The name that `std` is to give to the operating system's thread, and whether that will be the right one: for [`arrived`](Self::arrived).
    pub(crate) fn name_to_start_with(&self) -> (String, StartedAs) {
        let name = self.name.acquire();
        // It cuts a long name inside a character.
        (name.text.clone(), StartedAs(name.text.is_ascii().then_some(name.version)))
    }

    /// The operating system's thread runs: from now on it has the name that this one has.
    pub(crate) fn arrived(&self, started_as: StartedAs) {
        let mut name = self.name.acquire();
        name.is_there = true;
        if started_as.0 != Some(name.version) {
            self.show_name(&name);
        }
    }

    /// The operating system's thread is about to go.
    pub(crate) fn leaves(&self) {
        self.name.acquire().is_there = false;
    }

    /// The thread is about to be started, in this process and now: from here on its age counts.
    ///
    /// The clock is read by the one who starts it, where that takes a third of the time: there it has been read before.
    pub(crate) fn begins(&self) {
        self.process.store(fork::process(), Ordering::Relaxed);
        let nanos = u64::try_from(BEGINNING.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.started_at.store(nanos.saturating_add(1), Ordering::Relaxed);
    }

    /// There is no thread after all.
    pub(crate) fn was_refused(&self) {
        self.started_at.store(0, Ordering::Relaxed);
    }

    /// When it was started, if there is or was a thread: a timer that is pending has none.
    pub(crate) fn started_at(&self) -> Option<Instant> {
        let nanos = self.started_at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(*BEGINNING + Duration::from_nanos(nanos))
    }

    /// Whether it was started in a process that this one was forked from, and has ended.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.state().has_ended() && self.process.load(Ordering::Relaxed) != fork::process()
    }

    fn show_name(&self, name: &Name) {
        if let Some(native_id) = self.native_id() {
            set_thread_name(native_id, &name.text);
        }
    }

    pub(crate) fn is_daemon(&self) -> bool {
        self.daemon.load(Ordering::Relaxed)
    }

    pub(crate) fn set_daemon(&self, daemon: bool) {
        self.daemon.store(daemon, Ordering::Relaxed);
    }

    pub(crate) fn stop(&self) -> &StopSource {
        self.stop.get_or_init(|| {
            let group = self.group.as_ref().map(ThreadGroup::stop_token);
            StopSource::child_of_all(self.stop_parent.iter().chain(&group))
        })
    }

    /// Whether a stop was requested, of this thread or of those above.
    pub(crate) fn stop_requested(&self) -> bool {
        // Those above are asked too: what passes their stop on to this one may not have been called yet.
        self.stop.get().is_some_and(StopSource::stop_requested)
            || self.stop_parent.as_ref().is_some_and(StopToken::stop_requested)
            || self.group.as_ref().is_some_and(ThreadGroup::stop_requested)
    }

    /// Waits until the operating system's thread is gone; returns at the end of the thread where there is none to join.
    pub(crate) fn join_os_thread(&self, subject: &Subject) {
        // The first who comes joins it: that takes one sleep, where `ended` and then the join would take two.
        if let Some(mut os_thread) = self.os_thread.try_acquire()
            && let Some(os_thread) = os_thread.take()
        {
            if self.leaving.is_over() {
                // That takes no longer than to say that somebody waits for it.
                os_thread.join();
            } else {
                let address = std::ptr::from_ref(self).addr();
                blocked_elsewhere(address, subject, || os_thread.join());
            }
            return;
        }
        let ended = self.ended.wait_as(subject, &Wait::forever());
        debug_assert!(ended.is_ok(), "a wait without end has no other end");
        // Somebody else is joining it, or has just finished starting it.
        if let Some(os_thread) = self.os_thread.acquire().take() {
            os_thread.join();
        }
    }
}
