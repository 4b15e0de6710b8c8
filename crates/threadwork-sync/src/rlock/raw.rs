//! The re-entrant lock that protects no value.

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
    forms::named,
    forms::{Blocking, Else},
    lock::{Peek, RawLock},
    number,
    wait::Wait,
};

mod levels;

#[cfg(test)]
mod tests;

/// Python's `RLock`: its holder can acquire it again, and must release it as many times.
///
/// To protect data, use [`RLock<T>`](crate::RLock), whose guard releases the lock automatically.
/// A lock takes 40 bytes, including the name, and allocates nothing. A thread that ends while it holds the lock leaves it locked,
/// as in Python. Thread numbers are never reused, so no other thread is ever mistaken for that holder.
///
/// # Happens-before
///
/// What a thread did before its last release is seen by the next thread that acquires the lock.
///
/// # Differences from Python
///
/// * The holder and the depth are known: [`holder`](Self::holder), [`depth`](Self::depth).
/// * `_is_owned`, `_recursion_count`, `_release_save` and `_acquire_restore` are [`is_owned`](Self::is_owned), [`depth`](Self::depth),
///   [`release_all`](Self::release_all) and [`acquire_many`](Self::acquire_many).
/// * The depth is limited to 2³² - 1.
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
    /// A second copy of the holder's word: each acquisition and release writes the lock's own word, and reading it right afterwards is slower.
    /// Only the holder writes this copy. Zero while the lock is free, or while the holder waits on a condition.
    // Scenario "the word that is not read after it was written" in docs/architecture.md.
    owner: Word,
    /// How often the holder has acquired the lock beyond the first time. Only the holder writes it, or makes decisions from it.
    /// Zero while the lock is free.
    again: AtomicU32,
}

/// The message of a panic.
const TOO_DEEP: &str =
    "cannot acquire a re-entrant lock more than `u32::MAX` times in one thread; release it first";

impl RawRLock {
    const_new! {
        /// Creates a free lock.
        #[must_use]
        pub const fn new() -> RawRLock {
            RawRLock { lock: RawLock::new(), owner: Word::new(0), again: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// Creates a free lock that is handed over in order of arrival.
        #[must_use]
        pub const fn fair() -> RawRLock {
            RawRLock { lock: RawLock::fair(), owner: Word::new(0), again: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// Creates a free lock for the library's internal use, of which observers are not notified.
        pub(crate) const fn internal(name: &'static str) -> RawRLock {
            RawRLock { lock: RawLock::internal(name), owner: Word::new(0), again: AtomicU32::new(0) }
        }
    }

    named!(pub lock: "lock", "waits for");

    /// Returns `true` if the lock is handed over in order of arrival.
    #[must_use]
    pub fn is_fair(&self) -> bool {
        self.lock.is_fair()
    }

    /// Returns `true` if a thread holds the lock. This may have changed by the time the caller looks at the result.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Returns `true` if the current thread holds the lock.
    #[must_use]
    #[inline]
    pub fn is_owned(&self) -> bool {
        self.is_owned_by(number::current_word())
    }

    /// Returns the number of the thread that holds the lock, or that ended while it held the lock.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        self.lock.holder()
    }

    /// Returns how often the current thread has acquired the lock and not released it: zero unless it is the holder.
    #[must_use]
    pub fn depth(&self) -> u32 {
        if self.is_owned() { self.again.load(Ordering::Relaxed) + 1 } else { 0 }
    }

    // Alike in `RawLock`, with documentation of their own: see `Blocking`.

    /// Acquires the lock, blocking the current thread until the lock is free, unless the current thread is the holder.
    ///
    /// # Panics
    ///
    /// Panics if the current thread already holds the lock 2³² - 1 times; the depth is then unchanged.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) {
        self.forever();
    }

    /// Attempts to acquire the lock without blocking. Returns `true` if the lock was free or the current thread is the holder.
    ///
    /// # Panics
    ///
    /// As for [`acquire`](Self::acquire).
    #[must_use = "the lock may not have been acquired"]
    #[inline]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.at_once().is_some()
    }

    /// Acquires the lock, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
    ///
    /// # Panics
    ///
    /// As for [`acquire`](Self::acquire).
    #[inline]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.within(timeout)
    }

    /// Acquires the lock, blocking the current thread until the lock is free or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first; the lock is then not acquired.
    ///
    /// # Panics
    ///
    /// As for [`acquire`](Self::acquire).
    #[inline]
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.unless(wait)
    }

    /// Undoes one `acquire` of the current thread. The last release frees the lock.
    ///
    /// # Errors
    ///
    /// Returns [`ReleaseError::NotHolder`] if the current thread does not hold the lock; nothing changes then.
    #[inline]
    pub fn release(&self) -> Result<(), ReleaseError> {
        if !self.is_owned() {
            return Err(ReleaseError::NotHolder);
        }
        self.release_owned();
        Ok(())
    }

    /// Like [`release`](Self::release), for a caller that is known to be the holder.
    #[inline]
    pub(crate) fn release_owned(&self) {
        if self.ends_last_level() {
            self.lock.release_held();
        }
    }

    /// Takes back one level of the holder. Returns `true` if no level is left, so that [`lock`](Self::lock) must be released.
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

    /// Acquires the lock, without blocking or notifying observers, to format its value. Returns `None` if another thread holds it.
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

    /// Does the [`attempt`](Blocking::attempt) of a thread that does not hold the lock. When it was inlined, an acquire between
    /// two releases was a tenth slower.
    #[inline(never)]
    #[track_caller]
    fn attempt_first(&self, me: usize, or_else: Else) -> bool {
        let acquired = self.lock.attempt_as(WaitKind::RLock, me, or_else);
        if acquired {
            self.own(me);
        }
        acquired
    }

    /// Returns `true` if the current thread, whose word is `me`, holds the lock. No other thread writes that word here.
    #[inline]
    fn is_owned_by(&self, me: usize) -> bool {
        self.owner.load(Ordering::Relaxed) == me
    }

    /// Records that the current thread, whose word is `me`, acquired the lock.
    #[inline]
    fn own(&self, me: usize) {
        self.owner.store(me, Ordering::Relaxed);
    }

    /// Records that the current thread is about to release the lock.
    #[inline]
    fn disown(&self) {
        self.owner.store(0, Ordering::Relaxed);
    }

    /// Adds one level for the holder, which is the current thread.
    #[inline]
    #[track_caller]
    fn count_again(&self) {
        let again = self.again.load(Ordering::Relaxed) + 1;
        assert!(again < u32::MAX, "{TOO_DEEP}");
        self.again.store(again, Ordering::Relaxed);
    }

    /// Prepares the holder, the current thread, to release all levels by one release of [`lock`](Self::lock).
    /// Returns the number of levels beyond the first.
    pub(crate) fn suspend(&self) -> u32 {
        self.disown();
        let again = self.again.load(Ordering::Relaxed);
        self.again.store(0, Ordering::Relaxed);
        again
    }

    /// Restores `again` levels beyond the first, after the current thread has acquired [`lock`](Self::lock) again.
    pub(crate) fn resume(&self, again: u32) {
        self.own(number::current_word());
        self.again.store(again, Ordering::Relaxed);
    }

    pub(crate) fn lock(&self) -> &RawLock {
        &self.lock
    }
}

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct PeekRLock<'a> {
    lock: &'a RawRLock,
    /// Dropped last. `None` if the current thread already held the lock.
    taken: Option<Peek<'a>>,
}

impl Drop for PeekRLock<'_> {
    fn drop(&mut self) {
        let ends_last_level = self.lock.ends_last_level();
        debug_assert_eq!(ends_last_level, self.taken.is_some(), "guards are dropped in order");
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
