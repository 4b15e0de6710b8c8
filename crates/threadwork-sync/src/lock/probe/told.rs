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

/// An observer of every lock that is acquired, released or dropped. The thread that does it calls the observer.
///
/// The observer must not wait for anything in this crate: a thread that begins to wait on a condition releases the lock
/// while it is in a queue.
// Scenario "the observer that stands in a queue" in docs/architecture.md.
pub trait LockObserver: Sync {
    /// Called after the current thread acquired a lock.
    fn acquired(&self, taken: &LockTaken);

    /// Called before the current thread releases a lock.
    fn releases(&self, lock: &LockReleased);

    /// Called after the current thread released a lock, while it is in no queue: here the observer may call user code.
    fn has_released(&self);

    /// Called when a lock is dropped that was acquired before.
    fn ends(&self, lock: &LockEnded);
}

/// A lock that was acquired.
#[derive(Clone, Copy, Debug)]
pub struct LockTaken {
    /// The lock's number, which no other lock has; `None` if all numbers are used up.
    // Scenario "the lock that takes another's address" in docs/architecture.md.
    pub id: Option<NonZeroU32>,
    /// The lock's address.
    pub address: usize,
    /// The kind of lock.
    pub kind: WaitKind,
    /// The lock's name, if it has one.
    pub name: Option<&'static str>,
    /// The line that acquired the lock.
    pub location: &'static Location<'static>,
    /// How long the thread waited for the lock; `None` if it was free.
    pub waited: Option<Duration>,
    /// Whether the call would have waited if the lock had not been free.
    pub may_wait: bool,
}

/// A lock that is about to be released.
#[derive(Clone, Copy, Debug)]
pub struct LockReleased {
    /// The lock's number.
    pub id: Option<NonZeroU32>,
    /// The number of the thread that acquired the lock, which need not be the one that releases it.
    pub holder: Option<NonZeroU64>,
}

/// A lock that is dropped.
#[derive(Clone, Copy, Debug)]
pub struct LockEnded {
    /// The lock's number.
    pub id: NonZeroU32,
    /// Whether a thread acquired the lock and never released it.
    pub is_held: bool,
}

static OBSERVER: OnceLock<&'static dyn LockObserver> = OnceLock::new();
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Sets the observer of all locks, of which there can be only one. Returns `false` if a different one is already set.
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
