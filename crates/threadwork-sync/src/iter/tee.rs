//! Threads that each see all items of one iterator.

use std::{
    fmt,
    iter::FusedIterator,
    mem,
    panic::Location,
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::source::{Source, Turn, end};
use crate::{error::WaitError, floor, wait::Wait};

/// One of several iterators that all return the items of the same source: what Python's `concurrent_tee` makes. Each may be in another thread.
///
/// A clone is a further one, at the same place of the stream. Whoever needs an item first takes it from the source, with a lock held; the
/// others find it where it is kept, without a lock. An item is kept for as long as one of the iterators is still before it, so one
/// that is left behind keeps all that the others have taken: drop it if it is not needed. Each gets a clone of the item, and one that is left
/// alone before an item gets the item itself. For items that are expensive to clone, let the source return `Arc`s.
///
/// Each of the iterators is for one thread at a time. To share one of them, put it into a
/// [`SerializeIterator`](crate::SerializeIterator).
///
/// Once the source has returned `None` it is dropped; it is not asked again.
///
/// # Happens-before
///
/// What happened when an item was made is seen by every thread that gets it.
///
/// # Panics
///
/// A panic in the source's `next` unwinds in the thread that called it, and the next thread asks the source again: see
/// [`SerializeIterator`](crate::SerializeIterator#panics). If the clone of an item panics, that iterator has passed the item.
///
/// A source that takes an item from one of its own iterators waits for itself for ever.
///
/// # Differences from Python
///
/// * The items are cloned. In Python all threads get the same object.
/// * The compiler sees to it that one of them is not used by two threads at once.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::concurrent_tee;
///
/// let [numbers, squares] = concurrent_tee(1..=4_u32);
/// std::thread::scope(|scope| {
///     let sum = scope.spawn(|| numbers.sum::<u32>());
///     let sum_of_squares = scope.spawn(|| squares.map(|it| it * it).sum::<u32>());
///     assert_eq!((sum.join().unwrap(), sum_of_squares.join().unwrap()), (10, 30));
/// });
/// ```
pub struct ConcurrentTee<I: Iterator> {
    pub(super) source: floor::Arc<Source<I>>,
    /// The place of the next item.
    link: Arc<Link<I::Item>>,
    /// The line that made this iterator, which stands in the records of its waits.
    location: &'static Location<'static>,
}

/// Makes `N` iterators that all return the items of `iterable`: Python's `concurrent_tee`. See [`ConcurrentTee`].
///
/// How many there are follows from the pattern, as below. For a number that is known at run time only, clone a [`ConcurrentTee`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// let [left, right, third] = threadwork::concurrent_tee(["a", "b"]);
/// assert!(left.eq(["a", "b"]));
/// assert!(right.eq(third));
/// ```
#[must_use]
#[track_caller]
pub fn concurrent_tee<S: IntoIterator, const N: usize>(
    iterable: S,
) -> [ConcurrentTee<S::IntoIter>; N] {
    let first = ConcurrentTee::new(iterable);
    [(); N].map(|()| ConcurrentTee { location: first.location, ..first.clone() })
}

/// A place in the stream of items. Whoever is before an item, and the link before it, share it, so it goes when the last of them has passed.
///
/// Scenario "the item that several still need" in docs/architecture.md.
struct Link<T> {
    /// The item at this place, and the place after it. Set once, in a turn at the source.
    filled: OnceLock<(T, Arc<Link<T>>)>,
}

impl<T> Link<T> {
    fn empty() -> Arc<Link<T>> {
        Arc::new(Link { filled: OnceLock::new() })
    }

    fn is_filled(&self) -> bool {
        self.filled.get().is_some()
    }

    /// Takes the next item from the source, unless it was taken before this turn. Returns `false` at the end of the source.
    fn fill<I: Iterator<Item = T>>(&self, mut turn: Turn<'_, I>) -> bool {
        if self.is_filled() {
            return true;
        }
        let Some(item) = turn.as_mut().and_then(I::next) else {
            end(turn);
            return false;
        };
        self.filled.get_or_init(|| (item, Link::empty()));
        true
    }
}

impl<T> Drop for Link<T> {
    /// Drops the links behind this one that nobody else needs, one after the other: there may be more of them than the stack has room for.
    fn drop(&mut self) {
        let mut filled = self.filled.take();
        while let Some((item, next)) = filled {
            drop(item);
            filled = Arc::into_inner(next).and_then(|mut link| link.filled.take());
        }
    }
}

impl<I: Iterator> ConcurrentTee<I> {
    /// Makes an iterator over the items of `iterable`, to be cloned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::ConcurrentTee;
    ///
    /// let workers = std::env::args().count() + 1;
    /// let tees = vec![ConcurrentTee::new(1..=3); workers];
    /// assert!(tees.into_iter().all(|tee| tee.eq([1, 2, 3])));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(iterable: impl IntoIterator<IntoIter = I>) -> ConcurrentTee<I> {
        ConcurrentTee::of(Source::new(Some(iterable.into_iter())))
    }

    /// Makes an iterator with a name, which is shown for threads that wait for their turn at the source. Its clones have the name too.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lines = threadwork::ConcurrentTee::named("lines", "a\nb".lines());
    /// assert_eq!(lines.clone().name(), Some("lines"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn named(
        name: &'static str,
        iterable: impl IntoIterator<IntoIter = I>,
    ) -> ConcurrentTee<I> {
        ConcurrentTee::of(Source::named(name, Some(iterable.into_iter())))
    }

    #[track_caller]
    fn of(source: Source<I>) -> ConcurrentTee<I> {
        let location = Location::caller();
        ConcurrentTee { source: floor::Arc::new(source), link: Link::empty(), location }
    }

    /// Returns the name, if the iterator was given one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.source.name()
    }
}

impl<I: Iterator<Item: Clone>> ConcurrentTee<I> {
    /// Returns the next item, unless it has to be taken from the source and another thread has its turn there: then returns `None`.
    /// `Some(None)` is the end.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let [mut one] = threadwork::concurrent_tee([1]);
    /// assert_eq!(one.try_next(), Some(Some(1)));
    /// assert_eq!(one.try_next(), Some(None));
    /// ```
    #[track_caller]
    pub fn try_next(&mut self) -> Option<Option<I::Item>> {
        let has_next = self.link.is_filled() || self.link.fill(self.source.try_acquire()?);
        Some(has_next.then(|| self.pass()))
    }

    /// Returns the next item. If it has to be taken from the source, blocks the current thread for at most `timeout` until it is its turn.
    /// The source's own `next` takes as long as it takes.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the turn does not come in time; no item is passed then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    ///
    /// let [mut one] = threadwork::concurrent_tee([1]);
    /// assert_eq!(one.next_timeout(Duration::from_secs(1)), Ok(Some(1)));
    /// assert_eq!(one.next_timeout(Duration::from_secs(1)), Ok(None));
    /// ```
    #[track_caller]
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<I::Item>, WaitError> {
        let has_next =
            self.link.is_filled() || self.link.fill(self.source.acquire_timeout(timeout)?);
        Ok(has_next.then(|| self.pass()))
    }

    /// Returns the next item. If it has to be taken from the source, blocks the current thread until it is its turn or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first; no item is passed then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{StopSource, Wait, concurrent_tee};
    ///
    /// let ([mut left, _right], stop) = (concurrent_tee(0..), StopSource::new());
    /// assert_eq!(left.next_with(&Wait::forever().or_stop(&stop.token())), Ok(Some(0)));
    /// ```
    #[track_caller]
    pub fn next_with(&mut self, wait: &Wait) -> Result<Option<I::Item>, WaitError> {
        let has_next = self.link.is_filled() || self.link.fill(self.source.acquire_with(wait)?);
        Ok(has_next.then(|| self.pass()))
    }

    /// Passes the item at the filled link. The item is cloned, moved and dropped without a lock.
    fn pass(&mut self) -> I::Item {
        let filled = "the caller has seen that the link is filled";
        let (_, next) = self.link.filled.get().expect(filled);
        let next = Arc::clone(next);
        match Arc::try_unwrap(mem::replace(&mut self.link, next)) {
            Ok(mut last) => last.filled.take().expect(filled).0,
            Err(shared) => shared.filled.get().expect(filled).0.clone(),
        }
    }
}

impl<I: Iterator<Item: Clone>> Iterator for ConcurrentTee<I> {
    type Item = I::Item;

    /// Returns the next item. If it has to be taken from the source, blocks the current thread until it is its turn.
    fn next(&mut self) -> Option<I::Item> {
        let has_next =
            self.link.is_filled() || self.link.fill(self.source.acquire_at(self.location));
        has_next.then(|| self.pass())
    }
}

impl<I: Iterator<Item: Clone>> FusedIterator for ConcurrentTee<I> {}

impl<I: Iterator> Clone for ConcurrentTee<I> {
    #[track_caller]
    fn clone(&self) -> Self {
        let (source, link) = (floor::Arc::clone(&self.source), Arc::clone(&self.link));
        ConcurrentTee { source, link, location: Location::caller() }
    }
}

impl<I: Iterator> fmt::Debug for ConcurrentTee<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrentTee")
            .field("name", &self.name())
            .field("holder", &self.source.holder())
            .finish_non_exhaustive()
    }
}
