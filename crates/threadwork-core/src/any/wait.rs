//! Waiting for several threads or tasks at once.

use std::{fmt, iter, time::Duration};

use threadwork_sync::{Wait, WaitError};

use super::{as_completed::as_completed, ends::Ends};
use crate::error::JoinError;

/// When [`wait`] returns: the `return_when` of Python's `concurrent.futures.wait`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{ReturnWhen, Task};
///
/// let tasks = [Task::spawn(|| 1)?, Task::spawn(|| 2)?];
/// let waited = threadwork::wait(&tasks, ReturnWhen::FirstCompleted)?;
/// assert!(!waited.done.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ReturnWhen {
    /// When any of them has ended.
    FirstCompleted,
    /// When any of them has panicked or failed, or when all have ended. One that was cancelled has not failed. An `Err` that is the result of
    /// a function is a result like any other.
    FirstFailure,
    /// When all have ended.
    #[default]
    AllCompleted,
}

impl ReturnWhen {
    /// Returns `true` if the end of this one is enough.
    fn is_met_by(self, ended: &(impl Ends + ?Sized)) -> bool {
        match self {
            ReturnWhen::FirstCompleted => true,
            ReturnWhen::FirstFailure => ended.has_failed(),
            ReturnWhen::AllCompleted => false,
        }
    }
}

/// Blocks the current thread until the first of several tasks or threads has ended, until one has failed, or until all have ended: Python's
/// `concurrent.futures.wait`. Returns those that have ended, and those that have not.
///
/// The threads may be of any type with `AsRef<ThreadHandle>`, as for [`as_completed`]. They are neither stopped nor joined.
///
/// # Errors
///
/// Returns [`JoinError::NotStarted`], [`CurrentThread`](JoinError::CurrentThread) or [`ForeignThread`](JoinError::ForeignThread) at once if one
/// of them is not started, is the current thread, or was not started by this library.
///
/// # Happens-before
///
/// Everything that one of those that are [`done`](Waited::done) did before it ended happens before this returns.
///
/// # Differences from Python
///
/// * Those that have ended come in the order of their ends, and the others in the given order, where Python has sets. One that is given twice
///   comes twice.
/// * `FIRST_EXCEPTION` is [`ReturnWhen::FirstFailure`], which counts panics and [failures](crate::Failure).
/// * [`Waited::ended`] tells whether it was the time that has ended the wait.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{ReturnWhen, Task, sleep};
///
/// let tasks = [Task::spawn(|| sleep(Duration::MAX).is_err())?, Task::spawn(|| true)?];
/// let waited = threadwork::wait(&tasks, ReturnWhen::FirstCompleted)?;
/// assert_eq!((waited.done.len(), waited.not_done.len()), (1, 1));
/// waited.not_done[0].request_stop();
/// let waited = threadwork::wait(&tasks, ReturnWhen::AllCompleted)?;
/// assert!(waited.done.iter().all(|task| task.get_result() == Ok(&true)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn wait<'a, T>(
    all: impl IntoIterator<Item = &'a T>,
    return_when: ReturnWhen,
) -> Result<Waited<'a, T>, JoinError>
where
    T: Ends + ?Sized + 'a,
{
    wait_with(all, return_when, &Wait::forever())
}

/// Waits like [`wait`](wait()), for at most `timeout`.
///
/// # Errors
///
/// As [`wait`](wait()). That the time is up is no error here: [`Waited::ended`] tells it.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{ReturnWhen, Task, sleep};
/// # use threadwork_sync::WaitError;
///
/// let tasks = [Task::spawn(|| sleep(Duration::MAX).is_err())?];
/// let waited = threadwork::wait_timeout(&tasks, ReturnWhen::AllCompleted, Duration::from_millis(1))?;
/// assert_eq!(waited.ended, Err(WaitError::TimedOut));
/// assert_eq!((waited.done.len(), waited.not_done.len()), (0, 1));
/// # tasks[0].request_stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn wait_timeout<'a, T>(
    all: impl IntoIterator<Item = &'a T>,
    return_when: ReturnWhen,
    timeout: Duration,
) -> Result<Waited<'a, T>, JoinError>
where
    T: Ends + ?Sized + 'a,
{
    wait_with(all, return_when, &Wait::timeout(timeout))
}

/// Waits like [`wait`](wait()), until `wait` ends at the latest.
///
/// # Errors
///
/// As [`wait`](wait()). That `wait` has ended is no error here: [`Waited::ended`] tells it.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{ReturnWhen, Task, sleep};
/// # use threadwork_sync::{StopSource, Wait, WaitError};
///
/// let stop = StopSource::new();
/// stop.request_stop();
/// let tasks = [Task::spawn(|| sleep(Duration::MAX).is_err())?];
/// let waited = threadwork::wait_with(&tasks, ReturnWhen::FirstFailure, &stop.token().into())?;
/// assert_eq!(waited.ended, Err(WaitError::Stopped));
/// # tasks[0].request_stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn wait_with<'a, T>(
    all: impl IntoIterator<Item = &'a T>,
    return_when: ReturnWhen,
    wait: &Wait,
) -> Result<Waited<'a, T>, JoinError>
where
    T: Ends + ?Sized + 'a,
{
    let mut ends = as_completed(all)?;
    let mut done = Vec::new();
    let ended = loop {
        match ends.next_with(wait) {
            Ok(Some(it)) => {
                done.push(it);
                if return_when.is_met_by(it) {
                    break Ok(());
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    // Those that have ended as well.
    done.extend(iter::from_fn(|| ends.try_next()));
    Ok(Waited { done, not_done: ends.into_left(), ended })
}

/// What [`wait`](wait()) returns: Python's `DoneAndNotDoneFutures`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{ReturnWhen, Task, Waited};
///
/// let tasks = [Task::spawn(|| 1)?, Task::spawn(|| 2)?];
/// let Waited { done, not_done, .. } = threadwork::wait(&tasks, ReturnWhen::AllCompleted)?;
/// assert_eq!((done.len(), not_done.len()), (2, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
#[must_use = "it says which have ended"]
pub struct Waited<'a, T: ?Sized> {
    /// Those that have ended, in the order of their ends. Those that had ended before the call come first, in the given order.
    pub done: Vec<&'a T>,
    /// Those that had not ended yet, in the given order.
    pub not_done: Vec<&'a T>,
    /// `Ok` if what the caller waited for has come about. If `wait` has ended first: how.
    pub ended: Result<(), WaitError>,
}

impl<T: ?Sized> fmt::Debug for Waited<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waited")
            .field("done", &self.done.len())
            .field("not_done", &self.not_done.len())
            .field("ended", &self.ended)
            .finish()
    }
}
