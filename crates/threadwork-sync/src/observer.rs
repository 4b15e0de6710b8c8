//! Who is told of each wait, beside those who look at the records.

use std::{
    num::NonZeroU64,
    panic::Location,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use crate::waiting::WaitKind;

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
    /// What it waited for.
    pub kind: WaitKind,
    /// The name of that, if it has one.
    pub name: Option<&'static str>,
    /// Where that is.
    pub address: usize,
    /// The line that waited.
    pub location: &'static Location<'static>,
    /// When it began.
    pub since: Instant,
    /// When it ended.
    pub until: Instant,
    /// Whether somebody ended it, rather than its deadline.
    pub woken: bool,
    /// The thread whose end it waited for.
    pub thread: Option<NonZeroU64>,
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
pub(crate) fn observer() -> Option<&'static dyn Observer> {
    if IS_ON.load(Ordering::Acquire) { OBSERVER.get().copied() } else { None }
}
