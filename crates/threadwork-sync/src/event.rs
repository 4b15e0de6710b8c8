//! The event: threads wait until it is set.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    awaiting::{Awaited, future},
    door::{self, Holder, Key, Subject, TaskPlace, Token, WaitKind},
    error::WaitError,
    floor::{Kept, Word, const_new},
    forms::named,
    forms::{Blocking, Else},
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

    /// Waits until the event is set, as a task of an async program.
    ///
    /// The wait begins with this call, not with the first poll: a [`set`](Self::set) after the call counts, even if the event is cleared
    /// before the task looks. A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}, thread};
    /// # struct Unpark(thread::Thread);
    /// # impl Wake for Unpark {
    /// #     fn wake(self: Arc<Self>) {
    /// #         self.0.unpark();
    /// #     }
    /// # }
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut future = pin!(future);
    /// #     let waker = Waker::from(Arc::new(Unpark(thread::current())));
    /// #     loop {
    /// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
    /// #             Poll::Ready(it) => return it,
    /// #             Poll::Pending => thread::park(),
    /// #         }
    /// #     }
    /// # }
    /// use threadwork::Event;
    ///
    /// static READY: Event = Event::new();
    ///
    /// std::thread::spawn(|| READY.set());
    /// block_on(async {
    ///     READY.wait_async().await;
    ///     assert!(READY.is_set());
    /// });
    /// ```
    #[track_caller]
    pub fn wait_async(&self) -> EventWait<'_> {
        self.wait_as_async(self.subject(Location::caller()))
    }

    /// Like [`wait_async`](Self::wait_async), but with the given record: for objects that are built on an event.
    #[doc(hidden)]
    pub fn wait_as_async(&self, subject: Subject) -> EventWait<'_> {
        EventWait::of(Change { event: self, before: self.word.load(Ordering::Acquire), subject })
    }

    fn subject(&self, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::Event, name: self.name(), holder: Holder::Nobody, location }
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
        let before = word;
        let happened = |word: usize| was_set(before, word);
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
        self.wait_slow(wait, &self.subject(location))
    }
}

/// Returns `true` if the event was set when its word was `word`, or was set and cleared since its word was `before`.
fn was_set(before: usize, word: usize) -> bool {
    word & SET != 0 || word & COUNT != before & COUNT
}

/// The wait of a task, which begins when this is created.
struct Change<'a> {
    event: &'a Event,
    /// The word at the beginning.
    before: usize,
    subject: Subject,
}

impl Awaited for Change<'_> {
    type Got = ();

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<()> {
        was_set(self.before, self.event.word.load(Ordering::Acquire)).then_some(())
    }

    fn key(&self) -> Key {
        Key::of(&self.event.word)
    }

    fn subject(&self) -> Subject {
        self.subject
    }

    fn announce(&self) -> bool {
        let park = |word: usize| (!was_set(self.before, word)).then_some(word | PARKED);
        self.event.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, park).is_ok()
    }

    fn must_wait(&self) -> bool {
        let word = self.event.word.load(Ordering::Relaxed);
        word & PARKED != 0 && !was_set(self.before, word)
    }
}

future! {
    /// The future of [`Event::wait_async`].
    EventWait<'a> of Change<'a> => ();
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
