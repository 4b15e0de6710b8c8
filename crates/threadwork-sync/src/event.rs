//! The event: threads wait until it is set.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::{self, Holder, Key, Subject, Token, WaitKind},
    error::WaitError,
    floor::{Kept, Word, const_new},
    forms::{Blocking, Else},
    named::named,
    wait::Wait,
};

#[cfg(test)]
mod tests;

/// An event that any number of threads can wait for.
///
/// It takes 24 bytes, including the name, and allocates nothing; [`is_set`](Self::is_set) is a single load.
///
/// # Happens-before
///
/// What a thread did before it called [`set`](Self::set) is seen by every thread whose wait then ends, or for which `is_set` returns `true`.
///
/// # Differences from Python
///
/// * [`wait`](Self::wait) without a timeout returns nothing, because it has only one possible result.
/// * A `wait` that begins after `set` and `clear` blocks, but a thread that was already waiting at the `set` is released, as in Python.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{Event, WaitError};
///
/// static READY: Event = Event::new();
///
/// assert_eq!(READY.wait_timeout(Duration::ZERO), Err(WaitError::TimedOut));
/// std::thread::scope(|scope| {
///     scope.spawn(|| READY.set());
///     READY.wait();
/// });
/// assert!(READY.is_set());
/// ```
pub struct Event {
    /// How often the event changed from clear to set, shifted past two flags:
    ///
    /// `SET` | `PARKED` | meaning
    /// ------|----------|--------
    /// 0     | 0        | Clear; no thread waits.
    /// 0     | 1        | Clear; threads are in the queue or about to enter it.
    /// 1     | 0        | Set; no thread waits.
    /// 1     | 1        | Does not occur.
    ///
    /// A waiter waits for the count to change, so a `clear` does not hide the `set` before it.
    word: Word,
    name: Kept<Option<&'static str>>,
}

const PARKED: usize = 1;
const SET: usize = 2;
const ONE: usize = 4;
const COUNT: usize = !(PARKED | SET);

impl Event {
    const_new! {
        /// Creates an event that is not set.
        #[must_use]
        pub const fn new() -> Event {
            Event { word: Word::new(0), name: Kept::new(None) }
        }
    }

    named!(pub name: "event", "waits for");

    /// Returns `true` if the event is set.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let event = threadwork::Event::new();
    /// assert!(!event.is_set());
    /// event.set();
    /// assert!(event.is_set());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_set(&self) -> bool {
        self.word.load(Ordering::Acquire) & SET != 0
    }

    /// Sets the event and wakes all threads that wait for it. Setting it again has no effect.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let event = threadwork::Event::new();
    /// event.set();
    /// event.set();
    /// assert!(event.is_set());
    /// ```
    pub fn set(&self) {
        let key = Key::of(&self.word);
        // Write the word even if the event is already set. Otherwise `x = 1; set()` could be overtaken by `clear(); read x` in another
        // thread, which would then see neither the new value nor, afterwards, a set event.
        let set = |word: usize| {
            Some(if word & SET != 0 { word } else { (word & COUNT).wrapping_add(ONE) | SET })
        };
        let before = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, set)
            .unwrap_or_else(|word| word);
        // A thread that sees the event set may free it, so use only the address from here on.
        // Scenario "the lock that is freed by its next owner" in docs/architecture.md.
        if before & PARKED != 0 {
            door::unpark_all(key, Token::RETRY);
        }
    }

    /// Clears the event: new waits block from now on. Threads that were already waiting at the last [`set`](Self::set) are still released.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let event = threadwork::Event::new();
    /// event.set();
    /// event.clear();
    /// assert!(!event.is_set());
    /// ```
    pub fn clear(&self) {
        self.word.fetch_and(!SET, Ordering::AcqRel);
    }

    /// Blocks the current thread until the event is set.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let event = threadwork::Event::new();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| event.set());
    ///     event.wait();
    /// });
    /// ```
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        self.forever();
    }

    /// Blocks the current thread until the event is set, for at most `timeout`.
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
    /// use threadwork::{Event, WaitError};
    ///
    /// let event = Event::new();
    /// assert_eq!(event.wait_timeout(Duration::from_millis(1)), Err(WaitError::TimedOut));
    /// event.set();
    /// assert_eq!(event.wait_timeout(Duration::ZERO), Ok(()));
    /// ```
    #[inline]
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.within(timeout)
    }

    /// Blocks the current thread until the event is set or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{Event, StopSource, Wait, WaitError};
    ///
    /// let (event, stop) = (Event::new(), StopSource::new());
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| stop.request_stop());
    ///     assert_eq!(event.wait_with(&wait), Err(WaitError::Stopped));
    /// });
    /// ```
    #[inline]
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.unless(wait)
    }

    /// Like [`wait_with`](Self::wait_with), but with the given record: for objects that are built on an event.
    ///
    /// # Errors
    ///
    /// As for [`wait_with`](Self::wait_with).
    #[doc(hidden)]
    #[inline]
    pub fn wait_as(&self, subject: &Subject, wait: &Wait) -> Result<(), WaitError> {
        if self.is_set() { Ok(()) } else { self.wait_slow(wait, subject) }
    }

    #[cold]
    fn wait_slow(&self, wait: &Wait, subject: &Subject) -> Result<(), WaitError> {
        let mut word = self.word.load(Ordering::Acquire);
        let count = word & COUNT;
        let happened = |word: usize| word & SET != 0 || word & COUNT != count;
        loop {
            if happened(word) {
                return Ok(());
            }
            wait.check_time()?;
            let parked = word | PARKED;
            if let Err(changed) =
                self.word.compare_exchange(word, parked, Ordering::Relaxed, Ordering::Acquire)
            {
                word = changed;
                continue;
            }
            let validate = || self.word.load(Ordering::Relaxed) == parked;
            // A thread that times out or is stopped leaves `PARKED` set; the next `set` then finds the queue empty.
            let ended = wait.park(Key::of(&self.word), subject, validate, |_, _| ());
            word = self.word.load(Ordering::Acquire);
            // If the event was set in the meantime, the wait succeeds, even if it was also stopped or timed out.
            // Scenario "the stop that meets a wake-up" in docs/architecture.md.
            match ended {
                Err(error) if !happened(word) => return Err(error),
                _ => (),
            }
        }
    }
}

/// What a thread that watches the event beside other objects needs.
impl Event {
    pub(crate) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    /// Returns how often the event was set after it was clear.
    pub(crate) fn count(&self) -> usize {
        self.word.load(Ordering::Acquire) & COUNT
    }

    /// Returns `true` if the event is set, or was set since the count was `count`.
    pub(crate) fn has_happened(&self, count: usize) -> bool {
        let word = self.word.load(Ordering::Acquire);
        word & SET != 0 || word & COUNT != count
    }

    /// Makes the next `set` visit the queue. If the event is set, the caller looks again instead of waiting.
    pub(crate) fn announce(&self) {
        let parked = |word: usize| (word & (SET | PARKED) == 0).then_some(word | PARKED);
        // It is not stored if the event is set, or if the flag is.
        let _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, parked);
    }

    /// Returns `true` if the event was not set since the count was `count`, and the next `set` visits the queue. The queue is locked.
    pub(crate) fn is_awaited(&self, count: usize) -> bool {
        let word = self.word.load(Ordering::Relaxed);
        word & (SET | PARKED) == PARKED && word & COUNT == count
    }
}

impl Blocking for Event {
    type Got = ();

    #[inline]
    fn attempt(&self, _: Else) -> Option<()> {
        self.is_set().then_some(())
    }

    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        let subject =
            Subject { kind: WaitKind::Event, name: self.name(), holder: Holder::Nobody, location };
        self.wait_slow(wait, &subject)
    }
}

impl Default for Event {
    fn default() -> Self {
        Event::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("name", &self.name).field("is_set", &self.is_set()).finish()
    }
}
