//! The lock that guards nothing.

use std::{fmt, num::NonZeroU64, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::{Key, Label, WaitKind},
    error::{ReleaseError, WaitError},
    floor::{Word, const_new},
    forms::{Blocking, Else},
    lock::probe::{self, Probed, Releasing},
    named::named,
    number,
    wait::Wait,
};

mod acquire;
mod peek;
mod release;

#[cfg(test)]
mod tests;

pub(crate) use self::peek::Peek;

/// Python's `Lock`: acquired by one thread at a time, released by any.
///
/// To guard data, use [`Lock<T>`](crate::Lock), whose guard releases by itself.
/// Acquiring twice in one thread blocks for ever, as in Python; [`waits`](crate::waits) then names the thread as its own holder.
/// A lock takes 24 bytes, a name included, and allocates nothing.
///
/// # Fairness
///
/// A lock barges: a thread that comes when the lock is free takes it, even if others were woken to take it.
/// That is fastest, and a thread can be overtaken any number of times.
/// A [`fair`](Self::fair) lock is handed to the waiting threads first come, first served. A thread that was notified at a condition
/// has come when it was; if its own time is up before it has the lock, it comes anew.
///
/// # Happens-before
///
/// What a thread did before it released the lock is seen by the next thread that acquires it.
///
/// # Differences from Python
///
/// * The holder is known: [`holder`](Self::holder).
/// * A negative timeout cannot be written, one beyond `TIMEOUT_MAX` is no timeout rather than an error.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::RawLock;
///
/// let lock = RawLock::new();
/// lock.acquire();
/// assert!(!lock.try_acquire());
/// std::thread::scope(|scope| {
///     // Any thread may release.
///     scope.spawn(|| lock.release().unwrap());
/// });
/// assert_eq!(
///     lock.release().unwrap_err().to_string(),
///     "cannot release a lock that is not acquired; release it once per acquire",
/// );
/// ```
pub struct RawLock {
    /// The holder's number, shifted by [`number::FLAG_BITS`], and a flag:
    ///
    /// holder | `PARKED` | meaning
    /// -------|----------|--------
    /// 0      | 0        | Free. Threads may be in the queue, if one that was woken from it is about to look again.
    /// 0      | 1        | Does not occur: a release clears the flag, and it is set only where there is a holder.
    /// x      | 0        | Held by x, who owes the queue nothing.
    /// x      | 1        | Held by x, whose release wakes the queue. Cleared before that only with the queue locked.
    word: Word,
    /// Its name, and whether it is fair.
    label: Label,
}

/// Somebody stands in the queue, or is about to.
const PARKED: usize = 1;
const _: () = assert!(PARKED < 1 << number::FLAG_BITS);

impl RawLock {
    const_new! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> RawLock {
            RawLock { word: Word::new(0), label: Label::new(false) }
        }
    }

    const_new! {
        /// A free lock that is handed over in order of arrival.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// use threadwork::{Lock, RawLock};
        ///
        /// static TICKETS: Lock<u32> = Lock::from_raw(RawLock::fair().named("tickets"), 100);
        /// assert!(TICKETS.is_fair());
        /// ```
        #[must_use]
        pub const fn fair() -> RawLock {
            RawLock { word: Word::new(0), label: Label::new(true) }
        }
    }

    const_new! {
        /// One of the library's own, of which nobody is told.
        pub(crate) const fn internal(name: &'static str) -> RawLock {
            RawLock { word: Word::new(0), label: Label::own(name) }
        }
    }

    named!(pub label: "lock", "waits for");

    /// Whether it is handed over in order of arrival.
    #[must_use]
    #[inline]
    pub const fn is_fair(&self) -> bool {
        self.label.is_fair()
    }

    /// Whether somebody holds it; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.holder().is_some()
    }

    /// The number of the thread that acquired it and has not released it.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        number::from_word(self.word.load(Ordering::Relaxed))
    }

    /// Acquires the lock, and waits for it as long as it takes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lock = threadwork::RawLock::new();
    /// lock.acquire();
    /// assert_eq!(lock.holder(), Some(threadwork::get_ident()));
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire(&self) {
        self.forever();
    }

    /// Acquires the lock if it is free. Returns whether it did.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lock = threadwork::RawLock::new();
    /// assert!(lock.try_acquire());
    /// assert!(!lock.try_acquire());
    /// ```
    #[must_use = "the lock may not have been acquired"]
    #[inline]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.at_once().is_some()
    }

    /// Acquires the lock within `timeout`.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{RawLock, WaitError};
    ///
    /// let lock = RawLock::new();
    /// assert_eq!(lock.acquire_timeout(Duration::MAX), Ok(()));
    /// assert_eq!(lock.acquire_timeout(Duration::from_millis(1)), Err(WaitError::TimedOut));
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.within(timeout)
    }

    /// Acquires the lock unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait; the lock is not acquired then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{RawLock, StopSource, Wait, WaitError};
    ///
    /// let (lock, stop) = (RawLock::new(), StopSource::new());
    /// lock.acquire();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert_eq!(lock.acquire_with(&wait), Err(WaitError::Stopped));
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.unless(wait)
    }

    /// Releases the lock, whoever acquired it.
    ///
    /// # Errors
    ///
    /// If nobody holds it; nothing is changed then.
    #[inline]
    pub fn release(&self) -> Result<(), ReleaseError> {
        let told = probe::releases(|| self.releasing());
        let released = self.free();
        told.has_released();
        released
    }

    /// [`release`](Self::release) where no user code may run.
    #[inline]
    pub(crate) fn release_quietly(&self) -> Result<(), ReleaseError> {
        let _ = probe::releases(|| self.releasing());
        self.free()
    }

    /// [`release`](Self::release), of which nobody is told.
    #[inline]
    fn free(&self) -> Result<(), ReleaseError> {
        let key = self.key();
        if self.is_fair() {
            return self.release_in_order();
        }
        // Without a look at the word before, which would take a tenth longer.
        let word = self.word.swap(0, Ordering::Release);
        if word & PARKED != 0 {
            RawLock::wake_one(key);
        }
        if word == 0 { Err(ReleaseError::NotAcquired) } else { Ok(()) }
    }

    /// Releases the lock, whoever acquired it, and hands it to the thread that has waited longest, as a [`fair`](Self::fair) lock does always.
    ///
    /// # Errors
    ///
    /// As [`release`](Self::release).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lock = threadwork::RawLock::new();
    /// lock.acquire();
    /// lock.release_fair()?;
    /// assert!(!lock.is_locked());
    /// # Ok::<(), threadwork::ReleaseError>(())
    /// ```
    pub fn release_fair(&self) -> Result<(), ReleaseError> {
        let told = probe::releases(|| self.releasing());
        let is_waited_for = self.word.load(Ordering::Relaxed) & PARKED != 0;
        let released = if is_waited_for { self.hand_over() } else { self.free() };
        told.has_released();
        released
    }

    /// Acquires the lock if it is free, for the current thread, whose word is `me`.
    #[inline]
    fn take(&self, me: usize) -> bool {
        self.word.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Whether the thread that `thread` names holds the lock. Certain only for the thread itself.
    #[inline]
    pub(crate) fn is_held_by(&self, thread: usize) -> bool {
        self.word.load(Ordering::Relaxed) & !PARKED == thread
    }

    /// The [`attempt`](Blocking::attempt) of a lock, or of what has a lock inside and is of another kind.
    #[inline]
    #[track_caller]
    pub(crate) fn attempt_as(&self, kind: WaitKind, me: usize, or_else: Else) -> bool {
        let acquired = self.take(me);
        if acquired {
            probe::acquired_free(|| self.probed(kind), Location::caller(), or_else);
        }
        acquired
    }

    pub(crate) fn probed(&self, kind: WaitKind) -> Probed<'_> {
        Probed { key: self.key(), kind, label: &self.label }
    }

    fn releasing(&self) -> Releasing<'_> {
        Releasing { label: &self.label, holder: self.holder() }
    }

    /// The queue of who waits for the lock.
    pub(crate) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    /// Somebody is moved to the queue, both of them locked. False if nobody holds the lock: then nobody owes the queue a wake-up.
    pub(crate) fn mark_parked(&self) -> bool {
        let mark = |word| (word & !PARKED != 0).then_some(word | PARKED);
        self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, mark).is_ok()
    }

    /// Somebody was moved to the queue though nobody holds the lock.
    #[cold]
    pub(crate) fn wake_moved(&self) {
        RawLock::wake_one(self.key());
    }

    /// A deadline has taken somebody out of the queue, which is locked.
    pub(crate) fn left_queue(&self, was_last: bool) {
        if was_last {
            self.word.fetch_and(!PARKED, Ordering::Relaxed);
        }
    }
}

impl Blocking for RawLock {
    type Got = ();

    #[inline]
    fn attempt(&self, or_else: Else) -> Option<()> {
        self.attempt_as(WaitKind::Lock, number::current_word(), or_else).then_some(())
    }

    #[inline]
    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        self.acquire_slow(WaitKind::Lock, wait, location)
    }
}

impl Default for RawLock {
    fn default() -> Self {
        RawLock::new()
    }
}

impl fmt::Debug for RawLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawLock")
            .field("name", &self.name())
            .field("holder", &self.holder())
            .finish()
    }
}
