//! The latch: threads wait until so many things have happened.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::{self, Holder, Key, Subject, Token, WaitKind},
    error::{ArriveError, ReleaseError, WaitError},
    floor::{Kept, Word, const_new},
    forms::{Blocking, Else},
    named::named,
    wait::Wait,
};

/// A count that goes down to zero, once, and threads that wait for it: C++20's `latch`, Java's `CountDownLatch`.
///
/// It takes 24 bytes, a name included, and allocates nothing.
///
/// # Happens-before
///
/// What a thread did before it counted down is seen by every thread that has waited for zero.
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
    /// The count, shifted past the flag `PARKED`: somebody stands in the queue, or is about to.
    word: Word,
    name: Kept<Option<&'static str>>,
}

const PARKED: usize = 1;
const SHIFT: u32 = 1;

impl Latch {
    /// The most that can be counted.
    pub const MAX_COUNT: usize = usize::MAX >> SHIFT;

    const_new! {
        /// A latch that waits for `count` things to happen.
        ///
        /// # Panics
        ///
        /// If there are more than [`MAX_COUNT`](Self::MAX_COUNT).
        #[must_use]
        pub const fn new(count: usize) -> Latch {
            assert!(count <= Latch::MAX_COUNT, "a latch cannot count so many; make it for `Latch::MAX_COUNT` at most");
            Latch { word: Word::new(count << SHIFT), name: Kept::new(None) }
        }
    }

    named!(pub name: "latch", "waits for");

    /// How many things have not happened yet.
    #[must_use]
    pub fn count(&self) -> usize {
        self.word.load(Ordering::Acquire) >> SHIFT
    }

    /// Says that `n` things have happened. At zero all threads that wait go on. That none has happened changes nothing, and is no error.
    ///
    /// # Errors
    ///
    /// If that is more than there are left to happen; nothing is changed then.
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
        // A thread that sees zero may free the latch: from here on there is only the address.
        door::unpark_all(key, Token::RETRY);
        Ok(())
    }

    /// Waits for zero.
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        self.forever();
    }

    /// Whether the count is zero.
    #[must_use]
    #[inline]
    pub fn try_wait(&self) -> bool {
        self.count() == 0
    }

    /// Waits for zero, at most for `timeout`.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`].
    #[inline]
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.within(timeout)
    }

    /// Waits for zero unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    #[inline]
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.unless(wait)
    }

    /// Counts down by one and waits for zero.
    ///
    /// # Errors
    ///
    /// If the count was zero; the thread does not wait then.
    #[track_caller]
    pub fn arrive_and_wait(&self) -> Result<(), ReleaseError> {
        self.count_down(1)?;
        self.wait();
        Ok(())
    }

    /// Counts down by one and waits for zero, at most for `timeout`. What is counted stays counted.
    ///
    /// # Errors
    ///
    /// [`CountDown`](ArriveError::CountDown) if the count was zero, else [`WaitError::TimedOut`] as [`Wait`](ArriveError::Wait).
    #[track_caller]
    pub fn arrive_and_wait_timeout(&self, timeout: Duration) -> Result<(), ArriveError> {
        self.count_down(1)?;
        Ok(self.within(timeout)?)
    }

    /// Counts down by one and waits for zero unless `wait` ends first. What is counted stays counted.
    ///
    /// # Errors
    ///
    /// [`CountDown`](ArriveError::CountDown) if the count was zero, else what ended the wait as [`Wait`](ArriveError::Wait).
    #[track_caller]
    pub fn arrive_and_wait_with(&self, wait: &Wait) -> Result<(), ArriveError> {
        self.count_down(1)?;
        Ok(self.unless(wait)?)
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
        let subject =
            Subject { kind: WaitKind::Latch, name: self.name(), holder: Holder::Nobody, location };
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

impl fmt::Debug for Latch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch").field("name", &self.name).field("count", &self.count()).finish()
    }
}
