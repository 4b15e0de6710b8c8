//! Threads in the order in which they end.

use std::{fmt, iter::FusedIterator, panic::Location, time::Duration};

use threadwork_sync::{
    Wait, WaitError,
    internal::{any::Several, door::without_end},
};

use super::ends::Ends;
use crate::{error::JoinError, process::this_process};

/// Returns an iterator over the threads in the order in which they end: Python's `concurrent.futures.as_completed`, for threads.
///
/// It waits for the next end; its methods [`next_timeout`](AsCompleted::next_timeout), [`next_with`](AsCompleted::next_with) and
/// [`try_next`](AsCompleted::try_next) do not wait for ever. Threads that have already ended come first, in the given order. Each thread comes
/// once, however it ended. Its outcome is known then, while the operating system's thread may still be dropping its thread-local values.
///
/// The threads may be of any type with `AsRef<ThreadHandle>`: [`Thread`](crate::Thread), [`MyThread`](crate::MyThread),
/// [`ScopedThread`](crate::ScopedThread), [`Timer`](crate::Timer), [`ThreadHandle`](crate::ThreadHandle), or a type of your own that contains
/// one, with whatever else you want to know about it. To wait for threads of different types together, pass their handles.
/// [`Task`](crate::Task)s fit, too.
///
/// The time that all threads take together grows with their number, not with its square.
///
/// # Errors
///
/// Returns [`JoinError::NotStarted`], [`CurrentThread`](JoinError::CurrentThread) or [`ForeignThread`](JoinError::ForeignThread) at once if one
/// of the threads is not started, is the current one, or was not started by this library: the iterator would wait for it for ever.
///
/// # Happens-before
///
/// Everything that a thread did before it ended happens before the iterator returns it.
///
/// # Differences from Python
///
/// * A deadline is given to each call of `next_with`, or to several calls together, and not when the iterator is created.
/// * The order is that of the given threads, not a random one, for those that have already ended. One that is given twice comes twice.
/// * In the child of a fork, the other threads of the parent have ended, and come at once.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, as_completed};
///
/// let threads: Vec<_> = (1_u64..=4).map(|n| MyThread::new(move || (1..=n).product::<u64>())).collect();
/// for thread in &threads {
///     thread.start()?;
/// }
/// let mut sum = 0;
/// for thread in as_completed(&threads)? {
///     sum += thread.get_result()?;
/// }
/// assert_eq!(sum, 1 + 2 + 6 + 24);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Threads of different types, until a stop is requested:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{Thread, Timer, as_completed};
/// # use threadwork_sync::{StopSource, Wait, WaitError};
///
/// let (thread, timer) = (Thread::new(|| ()), Timer::new(Duration::MAX, || ()));
/// thread.start()?;
/// timer.start()?;
/// let stop = StopSource::new();
/// let wait = Wait::forever().or_stop(&stop.token());
/// let mut ends = as_completed([timer.handle(), thread.handle()])?;
/// assert_eq!(ends.next_with(&wait)?, Some(thread.handle()));
/// stop.request_stop();
/// assert_eq!(ends.next_with(&wait), Err(WaitError::Stopped));
/// assert_eq!(ends.len(), 1);
/// # timer.cancel();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn as_completed<'a, T>(
    threads: impl IntoIterator<Item = &'a T>,
) -> Result<AsCompleted<'a, T>, JoinError>
where
    T: Ends + ?Sized + 'a,
{
    let location = Location::caller();
    // The iterator is user code: it is exhausted before anything is watched.
    let threads: Vec<&'a T> = threads.into_iter().collect();
    let ends: Vec<_> = threads.iter().map(|it| it.end(location)).collect::<Result<_, _>>()?;
    Ok(AsCompleted {
        left: threads.len(),
        threads: threads.into_iter().map(Some).collect(),
        several: Several::new(ends),
        process: this_process(),
        next_left_behind: 0,
    })
}

/// An iterator over threads in the order in which they end: see [`as_completed`].
///
/// It may be dropped at any time, and does not stop the threads. Leaking it leaks memory.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{Thread, as_completed, sleep};
/// # use threadwork_sync::WaitError;
///
/// let threads = [(); 2].map(|()| Thread::new(|| _ = sleep(Duration::MAX)));
/// for thread in &threads {
///     thread.start()?;
/// }
/// let mut ends = as_completed(&threads)?;
/// assert!(ends.try_next().is_none());
/// assert_eq!(ends.next_timeout(Duration::from_millis(1)).unwrap_err(), WaitError::TimedOut);
/// threads[1].request_stop();
/// assert_eq!(ends.next().unwrap().handle(), threads[1].handle());
/// threads[0].request_stop();
/// assert_eq!(ends.next().unwrap().handle(), threads[0].handle());
/// assert!(ends.next().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an iterator does nothing until it is asked for the next thread"]
pub struct AsCompleted<'a, T: ?Sized> {
    /// Those that were not returned yet.
    threads: Box<[Option<&'a T>]>,
    several: Several<'a>,
    left: usize,
    /// The process in which this was created.
    process: u32,
    /// In the child of a fork: the index of the first one that was not looked at there.
    next_left_behind: usize,
}

impl<'a, T: Ends + ?Sized> AsCompleted<'a, T> {
    /// Returns the next thread, if it has already ended. `None` means that none of those that are [left](ExactSizeIterator::len) has.
    #[must_use = "a thread that is returned does not come again"]
    pub fn try_next(&mut self) -> Option<&'a T> {
        if self.is_left_behind() {
            return self.left_behind();
        }
        let ended = self.several.try_next();
        self.take(ended)
    }

    /// Returns the next thread that ends, and blocks the current thread for at most `timeout` until then. `None` means that all were returned.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
    #[track_caller]
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<&'a T>, WaitError> {
        self.next_with(&Wait::timeout(timeout))
    }

    /// Returns the next thread that ends, and blocks the current thread until then or until `wait` ends. `None` means that all were returned.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    #[track_caller]
    pub fn next_with(&mut self, wait: &Wait) -> Result<Option<&'a T>, WaitError> {
        if self.is_left_behind() {
            return Ok(self.left_behind());
        }
        let ended = self.several.next(wait)?;
        Ok(self.take(ended))
    }

    /// Returns those that were not returned, in the given order.
    pub(super) fn into_left(self) -> Vec<&'a T> {
        self.threads.into_iter().flatten().collect()
    }

    /// Takes the thread with this index out of those that were not returned yet.
    fn take(&mut self, at: Option<usize>) -> Option<&'a T> {
        let thread = self.threads[at?].take();
        self.left -= usize::from(thread.is_some());
        thread
    }

    /// Returns `true` in the child of a fork.
    ///
    /// Scenario "the threads that are not there" in docs/architecture.md.
    fn is_left_behind(&self) -> bool {
        self.process != this_process()
    }

    /// Returns the next thread that has ended, in the child of a fork, where all have but the one that has forked. That one does not come.
    fn left_behind(&mut self) -> Option<&'a T> {
        while self.next_left_behind < self.threads.len() {
            let at = self.next_left_behind;
            self.next_left_behind += 1;
            if self.threads[at].is_some_and(|it| it.has_ended()) {
                return self.take(Some(at));
            }
        }
        self.left = 0;
        None
    }
}

impl<'a, T: Ends + ?Sized> Iterator for AsCompleted<'a, T> {
    type Item = &'a T;

    /// Returns the next thread that ends, and blocks the current thread until then.
    #[track_caller]
    fn next(&mut self) -> Option<&'a T> {
        without_end(|wait| self.next_with(wait))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// The number of threads that were not returned yet.
impl<T: Ends + ?Sized> ExactSizeIterator for AsCompleted<'_, T> {}

impl<T: Ends + ?Sized> FusedIterator for AsCompleted<'_, T> {}

impl<T: ?Sized> fmt::Debug for AsCompleted<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted").field("left", &self.left).finish_non_exhaustive()
    }
}
