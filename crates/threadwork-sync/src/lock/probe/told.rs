//! The observer of locks.

use std::{
    num::{NonZeroU32, NonZeroU64},
    panic::Location,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    door::{Label, WaitKind},
    floor,
    forms::Else,
    lock::probe::terms::{Probed, Releasing, Since, Told},
};

/// Is told of every lock that is acquired, released and dropped, by the thread that does it.
///
/// It may not wait for anything of this crate: a thread that is about to wait at a condition releases the lock while it stands in a queue.
pub trait LockObserver: Sync {
    /// The current thread has acquired a lock.
    fn acquired(&self, taken: &LockTaken);

    /// The current thread is about to release a lock.
    fn releases(&self, lock: &LockReleased);

    /// The current thread has released a lock, and stands in no queue: here the observer may call user code.
    fn has_released(&self);

    /// A lock is dropped that was acquired before.
    fn ends(&self, lock: &LockEnded);
}

/// A lock that was acquired.
#[derive(Clone, Copy, Debug)]
pub struct LockTaken {
    /// The number that no other lock has; `None` if all are used up.
    pub id: Option<NonZeroU32>,
    /// Where it is.
    pub address: usize,
    /// What kind of lock it is.
    pub kind: WaitKind,
    /// Its name, if it has one.
    pub name: Option<&'static str>,
    /// The line that has acquired it.
    pub location: &'static Location<'static>,
    /// For how long it was waited for; `None` if it was free.
    pub waited: Option<Duration>,
    /// Whether it would have been waited for if it had not been free.
    pub may_wait: bool,
}

/// A lock that is about to be released.
#[derive(Clone, Copy, Debug)]
pub struct LockReleased {
    /// Its number.
    pub id: Option<NonZeroU32>,
    /// The number of the thread that has acquired it, which need not be the one that releases it.
    pub holder: Option<NonZeroU64>,
}

/// A lock that is dropped.
#[derive(Clone, Copy, Debug)]
pub struct LockEnded {
    /// Its number.
    pub id: NonZeroU32,
    /// Whether some thread has acquired it, and will never release it.
    pub is_held: bool,
}

static OBSERVER: OnceLock<&'static dyn LockObserver> = OnceLock::new();
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Makes this the observer of all locks, of which there is one; false if there is another.
pub fn observe_locks(observer: &'static dyn LockObserver) -> bool {
    let is_ours = std::ptr::addr_eq(*OBSERVER.get_or_init(|| observer), observer);
    if is_ours {
        IS_ON.store(true, Ordering::Release);
    }
    is_ours
}

#[inline]
fn observer() -> Option<&'static dyn LockObserver> {
    if IS_ON.load(Ordering::Acquire) { OBSERVER.get().copied() } else { None }
}

pub(super) fn since() -> Since {
    Since(observer().map(|_| floor::now()))
}

#[inline]
pub(super) fn acquired<'a>(
    lock: impl FnOnce() -> Probed<'a>,
    location: &'static Location<'static>,
    since: Since,
    or_else: Else,
) {
    let Some(observer) = observer() else { return };
    let Probed { key, kind, label } = lock();
    if label.is_own() {
        return;
    }
    observer.acquired(&LockTaken {
        id: label.id(),
        address: key.address(),
        kind,
        name: label.name(),
        location,
        waited: since.0.map(|since| floor::now().saturating_duration_since(since)),
        may_wait: or_else == Else::Wait,
    });
}

#[inline]
pub(super) fn releases<'a>(lock: impl FnOnce() -> Releasing<'a>) -> Told {
    let Some(observer) = observer() else { return Told(false) };
    let Releasing { label, holder } = lock();
    if label.is_own() {
        return Told(false);
    }
    observer.releases(&LockReleased { id: label.id(), holder });
    Told(true)
}

#[inline]
pub(super) fn has_released(Told(is_told): Told) {
    if is_told && let Some(observer) = observer() {
        observer.has_released();
    }
}

pub(super) fn ends(label: &mut Label, is_held: bool) {
    if let Some(observer) = observer()
        && let Some(id) = label.id_if_asked()
        && !label.is_own()
    {
        observer.ends(&LockEnded { id, is_held });
    }
}
