//! The re-entrant lock that guards nothing.

use std::{
    fmt,
    num::NonZeroU64,
    panic::Location,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::{
    door::WaitKind,
    error::{ReleaseError, WaitError},
    floor::{Word, const_new},
    forms::{Blocking, Else},
    lock::{Peek, RawLock},
    named::named,
    number,
    wait::Wait,
};

#[cfg(test)]
mod tests;

/// Python's `RLock`: its holder may acquire it again, and has to release it as often.
///
/// To guard data, use [`RLock<T>`](crate::RLock), whose guard releases by itself.
/// A lock takes 40 bytes, a name included, and allocates nothing. A thread that ends while it holds the lock leaves it locked,
/// as in Python; nobody else is ever taken for that thread, whose number is not given again.
///
/// # Happens-before
///
/// What a thread did before its last release is seen by the next thread that acquires the lock.
///
/// # Differences from Python
///
/// * The holder and the depth are known: [`holder`](Self::holder), [`depth`](Self::depth).
/// * The depth has a limit, 2³² - 1.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::RawRLock;
///
/// let lock = RawRLock::new();
/// lock.acquire();
/// lock.acquire();
/// assert_eq!(lock.depth(), 2);
/// std::thread::scope(|scope| {
///     scope.spawn(|| assert!(lock.release().is_err()));
/// });
/// lock.release()?;
/// lock.release()?;
/// assert!(!lock.is_locked());
/// # Ok::<(), threadwork::ReleaseError>(())
/// ```
pub struct RawRLock {
    lock: RawLock,
    /// The word of the holder, once more: the lock's own is written at each acquisition and release, and to look at it right after that
    /// takes longer. Only the holder writes it; zero while nobody holds the lock, or the holder waits at a condition.
    owner: Word,
    /// How often the holder has acquired it beyond the first time. Only the holder reads it to decide, and only the holder writes it;
    /// zero while nobody holds the lock.
    again: AtomicU32,
}

impl RawRLock {
    const_new! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> RawRLock {
            RawRLock { lock: RawLock::new(), owner: Word::new(0), again: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// A free lock that is handed over in order of arrival.
        #[must_use]
        pub const fn fair() -> RawRLock {
            RawRLock { lock: RawLock::fair(), owner: Word::new(0), again: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// One of the library's own, of which nobody is told.
        pub(crate) const fn internal(name: &'static str) -> RawRLock {
            RawRLock { lock: RawLock::internal(name), owner: Word::new(0), again: AtomicU32::new(0) }
        }
    }

    named!(pub lock: "lock", "waits for");

    /// Whether it is handed over in order of arrival.
    #[must_use]
    pub fn is_fair(&self) -> bool {
        self.lock.is_fair()
    }

    /// Whether somebody holds it; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Whether the current thread holds it.
    #[must_use]
    #[inline]
    pub fn is_owned(&self) -> bool {
        self.is_owned_by(number::current_word())
    }

    /// The number of the thread that holds it, or that ended while it did.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        self.lock.holder()
    }

    /// How often the current thread has acquired it and not released it: zero unless it is the holder.
    #[must_use]
    pub fn depth(&self) -> u32 {
        if self.is_owned() { self.again.load(Ordering::Relaxed) + 1 } else { 0 }
    }

    /// Acquires the lock once more, and waits for it as long as it takes unless the current thread is the holder.
    ///
    /// # Panics
    ///
    /// If the holder acquires it more often than can be counted; the depth stays as it is.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) {
        self.forever();
    }

    /// Acquires the lock if it is free or the current thread is the holder. Returns whether it did.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
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
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
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
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    #[inline]
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.unless(wait)
    }

    /// Takes back one `acquire` of the current thread; the last one frees the lock.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold it; nothing is changed then.
    #[inline]
    pub fn release(&self) -> Result<(), ReleaseError> {
        if !self.is_owned() {
            return Err(ReleaseError::NotHolder);
        }
        self.release_owned()
    }

    /// [`release`](Self::release), by the holder.
    #[inline]
    pub(crate) fn release_owned(&self) -> Result<(), ReleaseError> {
        if self.ends_last_level() { self.lock.release() } else { Ok(()) }
    }

    /// Takes one level of the holder back; true if there is none left, and [`lock`](Self::lock) is to be released.
    #[inline]
    fn ends_last_level(&self) -> bool {
        debug_assert!(self.is_owned(), "a guard stays in its thread");
        let again = self.again.load(Ordering::Relaxed);
        if again > 0 {
            self.again.store(again - 1, Ordering::Relaxed);
        } else {
            self.disown();
        }
        again == 0
    }

    /// Acquires the lock once more if it is free or the current thread is the holder, to show what it guards. Observers of locks are not told.
    pub(crate) fn peek(&self) -> Option<PeekRLock<'_>> {
        let me = number::current_word();
        let taken = if self.is_owned_by(me) {
            self.count_again();
            None
        } else {
            let taken = self.lock.peek()?;
            self.own(me);
            Some(taken)
        };
        Some(PeekRLock { lock: self, taken })
    }

    /// The [`attempt`](Blocking::attempt) of a thread that does not hold the lock. Inlined, an acquire was slower by a tenth between two releases.
    #[inline(never)]
    #[track_caller]
    fn attempt_first(&self, me: usize, or_else: Else) -> bool {
        let acquired = self.lock.attempt_as(WaitKind::RLock, me, or_else);
        if acquired {
            self.own(me);
        }
        acquired
    }

    /// Whether the current thread, whose word is `me`, holds the lock. Nobody else writes that word here.
    #[inline]
    fn is_owned_by(&self, me: usize) -> bool {
        self.owner.load(Ordering::Relaxed) == me
    }

    /// The current thread, whose word is `me`, has acquired the lock.
    #[inline]
    fn own(&self, me: usize) {
        self.owner.store(me, Ordering::Relaxed);
    }

    /// The current thread is about to release the lock.
    #[inline]
    fn disown(&self) {
        self.owner.store(0, Ordering::Relaxed);
    }

    /// One level more for the holder, which is the current thread.
    #[inline]
    #[track_caller]
    fn count_again(&self) {
        let again = self.again.load(Ordering::Relaxed) + 1;
        assert!(again < u32::MAX, "a re-entrant lock is acquired too often by its holder");
        self.again.store(again, Ordering::Relaxed);
    }

    /// The holder, the current thread, is about to release all levels by [`lock`](Self::lock); returns how many there are beyond the first.
    pub(crate) fn suspend(&self) -> u32 {
        self.disown();
        let again = self.again.load(Ordering::Relaxed);
        self.again.store(0, Ordering::Relaxed);
        again
    }

    /// The current thread has acquired [`lock`](Self::lock) again, and with it so many levels beyond the first.
    pub(crate) fn resume(&self, again: u32) {
        self.own(number::current_word());
        self.again.store(again, Ordering::Relaxed);
    }

    pub(crate) fn lock(&self) -> &RawLock {
        &self.lock
    }
}

/// The lock is held until this ends.
#[derive(Debug)]
pub(crate) struct PeekRLock<'a> {
    lock: &'a RawRLock,
    /// Ends last, and only if the current thread did not hold the lock before.
    taken: Option<Peek<'a>>,
}

impl Drop for PeekRLock<'_> {
    fn drop(&mut self) {
        let ends_last_level = self.lock.ends_last_level();
        debug_assert_eq!(ends_last_level, self.taken.is_some(), "guards end in order");
    }
}

impl Blocking for RawRLock {
    type Got = ();

    #[inline]
    fn attempt(&self, or_else: Else) -> Option<()> {
        let me = number::current_word();
        if self.is_owned_by(me) {
            self.count_again();
            return Some(());
        }
        self.attempt_first(me, or_else).then_some(())
    }

    #[cold]
    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        self.lock.acquire_slow(WaitKind::RLock, wait, location)?;
        self.own(number::current_word());
        Ok(())
    }
}

impl Default for RawRLock {
    fn default() -> Self {
        RawRLock::new()
    }
}

impl fmt::Debug for RawRLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depth = if self.is_locked() { self.again.load(Ordering::Relaxed) + 1 } else { 0 };
        f.debug_struct("RawRLock")
            .field("name", &self.name())
            .field("holder", &self.holder())
            .field("depth", &depth)
            .finish()
    }
}
