//! Why an executor does not run a job.

use std::{error::Error, fmt};

use crate::outcome::Failure;

/// Why an [`Executor`](crate::Executor) does not run a job.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Executor, Refusal, ResultError};
///
/// let executor = Executor::new(1);
/// executor.shutdown()?;
/// let error = executor.submit(|| 7).into_result().unwrap_err();
/// assert_eq!(error, ResultError::Refused(Refusal::ShutDown));
/// assert_eq!(error.to_string(), "there is no result: the executor was shut down and takes no more jobs; make a new one");
/// # Ok::<(), threadwork::JoinError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The executor was shut down, or was asked to stop.
    ShutDown,
    /// As many jobs are pending as the executor allows.
    Full,
    /// There was no room before the deadline.
    TimedOut,
    /// A stop was requested before there was room.
    WaitStopped,
    /// No worker could be started, and there is no other one. The failure has the [`StartError`](crate::StartError).
    NoWorker(Failure),
    /// The initializer of a worker has failed.
    Broken(Failure),
    /// The process was forked from the one in which the executor was made.
    LeftBehind,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::ShutDown => "the executor was shut down and takes no more jobs; make a new one",
            Refusal::Full => {
                "the executor's backlog is full; submit again once jobs have ended, or allow more pending jobs"
            }
            Refusal::TimedOut => "the executor's backlog was still full when the time was up; wait longer, or allow more pending jobs",
            Refusal::WaitStopped => "the wait for room in the executor's backlog was stopped; submit the job again if it is still wanted",
            Refusal::NoWorker(failure) => {
                return write!(f, "the executor has no worker, and cannot start one: {}", failure.message());
            }
            Refusal::Broken(failure) => {
                return write!(
                    f,
                    "the executor is broken, since the initializer of a worker has failed; make a new one whose initializer succeeds: {}",
                    failure.message()
                );
            }
            Refusal::LeftBehind => {
                "the executor belongs to the process that this one was forked from; make a new one"
            }
        })
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Refusal::NoWorker(failure) | Refusal::Broken(failure) => Some(failure.error()),
            _ => None,
        }
    }
}

/// A function that an executor has refused, and why: the error of [`Executor::try_submit`](crate::Executor::try_submit).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Executor, Refusal};
///
/// let executor = Executor::new(1);
/// executor.close();
/// let error = executor.try_submit(|| 7).unwrap_err();
/// assert_eq!(error.refusal(), &Refusal::ShutDown);
/// let function = error.into_function();
/// assert_eq!(function(), 7);
/// ```
#[derive(Clone)]
pub struct SubmitError<F> {
    refusal: Refusal,
    function: F,
}

impl<F> SubmitError<F> {
    pub(crate) fn new(refusal: Refusal, function: F) -> SubmitError<F> {
        SubmitError { refusal, function }
    }

    /// Returns why the executor does not run the function.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// Returns the function.
    #[must_use]
    pub fn into_function(self) -> F {
        self.function
    }
}

impl<F> From<SubmitError<F>> for Refusal {
    fn from(error: SubmitError<F>) -> Self {
        error.refusal
    }
}

impl<F> fmt::Debug for SubmitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitError").field("refusal", &self.refusal).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for SubmitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl<F> Error for SubmitError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.refusal.source()
    }
}
