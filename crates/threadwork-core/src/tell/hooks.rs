//! The hooks that are called in every thread: at its start, before its run and after.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_sync::{
    Lock, LockGuard,
    internal::{clock, lock::own_lock},
};

use self::spawn_calls::SpawnCall;
pub(crate) use self::spawn_calls::SpawnCalls;
use super::{elapsed::Elapsed, events};
use crate::{
    life::ThreadHandle,
    outcome::{Failure, Outcome},
    panic::{Panic, reported},
    process::{LockPart, Part, hold, look_after},
};

mod spawn_calls;

/// A hook that is called in a thread before and after its run.
pub type TraceHook = Arc<dyn Fn(&ThreadHandle, &Moment<'_>) + Send + Sync>;

/// A hook that is called in a thread before and after its run, with the time that the run has taken.
pub type ProfileHook = Arc<dyn Fn(&ThreadHandle, &Moment<'_>, &Spent) + Send + Sync>;

/// A hook that is called by a thread that starts another one. It returns what the new thread calls first.
type SpawnHook = Arc<dyn Fn(&ThreadHandle) -> SpawnCall + Send + Sync>;

/// A moment in the life of a thread at which [`set_trace`]'s and [`set_profile`]'s hooks are called.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Moment;
///
/// fn name(moment: &Moment<'_>) -> &'static str {
///     match moment {
///         Moment::BeforeRun => "run",
///         Moment::AfterRun => "return",
///         Moment::Panicked(_) => "panic",
///         Moment::Failed(_) => "failure",
///         _ => "something new",
///     }
/// }
/// assert_eq!(name(&Moment::AfterRun), "return");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Moment<'a> {
    /// The runnable is about to run.
    BeforeRun,
    /// The runnable has returned.
    AfterRun,
    /// The runnable has panicked.
    Panicked(&'a Panic),
    /// The runnable has returned an error.
    Failed(&'a Failure),
}

/// The time that a run has taken so far, as given to the hook of [`set_profile`].
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Spent;
///
/// let spent = Spent::default();
/// assert!(spent.wall.is_zero() && spent.cpu.is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// The wall time.
    pub wall: Duration,
    /// The CPU time of this thread; `None` where the operating system does not provide it.
    pub cpu: Option<Duration>,
}

/// All hooks of the process. A replaced hook is dropped after this is unlocked.
struct Hooks {
    trace: Hook<TraceHook>,
    profile: Hook<ProfileHook>,
    spawn: Vec<SpawnHook>,
}

/// The hook for threads that are started later, and the hook for threads that already run.
struct Hook<H> {
    current: Option<H>,
    /// The last hook that was set for all threads.
    for_all: Option<H>,
    /// The number of times that a hook was set for all threads.
    n_for_all: usize,
}

/// Hooks are never dropped while this is locked: their drops are user code.
static HOOKS: Lock<Hooks> =
    own_lock("the hooks", Hooks { trace: Hook::NONE, profile: Hook::NONE, spawn: Vec::new() });

/// Whether there has ever been a hook. Few programs have one; without this check, all threads would contend for the lock.
static HAS_HOOKS: AtomicBool = AtomicBool::new(false);

/// Locks the hooks to set one.
fn to_set() -> LockGuard<'static, Hooks> {
    look_after(Part::Hooks, &LOCKED);
    let hooks = HOOKS.acquire();
    HAS_HOOKS.store(true, Ordering::Release);
    hooks
}

/// Locks the hooks, if there has ever been one.
fn if_any() -> Option<LockGuard<'static, Hooks>> {
    HAS_HOOKS.load(Ordering::Acquire).then(|| HOOKS.acquire())
}

impl<H: Clone> Hook<H> {
    const NONE: Hook<H> = Hook { current: None, for_all: None, n_for_all: 0 };

    fn set(&mut self, hook: Option<H>) -> Option<H> {
        std::mem::replace(&mut self.current, hook)
    }

    fn set_for_all(&mut self, hook: Option<H>) -> [Option<H>; 2] {
        self.n_for_all += 1;
        [std::mem::replace(&mut self.for_all, hook.clone()), self.set(hook)]
    }
}

/// Sets the hook that is called in every thread that is started from now on, before and after its run: Python's `settrace`.
///
/// `None` removes the hook. A panic of the hook is reported, and the thread is unaffected.
///
/// # Differences from Python
///
/// * The hook is called at moments in the life of a thread, not for each line of code.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::sync::Arc;
/// use threadwork::Thread;
/// # use threadwork_sync::Lock;
///
/// static SEEN: Lock<Vec<String>> = Lock::new(Vec::new());
///
/// threadwork::set_trace(Some(Arc::new(|thread, moment| {
///     SEEN.acquire().push(format!("{}: {moment:?}", thread.name()));
/// })));
/// let thread = Thread::builder().name("loop").build(|| ());
/// thread.start()?;
/// thread.join().unwrap();
/// assert_eq!(*SEEN.acquire(), ["loop: BeforeRun", "loop: AfterRun"]);
/// # Ok::<(), threadwork::StartError>(())
/// ```
pub fn set_trace(hook: Option<TraceHook>) {
    let _old = to_set().trace.set(hook);
}

/// Sets the hook as [`set_trace`] does, and also for the threads that already run: Python's `settrace_all_threads`.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
/// use threadwork::{Moment, Thread};
/// # use threadwork_sync::Event;
///
/// static GO: Event = Event::new();
/// static RETURNED: AtomicBool = AtomicBool::new(false);
///
/// let thread = Thread::new(|| GO.wait());
/// thread.start()?;
/// threadwork::set_trace_all_threads(Some(Arc::new(|_, moment| {
///     RETURNED.fetch_or(matches!(moment, Moment::AfterRun), Ordering::Relaxed);
/// })));
/// GO.set();
/// thread.join().unwrap();
/// assert!(RETURNED.load(Ordering::Relaxed));
/// # Ok::<(), threadwork::StartError>(())
/// ```
pub fn set_trace_all_threads(hook: Option<TraceHook>) {
    let _old = to_set().trace.set_for_all(hook);
}

/// Returns the hook set with [`set_trace`]: Python's `gettrace`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert!(threadwork::trace().is_none());
/// ```
#[must_use]
pub fn trace() -> Option<TraceHook> {
    if_any()?.trace.current.clone()
}

/// Sets a hook as [`set_trace`] does. It is also given the wall time and the CPU time of the run: Python's `setprofile`.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::{sync::{Arc, OnceLock}, time::Duration};
/// use threadwork::{Moment, Thread};
///
/// static WALL: OnceLock<Duration> = OnceLock::new();
///
/// threadwork::set_profile(Some(Arc::new(|_, moment, spent| {
///     if matches!(moment, Moment::AfterRun) {
///         WALL.set(spent.wall).unwrap();
///     }
/// })));
/// let thread = Thread::new(|| std::thread::sleep(Duration::from_millis(2)));
/// thread.start()?;
/// thread.join().unwrap();
/// assert!(*WALL.get().unwrap() >= Duration::from_millis(2));
/// # Ok::<(), threadwork::StartError>(())
/// ```
pub fn set_profile(hook: Option<ProfileHook>) {
    let _old = to_set().profile.set(hook);
}

/// Sets the hook as [`set_profile`] does, and also for the threads that already run, whose time counts from their start: Python's
/// `setprofile_all_threads`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// threadwork::set_profile_all_threads(None);
/// ```
pub fn set_profile_all_threads(hook: Option<ProfileHook>) {
    let _old = to_set().profile.set_for_all(hook);
}

/// Returns the hook set with [`set_profile`]: Python's `getprofile`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert!(threadwork::profile().is_none());
/// ```
#[must_use]
pub fn profile() -> Option<ProfileHook> {
    if_any()?.profile.current.clone()
}

/// Adds a hook that is called whenever a thread is started, by the starting thread, with the new thread as its argument.
/// The new thread calls what the hook returns before anything else. A hook cannot be removed; hooks are called in the order of addition.
///
/// With this a thread can inherit what a library keeps for each thread.
///
/// # Panics
///
/// `hook` itself must not panic: otherwise [`start`](crate::Thread::start) panics, and the thread is not started.
/// What it returns may panic when it is called or dropped: that is reported, and the thread is unaffected.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::cell::Cell;
/// use threadwork::MyThread;
///
/// thread_local! {
///     static USER: Cell<u32> = const { Cell::new(0) };
/// }
///
/// threadwork::add_spawn_hook(|_| {
///     let user = USER.get();
///     move || USER.set(user)
/// });
/// USER.set(7);
/// let thread = MyThread::new(|| USER.get());
/// thread.start()?;
/// assert_eq!(thread.wait_result()?, &7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn add_spawn_hook<F>(hook: impl Fn(&ThreadHandle) -> F + Send + Sync + 'static)
where
    F: FnOnce() + Send + 'static,
{
    to_set().spawn.push(Arc::new(move |thread| Box::new(hook(thread))));
}

/// Returns `true` if there are spawn hooks.
pub(crate) fn has_spawn_hooks() -> bool {
    if_any().is_some_and(|hooks| !hooks.spawn.is_empty())
}

/// Calls the spawn hooks, in the thread that starts `thread`, and returns the functions that `thread` must call.
pub(crate) fn spawning(thread: &ThreadHandle) -> SpawnCalls {
    let hooks = if_any().map(|hooks| hooks.spawn.clone()).unwrap_or_default();
    let mut calls = SpawnCalls::default();
    hooks.iter().for_each(|hook| calls.push(hook(thread)));
    calls
}

static LOCKED: LockPart = || hold(&HOOKS, |_| ());

/// The hooks of one run, in its thread.
pub(crate) struct HookedRun<'a> {
    thread: &'a ThreadHandle,
    trace: Option<TraceHook>,
    profile: Option<ProfileHook>,
    n_for_all: [usize; 2],
    /// When the run began, if that may be needed.
    since: Option<Instant>,
}

impl HookedRun<'_> {
    /// Takes the hooks for the run of `thread`, and calls them before it.
    pub(crate) fn begin(thread: &ThreadHandle) -> HookedRun<'_> {
        let taken = if_any().map(|hooks| {
            let n_for_all = [hooks.trace.n_for_all, hooks.profile.n_for_all];
            (hooks.trace.current.clone(), hooks.profile.current.clone(), n_for_all)
        });
        let since = (taken.is_some() || events::may_be_heard()).then(clock::now);
        let (trace, profile, n_for_all) = taken.unwrap_or_default();
        let run = HookedRun { thread, trace, profile, n_for_all, since };
        run.call(&Moment::BeforeRun);
        run
    }

    /// Calls the hooks after the run, and returns its elapsed time.
    pub(crate) fn end(mut self, outcome: &Outcome) -> Elapsed {
        let elapsed = self.since.map_or(Elapsed::SinceStart, Elapsed::Since);
        let mut old = (None, None);
        match if_any() {
            // There was no hook at the beginning either.
            None => return elapsed,
            Some(hooks) => {
                if hooks.trace.n_for_all != self.n_for_all[0] {
                    old.0 = std::mem::replace(&mut self.trace, hooks.trace.for_all.clone());
                }
                if hooks.profile.n_for_all != self.n_for_all[1] {
                    old.1 = std::mem::replace(&mut self.profile, hooks.profile.for_all.clone());
                }
            }
        }
        let elapsed = Elapsed::Known(elapsed.get(self.thread));
        self.call(&match outcome {
            Outcome::Panicked(panic) => Moment::Panicked(panic),
            Outcome::Failed(failure) => Moment::Failed(failure),
            _ => Moment::AfterRun,
        });
        // If these are the last references to a hook, its drop is user code.
        reported("trace", || drop((old.0, self.trace)));
        reported("profile", || drop((old.1, self.profile)));
        elapsed
    }

    fn call(&self, moment: &Moment<'_>) {
        if let Some(trace) = &self.trace {
            reported("trace", || trace(self.thread, moment));
        }
        if let Some(profile) = &self.profile {
            let elapsed = self.since.map_or(Elapsed::SinceStart, Elapsed::Since);
            let spent = Spent {
                wall: elapsed.get(self.thread),
                cpu: self.thread.life().native.cpu_time_here(),
            };
            reported("profile", || profile(self.thread, moment, &spent));
        }
    }
}
