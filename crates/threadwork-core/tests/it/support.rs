//! Threads whose steps the test controls, and a way to know that one of them is blocked.
//!
//! If a thread never reaches the point that a test waits for, the test fails instead of hanging.

use std::{
    fmt,
    num::NonZeroU64,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use threadwork_core::{JoinError, MyThread, Runnable, Thread, ThreadHandle};
use threadwork_sync::{Event, WaitKind, Waiting, waits};
use threadwork_test_support::patience;

pub(crate) use threadwork_test_support::patience::PATIENCE;

/// More memory than any machine has: the operating system refuses to start such a thread.
pub(crate) const ABSURD_STACK_SIZE: usize = usize::MAX >> 4;

/// Calls `look` until it returns `Some`. Panics after a time limit.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    let complaint = fmt::from_fn(|it| write!(it, "{what}; waiting now: {:#?}", waits()));
    patience::eventually(complaint, look)
}

/// Returns the record of the thread `ident` if it is blocked now, other than by a short wait inside the library.
pub(crate) fn record_of(ident: NonZeroU64) -> Option<Waiting> {
    waits().into_iter().find(|it| it.thread.ident == ident && !is_passing(it))
}

/// Whether the wait is a short one for one of the library's own locks, such as the registry's. Only a join may take long.
fn is_passing(waiting: &Waiting) -> bool {
    waiting.kind == WaitKind::Lock
        && waiting.location.file().contains("threadwork-core/src/")
        && waiting.name != Some("the joining of a thread")
}

/// Returns once the thread is really blocked.
#[track_caller]
pub(crate) fn blocked(thread: &ThreadHandle) -> Waiting {
    eventually("a thread does not block", || {
        assert!(!thread.state().has_ended(), "{thread:?} has ended instead of being blocked");
        record_of(thread.ident()?)
    })
}

/// Joins a thread that is expected to end by itself.
#[track_caller]
pub(crate) fn join(thread: &ThreadHandle) -> Result<(), JoinError> {
    if let Err(JoinError::TimedOut) = thread.join_timeout(PATIENCE) {
        panic!("{thread:?} does not end; waiting now: {:#?}", waits());
    }
    thread.join()
}

/// Starts a thread and joins it.
#[track_caller]
pub(crate) fn run<T: ?Sized>(thread: &Thread<T>) -> Result<(), JoinError> {
    thread.start().expect("the thread can be started");
    join(thread)
}

/// Calls `f` in a foreign thread.
pub(crate) fn foreign<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    thread::spawn(f).join().expect("the foreign thread does not panic")
}

/// Calls `f` in its own thread, so that the test fails instead of hanging.
#[track_caller]
pub(crate) fn in_time<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let mut thread = MyThread::new(f);
    run(&thread).expect("the thread does not panic");
    thread.take_result().expect("the result is taken only here")
}

/// A thread that is alive until its gate is opened. Its drop opens the gate too.
pub(crate) struct Gated {
    thread: Thread,
    gate: Arc<Event>,
}

impl Gated {
    pub(crate) fn new() -> Gated {
        Gated::calling(|| ())
    }

    /// A thread that calls `f` once its gate is open.
    pub(crate) fn calling(mut f: impl FnMut() + Send + 'static) -> Gated {
        let gate = Arc::new(Event::new());
        let waiting = Arc::clone(&gate);
        let thread = Thread::new(move || {
            waiting.wait();
            f();
        });
        Gated { thread: thread.into(), gate }
    }

    /// A thread that runs already.
    #[track_caller]
    pub(crate) fn started() -> Gated {
        let gated = Gated::new();
        gated.start().expect("the thread can be started");
        blocked(&gated);
        gated
    }

    pub(crate) fn open(&self) {
        self.gate.set();
    }

    /// Opens the gate and waits for the end.
    #[track_caller]
    pub(crate) fn end(self) -> Result<(), JoinError> {
        self.open();
        join(&self)
    }
}

impl Deref for Gated {
    type Target = Thread;

    fn deref(&self) -> &Thread {
        &self.thread
    }
}

impl Drop for Gated {
    fn drop(&mut self) {
        self.gate.set();
    }
}

/// Makes runnables that call a given function, and counts their drops.
pub(crate) struct Counted<F> {
    drops: Drops,
    f: F,
}

#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<AtomicU32>);

impl Drops {
    pub(crate) fn runnable<F: FnMut() + Send>(&self, f: F) -> Counted<F> {
        Counted { drops: self.clone(), f }
    }

    pub(crate) fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

impl<F: FnMut() + Send> Runnable for Counted<F> {
    fn run(&mut self) {
        (self.f)();
    }
}

impl<F> Drop for Counted<F> {
    fn drop(&mut self) {
        self.drops.0.fetch_add(1, Ordering::SeqCst);
    }
}
