//! The observer of waits: it is told of each wait, while records have to be read.
//!
//! Scenario "the observer that stands in a queue" in docs/architecture.md.

use std::{
    num::NonZeroU64,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use crate::{
    door::{Key, Subject},
    floor::now,
    number::get_ident,
};

/// An observer is told of every wait that really blocked, by the thread itself, and of every wake-up, by the waking thread.
///
/// It must not wait for anything of this crate: it would be told of that wait too.
pub trait Observer: Sync {
    /// Called after the current thread has waited; once, if it has waited for any of several objects.
    fn waited(&self, wait: &Waited);

    /// Called after the current thread has woken `count` threads that waited for the object at `address`, or has moved them on
    /// to the queue of what they wait for next. Threads that wait for any of several objects count too, tasks do not.
    ///
    /// It began to wake them at `since`: none of their waits ended before that, and each had begun before this call.
    /// But a thread that waits for any of several objects may be woken by several, and only the first ends its wait.
    fn woke(&self, address: usize, count: usize, since: Instant);
}

/// A wait that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Waited {
    /// The number of the thread that waited.
    pub ident: NonZeroU64,
    /// What the thread waited for, and the line that waited. If it waited for any of several objects, this is the one that ended the
    /// wait, or the first of them if none did.
    pub subject: Subject,
    /// The address of that object.
    pub address: usize,
    /// When the wait began.
    pub since: Instant,
    /// When the wait ended.
    pub until: Instant,
    /// `true` if another thread ended the wait, rather than its deadline.
    pub woken: bool,
    /// `true` if the thread waited for any of several objects.
    pub any_of: bool,
}

static OBSERVER: OnceLock<&'static dyn Observer> = OnceLock::new();

/// Whether the observer is active. Read only by threads that block or wake others.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Makes `observer` the one observer of the process. Returns `false` if there is another one.
pub fn observe(observer: &'static dyn Observer) -> bool {
    let ours = OBSERVER.get_or_init(|| observer);
    let is_ours = std::ptr::addr_eq(*ours, observer);
    if is_ours {
        IS_ON.store(true, Ordering::Release);
    }
    is_ours
}

/// Stops telling the observer anything, until [`observe`] is called again.
pub fn stop_observing() {
    IS_ON.store(false, Ordering::Release);
}

/// Returns the observer, if there is an active one.
#[inline]
fn observer() -> Option<&'static dyn Observer> {
    if IS_ON.load(Ordering::Acquire) { OBSERVER.get().copied() } else { None }
}

/// The observer, and the time at which a wait or a wake-up began.
pub(super) type ToBeTold = (&'static dyn Observer, Instant);

/// Returns the observer and the current time, if there is an active observer.
#[inline]
pub(super) fn to_be_told() -> Option<ToBeTold> {
    observer().map(|observer| (observer, now()))
}

/// How a wait went.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    pub(super) woken: bool,
    pub(super) any_of: bool,
}

/// Tells the observer that the current thread has waited.
#[cold]
pub(super) fn tell((observer, since): ToBeTold, key: Key, subject: &Subject, how: How) {
    let (ident, subject, address) = (get_ident(), *subject, key.address());
    let How { woken, any_of } = how;
    observer.waited(&Waited { ident, subject, address, since, until: now(), woken, any_of });
}

/// The number of threads that sleep in queues and will report their waits.
static ASLEEP: AtomicUsize = AtomicUsize::new(0);

/// Corrects the count in the child of a fork, whose only thread may wait.
#[cfg(not(threadwork_loom))]
pub(super) fn sleeps_alone(waits: bool) {
    ASLEEP.fetch_min(usize::from(waits), Ordering::Relaxed);
}

/// Counts a sleeping thread that will report its wait.
pub(super) struct Asleep(ToBeTold);

impl Asleep {
    /// Returns `None` if there is no active observer.
    pub(super) fn begin() -> Option<Asleep> {
        let told = to_be_told()?;
        ASLEEP.fetch_add(1, Ordering::Relaxed);
        Some(Asleep(told))
    }

    pub(super) fn end(self) -> ToBeTold {
        ASLEEP.fetch_sub(1, Ordering::Relaxed);
        self.0
    }
}

/// A thread that is about to wake others, with the observer, if there is an active one and sleeping threads will report their waits.
pub(super) struct Waking(Option<ToBeTold>);

impl Waking {
    #[inline]
    pub(super) fn begin() -> Waking {
        let observer = observer().filter(|_| ASLEEP.load(Ordering::Relaxed) > 0);
        Waking(observer.map(|observer| (observer, now())))
    }

    /// Tells the observer that the current thread has woken `count` threads.
    #[inline]
    pub(super) fn end(self, key: Key, count: usize) {
        if let Some((observer, since)) = self.0
            && count > 0
        {
            observer.woke(key.address(), count, since);
        }
    }
}
