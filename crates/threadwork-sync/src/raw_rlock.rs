//! The re-entrant lock that guards nothing.

use std::{
    fmt,
    num::NonZeroU64,
    panic::Location,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::{
    error::{ReleaseError, WaitError},
    ident,
    park::const_new,
    raw_lock::RawLock,
    wait::Wait,
    waiting::WaitKind,
};

#[cfg(test)]
mod tests;

/// Python's `RLock`: its holder may acquire it again, and has to release it as often.
///
/// To guard data, use [`RLock<T>`](crate::RLock), whose guard releases by itself.
/// A lock takes 32 bytes, a name included, and allocates nothing. A thread that ends while it holds the lock leaves it locked,
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
    /// How often the holder has acquired it beyond the first time. Only the holder reads it to decide, and only the holder writes it;
    /// zero while nobody holds the lock.
    again: AtomicU32,
}

impl RawRLock {
    const_new! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> RawRLock {
            RawRLock { lock: RawLock::new(), again: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// A free lock that is handed over in order of arrival.
        #[must_use]
        pub const fn fair() -> RawRLock {
            RawRLock { lock: RawLock::fair(), again: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// The same lock with a name, which is shown where somebody waits for it.
        #[must_use]
        pub const fn named(self, name: &'static str) -> RawRLock {
            RawRLock { lock: self.lock.named(name), again: self.again }
        }
    }

    /// The name, if it was given one.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.lock.name()
    }

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
        self.lock.is_held_by(ident::current_word())
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
        let me = ident::current_word();
        if self.lock.is_held_by(me) {
            self.count_again();
        } else {
            self.lock.acquire_as(WaitKind::RLock, me);
        }
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
        let held = self.is_owned();
        if held {
            self.count_again();
        }
        held || self.lock.try_acquire()
    }

    /// Acquires the lock within `timeout`. Returns whether it did.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    #[must_use = "the lock may not have been acquired"]
    #[inline]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> bool {
        self.try_acquire() || self.acquire_with(&Wait::timeout(timeout)).is_ok()
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
        if self.try_acquire() {
            return Ok(());
        }
        self.lock.acquire_slow(WaitKind::RLock, wait, Location::caller())
    }

    /// Takes back one `acquire` of the current thread; the last one frees the lock.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold it; nothing is changed then.
    #[inline]
    pub fn release(&self) -> Result<(), ReleaseError> {
        let me = ident::current_word();
        if !self.lock.is_held_by(me) {
            return Err(ReleaseError::NotHolder);
        }
        let again = self.again.load(Ordering::Relaxed);
        if again > 0 {
            self.again.store(again - 1, Ordering::Relaxed);
            return Ok(());
        }
        self.lock.release()
    }

    /// One level more for the holder, which is the current thread.
    #[inline]
    #[track_caller]
    fn count_again(&self) {
        let again = self.again.load(Ordering::Relaxed) + 1;
        assert!(again < u32::MAX, "a re-entrant lock is acquired too often by its holder");
        self.again.store(again, Ordering::Relaxed);
    }

    /// Sets how often the holder, the current thread, has acquired the lock beyond the first time; returns what it was.
    pub(crate) fn replace_again(&self, again: u32) -> u32 {
        let before = self.again.load(Ordering::Relaxed);
        self.again.store(again, Ordering::Relaxed);
        before
    }

    pub(crate) fn lock(&self) -> &RawLock {
        &self.lock
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
