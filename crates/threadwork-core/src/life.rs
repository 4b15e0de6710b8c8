//! What is known of a thread: written by whoever learns it, read by everyone at any time.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use once_cell::{race::OnceBox, sync::OnceCell};
use threadwork_sync::{
    Event, Lock, LockGuard, StopSource, StopToken, Wait, get_native_id,
    internal::{Subject, blocked_elsewhere, inside, own_lock, set_thread_name},
};

use self::leaving::Leaving;
use crate::{
    group::ThreadGroup,
    panic::{OnPanic, Outcome, Panic},
    process::this_process,
};

mod leaving;
mod name;
mod os_thread;
#[cfg(test)]
mod tests;

use self::name::Name;
pub(crate) use self::{
    name::{StartedAs, next_number},
    os_thread::OsThread,
};

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
///
/// Nobody waits for another one to read the clock: the child of a fork at that moment would for ever.
pub(crate) fn beginning() -> Instant {
    static BEGINNING: OnceBox<Instant> = OnceBox::new();
    *BEGINNING.get_or_init(|| Box::new(Instant::now()))
}

/// What a thread is, whatever it runs.
pub(crate) struct Life {
    /// A [`ThreadState`] as a number. The end is published by storing it, after `panic`.
    ///
    /// In another process than that in which it was started, the thread has ended, whatever this says.
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
    /// It is the main one of its process: it has entered `main`, or has forked.
    is_main: AtomicBool,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) on_panic: Option<OnPanic>,
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
    /// Which process it was started in, or goes on in, of those that were forked from each other.
    process: AtomicU32,
}

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
            name: own_lock("the name of a thread", Name::new(name)),
            daemon: AtomicBool::new(daemon),
            verbose: true,
            is_helper: false,
            stack_size: 0,
            origin: Origin::Here,
            is_main: AtomicBool::new(false),
            group: None,
            on_panic: None,
            stop: OnceCell::new(),
            stop_parent: None,
            started_at: AtomicU64::new(0),
            leaving: Leaving::default(),
            panic: OnceCell::new(),
            ended: Event::new(),
            os_thread: own_lock("the joining of a thread", None),
            process: AtomicU32::new(this_process()),
        }
    }

    /// The life of a thread that was started by others and runs already.
    pub(crate) fn of_running(origin: Origin, name: String, ident: NonZeroU64) -> Life {
        let is_main = AtomicBool::new(origin == Origin::Main);
        let life = Life { origin, is_main, ..Life::new(name, origin == Origin::Foreign) };
        life.set_ident(Some(ident));
        life.begins();
        life.set_state(ThreadState::Running);
        life
    }

    pub(crate) fn state(&self) -> ThreadState {
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

    /// Whether it was made or started in a process that this one was forked from.
    fn is_elsewhere(&self) -> bool {
        self.process.load(Ordering::Relaxed) != this_process()
    }

    /// It belongs to a process: this one, or where a timer was started, that one.
    pub(crate) fn set_process(&self, process: u32) {
        self.process.store(process, Ordering::Relaxed);
    }

    /// In the child of a fork, of the thread that has forked: it goes on as the main one, unless it had ended before; returns whether it does.
    ///
    /// Nobody else has its name locked: the gate is closed.
    pub(crate) fn goes_on(&self) -> bool {
        let goes_on = self.stored_state().is_alive();
        if goes_on {
            self.set_process(this_process());
            self.is_main.store(true, Ordering::Relaxed);
            self.set_native_id(get_native_id());
            self.group.iter().for_each(ThreadGroup::keep_one);
            if self.origin == Origin::Foreign {
                self.set_daemon(false);
                let main = || "MainThread".to_owned();
                self.name.try_acquire().iter_mut().for_each(|it| _ = it.set(main()));
            }
        }
        goes_on
    }

    /// Whether it is the main thread.
    pub(crate) fn is_main(&self) -> bool {
        self.is_main.load(Ordering::Relaxed) && !self.is_elsewhere()
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
        let _inside = inside();
        self.own_name().map(|it| it.text.clone()).unwrap_or_default()
    }

    pub(crate) fn set_name(&self, text: String) {
        let _inside = inside();
        let Some(mut name) = self.own_name() else { return };
        let old = name.set(text);
        if name.is_there && !self.is_left_behind() {
            self.show_name(&name);
        }
        drop(name);
        drop(old);
    }

    /// The name, locked. In the child of a fork there may be none of a thread that was about to run or to leave, and has it locked for ever.
    fn own_name(&self) -> Option<LockGuard<'_, Name>> {
        match self.name.try_acquire() {
            None if !self.is_left_behind() => Some(self.name.acquire()),
            name => name,
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
        self.set_process(this_process());
        let nanos = u64::try_from(beginning().elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.started_at.store(nanos.saturating_add(1), Ordering::Relaxed);
    }

    /// There is no thread after all.
    pub(crate) fn was_refused(&self) {
        self.started_at.store(0, Ordering::Relaxed);
    }

    /// When it was started, if there is or was a thread: a timer that is pending has none.
    pub(crate) fn started_at(&self) -> Option<Instant> {
        let nanos = self.started_at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(beginning() + Duration::from_nanos(nanos))
    }

    /// Whether it was started in a process that this one was forked from, and has ended.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.is_elsewhere() && self.state().has_ended()
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
        if let Some(stop) = self.stop.get() {
            return stop;
        }
        let _inside = inside();
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
