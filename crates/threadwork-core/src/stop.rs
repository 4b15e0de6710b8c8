//! How a thread notices that it was asked to stop.

use std::{error::Error, fmt, panic::Location, time::Duration};

use threadwork_sync::{
    Event, GetError, StopSource, StopToken, Wait, WaitError, internal::door::Subject,
};

use crate::{outcome::Failure, registry::current};

/// An error of [`sleep`] and [`checkpoint`]: the current thread was asked to stop.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::MyThread;
///
/// let thread = MyThread::new(|| threadwork::checkpoint());
/// thread.request_stop();
/// thread.start()?;
/// let stopped = thread.wait_result()?.unwrap_err();
/// assert_eq!(stopped.to_string(), "the thread was asked to stop; return from it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopRequested(pub(crate) ());

impl fmt::Display for StopRequested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the thread was asked to stop; return from it")
    }
}

impl Error for StopRequested {}

/// Puts the current thread to sleep for `duration`, or until it is asked to stop.
///
/// # Errors
///
/// Returns [`StopRequested`] if the thread was asked to stop, before the sleep or during it.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{StopRequested, Thread};
///
/// fn tick() -> Result<(), StopRequested> {
///     loop {
///         threadwork::sleep(Duration::from_secs(3600))?;
///     }
/// }
///
/// let thread = Thread::new(|| _ = tick());
/// thread.start()?;
/// thread.request_stop();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Result<(), StopRequested> {
    let wait = Wait::timeout(duration);
    let wait = match current::stop_token() {
        Some(token) if token.stop_requested() => return Err(StopRequested(())),
        Some(token) => wait.or_stop(&token),
        None => wait,
    };
    match Event::new().wait_as(&Subject::sleep(Location::caller()), &wait) {
        Err(WaitError::Stopped) => Err(StopRequested(())),
        _ => Ok(()),
    }
}

/// Returns an error if the current thread was asked to stop: for use with `?` in a long computation.
///
/// # Errors
///
/// Returns [`StopRequested`] if it was.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, Outcome, StopRequested};
///
/// fn search() -> Result<u64, StopRequested> {
///     for number in 0.. {
///         threadwork::checkpoint()?;
///         if number == u64::MAX {
///             return Ok(number);
///         }
///     }
///     unreachable!()
/// }
///
/// let thread = MyThread::new(search);
/// thread.start()?;
/// thread.request_stop();
/// assert!(thread.wait_result()?.is_err());
/// assert!(matches!(thread.outcome(), Some(Outcome::Stopped)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn checkpoint() -> Result<(), StopRequested> {
    if stop_requested() { Err(StopRequested(())) } else { Ok(()) }
}

/// Returns `true` if the current thread was asked to stop.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Thread;
///
/// let thread = Thread::new(|| while !threadwork::stop_requested() {});
/// thread.start()?;
/// thread.request_stop();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn stop_requested() -> bool {
    current::stop_requested()
}

/// Returns the current thread's stop token: for [`Wait::or_stop`], for a
/// [`StopCallback`](threadwork_sync::StopCallback), or to be passed on. In a job of an [`Executor`](crate::Executor) it is the token of the
/// job, which a stop of the worker stops too.
///
/// A foreign thread (not started by this library) gets a token that is never stopped, unless the thread is already listed
/// (see [`current_thread`](crate::current_thread)). This function does not list it.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Thread;
/// # use threadwork_sync::{Event, Wait, WaitError};
///
/// let thread = Thread::new(|| {
///     let stopped = Wait::forever().or_stop(&threadwork::current_stop_token());
///     assert_eq!(Event::new().wait_with(&stopped), Err(WaitError::Stopped));
/// });
/// thread.start()?;
/// thread.request_stop();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn current_stop_token() -> StopToken {
    current::stop_token().unwrap_or_else(|| StopSource::new().token())
}

/// Returns `true` if the current thread was asked to stop, and its work has ended with an error that says so and stands for no result: the
/// work has stopped, and not failed.
///
/// Looks at the error alone. Its sources are the user's to compute, and could panic here.
pub(crate) fn has_only_stopped(failure: &Failure) -> bool {
    let error = failure.error();
    let is_it = error.is::<StopRequested>()
        || error.downcast_ref() == Some(&WaitError::Stopped)
        || error.downcast_ref() == Some(&GetError::Stopped);
    is_it && !failure.replaces_result() && stop_requested()
}
