//! The lock that protects no value.

use std::{fmt, num::NonZeroU64, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::{HandOver, Key, Label, WaitKind},
    error::{ReleaseError, WaitError},
    floor::{Word, const_new},
    forms::named,
    forms::{Blocking, Else},
    lock::probe::{self, Probed, Releasing},
    number,
    wait::Wait,
};

mod acquire;
mod peek;
mod release;

#[cfg(test)]
mod tests;

pub(crate) use self::peek::Peek;

/// Python's `Lock`: held by one thread at a time, and released by any thread.
///
/// To protect data, use [`Lock<T>`](crate::Lock), whose guard releases the lock automatically.
/// A thread that acquires a lock it already holds blocks forever, as in Python; [`waits`](crate::waits) then lists the thread as its own
/// holder. A lock takes 24 bytes, including the name, and allocates nothing.
///
/// # Fairness
///
/// By default, threads may barge: a thread that finds the lock free takes it, even if a waiter has been woken to take it.
/// This is the fastest policy, and no waiter starves: a waiter that is overtaken keeps its turn, and about once in a millisecond a release
/// hands the lock to the thread that has waited longest. So a thread behind `n` others waits for about `n` milliseconds at most, unless
/// one of them holds the lock for longer than that, or the system does not let them run.
/// A [`fair`](Self::fair) lock is handed to the waiters first come, first served. A thread that is notified at a condition counts
/// as arriving at the lock when it is notified. If its timeout expires before it gets the lock, it loses that place and arrives again.
///
/// # How it is freed
///
/// On Linux the guard of a [`Lock`](crate::Lock) or an [`RLock`](crate::RLock), a [`RawRLock`](crate::RawRLock), the writer of an
/// [`RwLock`](crate::RwLock) and the wrappers of `lock_api` free a lock by a plain store while nobody waits for it. That saves about half
/// of what it costs to acquire and release a free lock. The first thread or task that waits pays for it: it makes the system execute a
/// memory barrier on each processor that runs the process (`membarrier`), which interrupts it for about a microsecond. From then on the
/// lock is freed by an atomic exchange, until nobody has waited for some time, so one lock causes at most a thousand barriers a second. A
/// fair lock is always freed by an exchange, as is one that is released by [`release`](Self::release), which has to tell an error.
///
/// If the environment variable `THREADWORK_MEMBARRIER` is `off`, all locks are freed by an exchange. The process reads it once, at the
/// first time when a lock could be freed by a store, so it is set before the program starts: later changes have no effect. Nothing is
/// freed by a store on other systems, before Linux 4.14, and in a sandbox that answers the system call with an error. If the sandbox
/// begins later, locks that are freed by a store stay correct: the first waiter of each waits for a millisecond longer, and no lock goes
/// back to stores. A sandbox that ends a process at an unexpected call must allow `membarrier`, or the switch must be off.
///
/// # Happens-before
///
/// What a thread did before it released the lock is seen by the next thread that acquires it.
///
/// # Differences from Python
///
/// * The holder is known: [`holder`](Self::holder).
/// * A timeout cannot be negative. A timeout beyond `TIMEOUT_MAX` means no timeout and is not an error.
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
///     // Any thread can release the lock.
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
    /// 0      | 0        | Free. Waiters may be in the queue if a thread that was woken from it is about to look again.
    /// 0      | 1        | Free. A release has woken no thread, and tasks are in the queue: whoever acquires the lock keeps the flag for them.
    /// x      | 0        | Held by x, whose release wakes no thread.
    /// x      | 1        | Held by x, whose release wakes a waiter. Cleared earlier only with the queue locked.
    word: Word,
    /// The name, and whether the lock is fair.
    label: Label,
}

/// A thread or a task is in the queue, or is about to enter it.
const PARKED: usize = 1;
const _: () = assert!(PARKED < 1 << number::FLAG_BITS);

impl RawLock {
    const_new! {
        /// Creates a free lock.
        #[must_use]
        pub const fn new() -> RawLock {
            RawLock { word: Word::new(0), label: Label::new(false) }
        }
    }

    const_new! {
        /// Creates a free lock that is handed over in order of arrival.
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
        /// Creates a free lock for the library's internal use, of which observers are not notified.
        #[inline]
        pub(crate) const fn internal(name: &'static str) -> RawLock {
            RawLock { word: Word::new(0), label: Label::own(name) }
        }
    }

    named!(pub label: "lock", "waits for");

    /// Returns `true` if the lock is handed over in order of arrival.
    #[must_use]
    #[inline]
    pub const fn is_fair(&self) -> bool {
        self.label.is_fair()
    }

    /// Returns `true` if a thread holds the lock. This may have changed by the time the caller looks at the result.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.holder().is_some()
    }

    /// Returns the number of the thread that acquired the lock and has not released it.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        number::from_word(self.word.load(Ordering::Relaxed))
    }

    /// Returns `true` if the current thread has acquired the lock, and no thread has released it since.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.is_held_by(number::current_word())
    }

    /// Acquires the lock, blocking the current thread until it is free.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lock = threadwork::RawLock::new();
    /// lock.acquire();
    /// assert!(lock.is_owned());
    /// assert_eq!(lock.holder(), Some(threadwork::get_ident()));
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire(&self) {
        self.forever();
    }

    /// Attempts to acquire the lock without blocking. Returns `true` if the lock was acquired.
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

    /// Acquires the lock, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
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

    /// Acquires the lock, blocking the current thread until the lock is free or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first; the lock is then not acquired.
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

    /// Releases the lock, no matter which thread acquired it.
    ///
    /// # Errors
    ///
    /// Returns [`ReleaseError::NotAcquired`] if no thread holds the lock; nothing changes then.
    #[inline]
    pub fn release(&self) -> Result<(), ReleaseError> {
        let told = probe::releases(|| self.releasing());
        let released = self.free();
        told.has_released();
        released
    }

    /// Like [`release`](Self::release), but the observer is not notified after the release. The thread may be in a queue: of the user's code,
    /// only the wakers of tasks run.
    // Scenario "the observer that stands in a queue" in docs/architecture.md.
    #[inline]
    pub(crate) fn release_quietly(&self) -> Result<(), ReleaseError> {
        let _ = probe::releases(|| self.releasing());
        self.free()
    }

    /// Releases the lock for its holder: the caller knows that the lock is held, and that nobody else releases it.
    #[inline]
    pub(crate) fn release_held(&self) {
        let told = probe::releases(|| self.releasing());
        self.free_held();
        told.has_released();
    }

    /// Releases the lock, no matter which thread acquired it, and hands it to the thread that has waited longest.
    ///
    /// A [`fair`](Self::fair) lock is always released in this way.
    ///
    /// # Errors
    ///
    /// As for [`release`](Self::release).
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
        let released = if is_waited_for { self.hand_over(HandOver::Always) } else { self.free() };
        told.has_released();
        released
    }

    /// Acquires the lock for the current thread, whose word is `me`, if the lock is free.
    #[inline]
    fn take(&self, me: usize) -> bool {
        self.word.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Returns `true` if the thread with the word `thread` holds the lock. The result is reliable only if that is the current thread.
    #[inline]
    pub(crate) fn is_held_by(&self, thread: usize) -> bool {
        self.word.load(Ordering::Relaxed) & !PARKED == thread
    }

    /// Does the [`attempt`](Blocking::attempt) of this lock, or of an object of another kind that contains it.
    #[inline]
    #[track_caller]
    pub(crate) fn attempt_as(&self, kind: WaitKind, me: usize, or_else: Else) -> bool {
        // A thread that would wait looks again before it does, and acquires a free lock whoever waits for it.
        let acquired = self.take(me) || or_else == Else::GiveUp && self.take_from_tasks(me);
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

    /// The key of the queue of threads that wait for the lock.
    pub(crate) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    /// Prepares the lock for waiters that are moved to its queue, with both queues locked. Returns `false` if no thread holds the lock: then
    /// no release will wake them.
    pub(crate) fn receive_waiters(&self) -> bool {
        self.label.freed_by.must_swap(self.key());
        self.mark_parked()
    }

    /// Sets `PARKED` because somebody is about to wait. Returns `false` if no thread holds the lock.
    pub(crate) fn mark_parked(&self) -> bool {
        let mark = |word| (word & !PARKED != 0).then_some(word | PARKED);
        self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, mark).is_ok()
    }

    /// Wakes a waiter that was moved to the queue although no thread holds the lock.
    #[cold]
    pub(crate) fn wake_moved(&self) {
        self.wake_one();
    }

    /// Clears `PARKED` if the queue is now empty, because its last thread or task has left. The queue is locked.
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
