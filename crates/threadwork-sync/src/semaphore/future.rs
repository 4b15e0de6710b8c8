//! Acquiring permits as a task of an async program.

use std::{panic::Location, sync::atomic::Ordering};

use crate::{
    awaiting::{Awaited, future},
    door::{Key, Subject, TaskPlace},
    error::WaitError,
    semaphore::{PARKED, STRICT, Semaphore, SemaphorePermit, UNKNOWN, permits},
};

/// The wait of a task for `n` permits.
struct Acquire<'a> {
    semaphore: &'a Semaphore,
    n: usize,
    location: &'static Location<'static>,
}

impl Acquire<'_> {
    fn word(&self) -> usize {
        self.semaphore.word.load(Ordering::Relaxed)
    }

    /// Returns `true` if `word` leaves the task nothing to take.
    fn is_out_of_reach(&self, word: usize) -> bool {
        word & STRICT != 0 || permits(word) < self.n
    }
}

impl<'a> Awaited for Acquire<'a> {
    type Got = SemaphorePermit<'a>;

    fn attempt(&mut self, place: Option<&TaskPlace>) -> Option<SemaphorePermit<'a>> {
        let Acquire { semaphore, n, .. } = *self;
        let left = semaphore.take(n).or_else(|| {
            // Permits are handed over. A task is told of what is left when all threads before it have got theirs.
            let is_strict = self.word() & STRICT != 0;
            let taken = place.filter(|_| is_strict)?.when_told(|| semaphore.take_from_the_rest(n));
            taken.then_some(UNKNOWN)
        });
        left.map(|left| semaphore.permit(n, left))
    }

    fn key(&self) -> Key {
        self.semaphore.key()
    }

    fn amount(&self) -> usize {
        self.n
    }

    fn subject(&self) -> Subject {
        self.semaphore.subject(self.location)
    }

    fn announce(&self) -> bool {
        let word = self.word();
        self.is_out_of_reach(word) && self.semaphore.mark_waited_for(word, PARKED)
    }

    fn must_wait(&self) -> bool {
        let word = self.word();
        word & PARKED != 0 && self.is_out_of_reach(word)
    }

    fn has_entered(&self) {
        // While permits are handed over, those that are available may be enough for this task.
        if self.word() & STRICT != 0 {
            self.semaphore.grant_available();
        }
    }

    fn pass_on(&self) {
        // If there is no permit, the next release visits the queue.
        if permits(self.word()) > 0 {
            self.semaphore.grant_available();
        }
    }
}

future! {
    /// The future of [`Semaphore::acquire_async`] and [`Semaphore::acquire_many_async`].
    SemaphoreAcquire<'a> of Acquire<'a> => SemaphorePermit<'a>;
}

impl Semaphore {
    /// Acquires a permit, as a task of an async program: [`acquire_many_async`](Self::acquire_many_async) of one.
    ///
    /// # Panics
    ///
    /// Panics if there can never be a permit, as in a [`BoundedSemaphore`](crate::BoundedSemaphore) with a bound of zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// # use std::{pin::pin, task::{Context, Waker}};
    /// use std::future::Future;
    /// use threadwork::Semaphore;
    ///
    /// let connections = Semaphore::new(1);
    /// let first = connections.acquire();
    /// let mut second = pin!(connections.acquire_async());
    /// # let mut context = Context::from_waker(Waker::noop());
    /// assert!(second.as_mut().poll(&mut context).is_pending());
    /// drop(first);
    /// assert!(second.as_mut().poll(&mut context).is_ready());
    /// ```
    #[track_caller]
    pub fn acquire_async(&self) -> SemaphoreAcquire<'_> {
        self.acquire_many_async(1)
    }

    /// Acquires `n` permits together, as a task of an async program. `n = 0` always succeeds at the first poll.
    ///
    /// The permits are acquired by a poll, and the [permit](SemaphorePermit) may be kept across an `await`, by any thread.
    /// A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    ///
    /// # Fairness
    ///
    /// A release wakes the tasks that have waited longest, as many as there are permits for, beside the threads that it wakes; a woken task
    /// tries, and keeps its place in the queue until it succeeds. So a task may be overtaken, and while a thread waits for several
    /// permits, those behind a task need not wait for it. A task that wants several permits makes nobody wait: it gets them when so many
    /// are there at once. A task that was woken and is neither polled nor dropped holds up no thread, but tasks that came later,
    /// until the next release.
    ///
    /// # Panics
    ///
    /// Panics if there can never be `n` permits, as [`acquire_many`](Self::acquire_many) does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// # use std::{pin::pin, task::{Context, Poll, Waker}};
    /// use std::future::Future;
    /// use threadwork::Semaphore;
    ///
    /// let readers = Semaphore::new(2);
    /// let mut writer = pin!(readers.acquire_many_async(3));
    /// # let mut context = Context::from_waker(Waker::noop());
    /// assert!(writer.as_mut().poll(&mut context).is_pending());
    /// readers.release(1)?;
    /// let Poll::Ready(writer) = writer.as_mut().poll(&mut context) else { unreachable!() };
    /// assert_eq!((writer.count(), readers.available()), (3, 0));
    /// # Ok::<(), threadwork::ReleaseError>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_async(&self, n: usize) -> SemaphoreAcquire<'_> {
        assert!(n <= self.limit(), "{}", WaitError::Impossible);
        SemaphoreAcquire::of(Acquire { semaphore: self, n, location: Location::caller() })
    }
}
