//! Who is told of each wait, beside those who look at the records.

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

/// Is told of every wait that has really blocked, by the thread itself, and of every wake-up, by the thread that wakes.
///
/// It may not wait for anything of this crate: it would be told of that too.
pub trait Observer: Sync {
    /// The current thread has waited.
    fn waited(&self, wait: &Waited);

    /// The current thread has woken `count` others that waited for the thing at `address`, or has moved them on to what they wait for next.
    ///
    /// It began to at `since`: none of their waits ended before that, and each had begun before this call.
    fn woke(&self, address: usize, count: usize, since: Instant);
}

/// A wait that is over.
#[derive(Clone, Copy, Debug)]
pub struct Waited {
    /// The number of the thread.
    pub ident: NonZeroU64,
    /// What it waited for, and the line that waited.
    pub subject: Subject,
    /// Where that is.
    pub address: usize,
    /// When it began.
    pub since: Instant,
    /// When it ended.
    pub until: Instant,
    /// Whether somebody ended it, rather than its deadline.
    pub woken: bool,
}

static OBSERVER: OnceLock<&'static dyn Observer> = OnceLock::new();

/// Whether the observer wants to know. Looked at only by threads that block or wake others.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Makes this the observer of the process, of which there is one; false if there is another.
pub fn observe(observer: &'static dyn Observer) -> bool {
    let ours = OBSERVER.get_or_init(|| observer);
    let is_ours = std::ptr::addr_eq(*ours, observer);
    if is_ours {
        IS_ON.store(true, Ordering::Release);
    }
    is_ours
}

/// Tells the observer nothing any more, until [`observe`] is called again.
pub fn stop_observing() {
    IS_ON.store(false, Ordering::Release);
}

/// The observer, if there is one that wants to know.
#[inline]
fn observer() -> Option<&'static dyn Observer> {
    if IS_ON.load(Ordering::Acquire) { OBSERVER.get().copied() } else { None }
}

/// The observer, and the time.
pub(super) type ToBeTold = (&'static dyn Observer, Instant);

/// The observer, if it wants to be told of what begins now.
#[inline]
pub(super) fn to_be_told() -> Option<ToBeTold> {
    observer().map(|observer| (observer, now()))
}

/// Tells the observer that the current thread has waited.
#[cold]
pub(super) fn tell((observer, since): ToBeTold, key: Key, subject: &Subject, woken: bool) {
    let (ident, address) = (get_ident(), key.address());
    observer.waited(&Waited { ident, subject: *subject, address, since, until: now(), woken });
}

/// How many threads sleep in queues whose waits will be told.
static ASLEEP: AtomicUsize = AtomicUsize::new(0);

/// In the child of a fork, whose one thread does not sleep.
pub(super) fn nobody_sleeps() {
    ASLEEP.store(0, Ordering::Relaxed);
}

/// A thread sleeps in a queue, and its wait will be told.
pub(super) struct Asleep(ToBeTold);

impl Asleep {
    /// `None` if nobody wants to know.
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

/// A thread that is about to wake others, if there is somebody to be told of it, and of their waits.
pub(super) struct Waking(Option<ToBeTold>);

impl Waking {
    #[inline]
    pub(super) fn begin() -> Waking {
        let observer = observer().filter(|_| ASLEEP.load(Ordering::Relaxed) > 0);
        Waking(observer.map(|observer| (observer, now())))
    }

    /// Tells the observer that the current thread has woken so many.
    #[inline]
    pub(super) fn end(self, key: Key, count: usize) {
        if let Some((observer, since)) = self.0
            && count > 0
        {
            observer.woke(key.address(), count, since);
        }
    }
}
