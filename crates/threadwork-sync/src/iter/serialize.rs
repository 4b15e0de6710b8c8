//! Threads that take the items of one iterator in turns.

use std::{fmt, iter::FusedIterator, panic::Location, time::Duration};

use super::source::{Source, Turn, end};
use crate::{error::WaitError, floor::Arc, wait::Wait};

/// An iterator that threads share: Python's `serialize_iterator`. They take turns, and each item goes to one of them.
///
/// A clone is a handle of the same iterator. While one thread is inside the iterator's `next`, the others wait for their turn; a
/// [dump](crate::waits) shows them as waiting for a lock, with the thread that has its turn as the holder. Nothing is buffered: an item is
/// made when a thread asks for it, in that thread.
///
/// Once the iterator has returned `None`, it is dropped, and all handles return `None`.
///
/// # Happens-before
///
/// As for a [`Lock`](crate::Lock) around the iterator: what a thread did before its turn has ended is seen by the next one in its turn.
///
/// # Panics
///
/// A panic in the iterator's `next` unwinds in the thread that called it. Nothing is poisoned: the next thread asks the iterator again, as in
/// Python. What an iterator does after a panic is its own affair; those of `std` go on with the next item. (A generator of Python
/// has ended once it has raised.)
///
/// An iterator whose `next` takes an item from its own handle waits for itself for ever, as in Python.
///
/// # Differences from Python
///
/// * [`next_timeout`](Self::next_timeout) and [`next_with`](Self::next_with) give up if the turn does not come in time.
/// * An iterator that has ended is not asked again.
/// * There is no `send`, `throw` and `close`: iterators of Rust have none.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::SerializeIterator;
///
/// let text = "one\ntwo\nthree\nfour";
/// let lines = SerializeIterator::new(text.lines());
/// let total: usize = std::thread::scope(|scope| {
///     let workers = [(); 2].map(|()| scope.spawn(|| lines.clone().map(str::len).sum::<usize>()));
///     workers.into_iter().map(|it| it.join().unwrap()).sum()
/// });
/// assert_eq!(total, 15);
/// assert_eq!(lines.next(), None);
/// ```
pub struct SerializeIterator<I> {
    source: Arc<Source<I>>,
    /// The line that made this handle, which stands in the records of its [`Iterator::next`].
    location: &'static Location<'static>,
}

impl<I: Iterator> SerializeIterator<I> {
    /// Shares an iterator.
    #[must_use]
    #[track_caller]
    pub fn new(iterable: impl IntoIterator<IntoIter = I>) -> SerializeIterator<I> {
        SerializeIterator::of(Source::new(Some(iterable.into_iter())))
    }

    /// Shares an iterator under a name, which is shown for threads that wait for their turn.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let jobs = threadwork::SerializeIterator::named("jobs", 1..=3);
    /// assert_eq!(jobs.name(), Some("jobs"));
    /// assert_eq!(jobs.sum::<u32>(), 6);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn named(
        name: &'static str,
        iterable: impl IntoIterator<IntoIter = I>,
    ) -> SerializeIterator<I> {
        SerializeIterator::of(Source::named(name, Some(iterable.into_iter())))
    }

    /// Takes the next item, blocking the current thread until it is its turn. Returns `None` once the iterator has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::SerializeIterator;
    ///
    /// let tickets = SerializeIterator::new(1..);
    /// assert_eq!(tickets.next(), Some(1));
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert_eq!(tickets.next(), Some(2)));
    /// });
    /// assert_eq!(tickets.next(), Some(3));
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "as with `Iterator::next`, the item may be skipped"
    )]
    #[track_caller]
    pub fn next(&self) -> Option<I::Item> {
        advance(self.source.acquire())
    }

    /// Takes the next item, unless another thread has its turn: then returns `None`. `Some(None)` is the end of the iterator.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let one = threadwork::SerializeIterator::new([1]);
    /// assert_eq!(one.try_next(), Some(Some(1)));
    /// assert_eq!(one.try_next(), Some(None));
    /// ```
    #[must_use = "an item may have been taken"]
    #[track_caller]
    pub fn try_next(&self) -> Option<Option<I::Item>> {
        Some(advance(self.source.try_acquire()?))
    }

    /// Takes the next item, blocking the current thread for at most `timeout` until it is its turn. The iterator's own `next` takes as long as
    /// it takes.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the turn does not come in time; no item is taken then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    ///
    /// let one = threadwork::SerializeIterator::new([1]);
    /// assert_eq!(one.next_timeout(Duration::from_secs(1)), Ok(Some(1)));
    /// assert_eq!(one.next_timeout(Duration::from_secs(1)), Ok(None));
    /// ```
    #[track_caller]
    pub fn next_timeout(&self, timeout: Duration) -> Result<Option<I::Item>, WaitError> {
        self.source.acquire_timeout(timeout).map(advance)
    }

    /// Takes the next item, blocking the current thread until it is its turn or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first; no item is taken then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{SerializeIterator, StopSource, Wait};
    ///
    /// let (numbers, stop) = (SerializeIterator::new(0..), StopSource::new());
    /// assert_eq!(numbers.next_with(&Wait::forever().or_stop(&stop.token())), Ok(Some(0)));
    /// ```
    #[track_caller]
    pub fn next_with(&self, wait: &Wait) -> Result<Option<I::Item>, WaitError> {
        self.source.acquire_with(wait).map(advance)
    }
}

impl<I> SerializeIterator<I> {
    #[track_caller]
    fn of(source: Source<I>) -> SerializeIterator<I> {
        SerializeIterator { source: Arc::new(source), location: Location::caller() }
    }

    /// Returns the name, if the iterator was given one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.source.name()
    }
}

/// Wraps a function that makes iterators, so that it makes shared ones: Python's `synchronized_iterator`.
///
/// The function has one argument. A function of several is wrapped as one of a tuple, and one of none as `|()| …`.
///
/// # Differences from Python
///
/// * It is no decorator: the wrapped function is a value.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::synchronized_iterator;
///
/// fn squares(n: u32) -> impl Iterator<Item = u32> {
///     (0..n).map(|it| it * it)
/// }
///
/// let shared_squares = synchronized_iterator(squares);
/// let (four, two) = (shared_squares(4), shared_squares(2));
/// std::thread::scope(|scope| {
///     scope.spawn(|| assert_eq!(four.next(), Some(0)));
/// });
/// assert!(four.eq([1, 4, 9]));
/// assert!(two.eq([0, 1]));
/// ```
#[track_caller]
pub fn synchronized_iterator<A, S: IntoIterator>(
    function: impl Fn(A) -> S,
) -> impl Fn(A) -> SerializeIterator<S::IntoIter> {
    let location = Location::caller();
    move |argument| SerializeIterator { location, ..SerializeIterator::new(function(argument)) }
}

/// Takes the next item in the turn of the current thread.
fn advance<I: Iterator>(mut turn: Turn<'_, I>) -> Option<I::Item> {
    let item = turn.as_mut()?.next();
    if item.is_none() {
        end(turn);
    }
    item
}

impl<I: Iterator> Iterator for SerializeIterator<I> {
    type Item = I::Item;

    /// Takes the next item, blocking the current thread until it is its turn.
    fn next(&mut self) -> Option<I::Item> {
        advance(self.source.acquire_at(self.location))
    }
}

impl<I: Iterator> FusedIterator for SerializeIterator<I> {}

/// `for item in &shared` goes on where the other handles are.
impl<I: Iterator> IntoIterator for &SerializeIterator<I> {
    type Item = I::Item;
    type IntoIter = SerializeIterator<I>;

    #[track_caller]
    fn into_iter(self) -> SerializeIterator<I> {
        self.clone()
    }
}

impl<I> Clone for SerializeIterator<I> {
    #[track_caller]
    fn clone(&self) -> Self {
        SerializeIterator { source: Arc::clone(&self.source), location: Location::caller() }
    }
}

impl<I> fmt::Debug for SerializeIterator<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerializeIterator")
            .field("name", &self.name())
            .field("holder", &self.source.holder())
            .finish_non_exhaustive()
    }
}
