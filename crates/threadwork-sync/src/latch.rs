//! The latch: threads wait until a count reaches zero.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    awaiting::{Awaited, future},
    door::{self, Holder, Key, Subject, TaskPlace, Token, WaitKind},
    error::{ArriveError, ReleaseError, WaitError},
    floor::{Kept, Word, const_new},
    forms::named,
    forms::{Blocking, Else},
    wait::Wait,
};

/// A count that goes down to zero once, and that threads can wait for: C++20's `latch`, Java's `CountDownLatch`.
///
/// It takes 24 bytes, including the name, and allocates nothing.
///
/// # Happens-before
///
/// What a thread did before it counted down is seen by every thread that has waited until the count was zero.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::Latch;
///
/// let ready = Latch::new(3);
/// std::thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| ready.count_down(1).unwrap());
///     }
///     ready.wait();
/// });
/// assert_eq!(ready.count(), 0);
/// assert!(ready.count_down(1).is_err());
/// ```
pub struct Latch {
    /// The count, shifted past the flag `PARKED`: a thread is in the queue, or is about to enter it.
    word: Word,
    name: Kept<Option<&'static str>>,
}

const PARKED: usize = 1;
const SHIFT: u32 = 1;

impl Latch {
    /// The largest possible count.
    pub const MAX_COUNT: usize = usize::MAX >> SHIFT;

    const_new! {
        /// Creates a latch with the given count.
        ///
        /// # Panics
        ///
        /// Panics if `count` is greater than [`MAX_COUNT`](Self::MAX_COUNT).
        #[must_use]
        pub const fn new(count: usize) -> Latch {
            assert!(count <= Latch::MAX_COUNT, "cannot create a latch with a count above `Latch::MAX_COUNT`; use a smaller count");
            Latch { word: Word::new(count << SHIFT), name: Kept::new(None) }
        }
    }

    named!(pub name: "latch", "waits for");

    /// Returns the remaining count.
    #[must_use]
    pub fn count(&self) -> usize {
        self.word.load(Ordering::Acquire) >> SHIFT
    }

    /// Decreases the count by `n`. At zero, all waiting threads are released. `n = 0` is allowed and has no effect.
    ///
    /// # Errors
    ///
    /// Returns [`ReleaseError::BelowZero`] if `n` is greater than the remaining count, which is then unchanged.
    pub fn count_down(&self, n: usize) -> Result<(), ReleaseError> {
        let key = Key::of(&self.word);
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let left = (word >> SHIFT).checked_sub(n).ok_or(ReleaseError::BelowZero)?;
            let parked = if left == 0 { 0 } else { word & PARKED };
            let new = left << SHIFT | parked;
            match self.word.compare_exchange_weak(word, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) if left == 0 && word & PARKED != 0 => break,
                Ok(_) => return Ok(()),
                Err(changed) => word = changed,
            }
        }
        // A thread that sees zero may free the latch, so use only the address from here on.
        // Scenario "the lock that is freed by its next owner" in docs/architecture.md.
        door::unpark_all(key, Token::RETRY);
        Ok(())
    }

    /// Blocks the current thread until the count is zero.
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        self.forever();
    }

    /// Returns `true` if the count is zero.
    #[must_use]
    #[inline]
    pub fn try_wait(&self) -> bool {
        self.count() == 0
    }

    /// Blocks the current thread until the count is zero, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
    #[inline]
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.within(timeout)
    }

    /// Blocks the current thread until the count is zero or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    #[inline]
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.unless(wait)
    }

    /// Waits until the count is zero, as a task of an async program.
    ///
    /// A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    /// To arrive as well, call [`count_down`](Self::count_down) first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// # use std::{pin::pin, task::{Context, Poll, Waker}};
    /// use std::future::Future;
    /// use threadwork::Latch;
    ///
    /// let latch = Latch::new(1);
    /// let mut wait = pin!(latch.wait_async());
    /// # let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(wait.as_mut().poll(&mut context), Poll::Pending);
    /// latch.count_down(1)?;
    /// assert_eq!(wait.as_mut().poll(&mut context), Poll::Ready(()));
    /// # Ok::<(), threadwork::ReleaseError>(())
    /// ```
    #[track_caller]
    pub fn wait_async(&self) -> LatchWait<'_> {
        LatchWait::of(Zero { latch: self, location: Location::caller() })
    }

    fn subject(&self, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::Latch, name: self.name(), holder: Holder::Nobody, location }
    }

    /// Decreases the count by one, and blocks the current thread until it is zero.
    ///
    /// # Errors
    ///
    /// Returns [`ReleaseError::BelowZero`] immediately if the count was already zero.
    #[track_caller]
    pub fn arrive_and_wait(&self) -> Result<(), ReleaseError> {
        self.count_down(1)?;
        self.wait();
        Ok(())
    }

    /// Decreases the count by one, and blocks the current thread until it is zero, for at most `timeout`. A timeout does not undo the decrease.
    ///
    /// # Errors
    ///
    /// Returns [`CountDown`](ArriveError::CountDown) immediately if the count was already zero, and [`Wait`](ArriveError::Wait) with
    /// [`WaitError::TimedOut`] if the timeout expires first.
    #[track_caller]
    pub fn arrive_and_wait_timeout(&self, timeout: Duration) -> Result<(), ArriveError> {
        self.count_down(1)?;
        Ok(self.within(timeout)?)
    }

    /// Decreases the count by one, and blocks the current thread until it is zero or `wait` ends. The end of `wait` does not undo the decrease.
    ///
    /// # Errors
    ///
    /// Returns [`CountDown`](ArriveError::CountDown) immediately if the count was already zero, and [`Wait`](ArriveError::Wait) with
    /// [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    #[track_caller]
    pub fn arrive_and_wait_with(&self, wait: &Wait) -> Result<(), ArriveError> {
        self.count_down(1)?;
        Ok(self.unless(wait)?)
    }
}

/// What a thread that watches the latch beside other objects needs.
impl Latch {
    pub(crate) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    /// Makes the last arrival visit the queue. If the count is zero, the caller looks again instead of waiting.
    pub(crate) fn announce(&self) {
        let parked = |word: usize| (word >> SHIFT != 0).then_some(word | PARKED);
        // It is not stored if the count is zero.
        let _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, parked);
    }
}

impl Blocking for Latch {
    type Got = ();

    #[inline]
    fn attempt(&self, _: Else) -> Option<()> {
        self.try_wait().then_some(())
    }

    #[cold]
    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        let subject = self.subject(location);
        let key = Key::of(&self.word);
        loop {
            let word = self.word.load(Ordering::Acquire);
            if word >> SHIFT == 0 {
                return Ok(());
            }
            wait.check_time()?;
            let parked = word | PARKED;
            if word != parked
                && self
                    .word
                    .compare_exchange(word, parked, Ordering::Relaxed, Ordering::Relaxed)
                    .is_err()
            {
                continue;
            }
            let validate = || self.word.load(Ordering::Relaxed) >> SHIFT != 0;
            if let Err(error) = wait.park(key, &subject, validate, |_, _| ())
                && !self.try_wait()
            {
                return Err(error);
            }
        }
    }
}

/// The wait of a task.
struct Zero<'a> {
    latch: &'a Latch,
    location: &'static Location<'static>,
}

impl Awaited for Zero<'_> {
    type Got = ();

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<()> {
        self.latch.try_wait().then_some(())
    }

    fn key(&self) -> Key {
        Key::of(&self.latch.word)
    }

    fn subject(&self) -> Subject {
        self.latch.subject(self.location)
    }

    fn announce(&self) -> bool {
        let park = |word: usize| (word >> SHIFT != 0).then_some(word | PARKED);
        self.latch.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, park).is_ok()
    }

    fn must_wait(&self) -> bool {
        self.latch.word.load(Ordering::Relaxed) >> SHIFT != 0
    }
}

future! {
    /// The future of [`Latch::wait_async`].
    LatchWait<'a> of Zero<'a> => ();
}

impl fmt::Debug for Latch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch").field("name", &self.name).field("count", &self.count()).finish()
    }
}
