//! The event: any number of threads wait until it is set.

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

/// Something that happens, and that any number of threads can wait for.
///
/// It takes 24 bytes, a name included, and allocates nothing; [`is_set`](Self::is_set) is one load.
///
/// # Happens-before
///
/// What a thread did before [`set`](Self::set) is seen by every thread that learns of it, by a wait or by `is_set`.
///
/// # Differences from Python
///
/// * [`wait`](Self::wait) without a timeout returns nothing, because it can only have one outcome.
/// * `wait` after `set` and `clear` waits anew, but a thread that was already waiting at the `set` is released, as in Python.
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
    /// How often the event has gone from clear to set, shifted past two flags:
    ///
    /// `SET` | `PARKED` | meaning
    /// ------|----------|--------
    /// 0     | 0        | Clear, and nobody waits.
    /// 0     | 1        | Clear, and threads are in the queue or about to be.
    /// 1     | 0        | Set: nobody waits.
    /// 1     | 1        | Does not occur.
    ///
    /// A waiting thread waits for the count to move, so that a `clear` does not swallow the `set` before it.
    word: Word,
    name: Kept<Option<&'static str>>,
}

const PARKED: usize = 1;
const SET: usize = 2;
const ONE: usize = 4;
const COUNT: usize = !(PARKED | SET);

impl Event {
    const_new! {
        /// An event that is not set.
        #[must_use]
        pub const fn new() -> Event {
            Event { word: Word::new(0), name: Kept::new(None) }
        }
    }

    named!(pub name: "event", "waits for");

    /// Whether the event is set.
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

    /// Sets the event, and wakes every thread that waits for it. Setting it again changes nothing.
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
        // Also an event that is set already is written. Otherwise `x = 1; set()` could be overtaken by `clear(); read x`
        // of another thread, which would see neither the new value nor a set event afterwards.
        let set = |word: usize| {
            Some(if word & SET != 0 { word } else { (word & COUNT).wrapping_add(ONE) | SET })
        };
        let before = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, set)
            .unwrap_or_else(|word| word);
        // A thread that sees the event set may free it: from here on there is only the address.
        if before & PARKED != 0 {
            door::unpark_all(key, Token::RETRY);
        }
    }

    /// Clears the event; threads wait again from now on. Whoever was already waiting at the last [`set`](Self::set) is not held back.
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

    /// Waits until the event is set.
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

    /// Waits until the event is set, at most for `timeout`.
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

    /// Waits until the event is set, unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait.
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

    /// As [`wait_with`](Self::wait_with), with another record: for what is built upon an event.
    ///
    /// # Errors
    ///
    /// What ended the wait.
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
            // A thread that gives up leaves `PARKED` behind; the next `set` then finds the queue empty.
            let ended = wait.park(Key::of(&self.word), subject, validate, |_, _| ());
            word = self.word.load(Ordering::Acquire);
            match ended {
                Err(error) if !happened(word) => return Err(error),
                _ => (),
            }
        }
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
