//! Threads whose every step is up to the test, and the certainty that one of them is blocked.
//!
//! A thread that never gets where a test expects it fails the test instead of hanging it.

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

/// More than any machine has: the operating system refuses to start such a thread.
pub(crate) const ABSURD_STACK_SIZE: usize = usize::MAX >> 4;

/// Looks again and again until there is an answer.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    let complaint = fmt::from_fn(|it| write!(it, "{what}; waiting now: {:#?}", waits()));
    patience::eventually(complaint, look)
}

/// The record of the thread `ident`, if it is blocked at this moment by what the test does.
pub(crate) fn record_of(ident: NonZeroU64) -> Option<Waiting> {
    waits().into_iter().find(|it| it.thread.ident == ident && !is_passing(it))
}

/// A wait for a lock of the library itself, which others hold for a moment, as that of the registry. Only a join may last.
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
    thread.start().expect("it can be started");
    join(thread)
}

/// Calls `f` in a thread that this library has not started.
pub(crate) fn foreign<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    thread::spawn(f).join().expect("the foreign thread does not panic")
}

/// Calls `f` in a thread of its own, so that it fails instead of hanging.
#[track_caller]
pub(crate) fn in_time<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let mut thread = MyThread::new(f);
    run(&thread).expect("it does not panic");
    thread.take_result().expect("nobody else takes it")
}

/// A thread that is alive until its gate is opened, which also its drop does.
pub(crate) struct Gated {
    thread: Thread,
    gate: Arc<Event>,
}

impl Gated {
    pub(crate) fn new() -> Gated {
        Gated::calling(|| ())
    }

    /// One that calls `f` when its gate is open.
    pub(crate) fn calling(mut f: impl FnMut() + Send + 'static) -> Gated {
        let gate = Arc::new(Event::new());
        let waiting = Arc::clone(&gate);
        let thread = Thread::new(move || {
            waiting.wait();
            f();
        });
        Gated { thread: thread.into(), gate }
    }

    /// One that runs already.
    #[track_caller]
    pub(crate) fn started() -> Gated {
        let gated = Gated::new();
        gated.start().expect("it can be started");
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

/// A runnable whose drops are counted, and that does what it is told when it is run.
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
