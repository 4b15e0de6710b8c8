//! The errors of supervisors.

use std::{error::Error, fmt, time::Duration};

use threadwork_sync::WaitError;

use crate::outcome::Outcome;

/// An error of a [`SupervisorHandle`](crate::SupervisorHandle).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Supervisor, SupervisorError, Thread};
///
/// let supervisor = Supervisor::new();
/// let handle = supervisor.handle();
/// assert!(matches!(handle.stop_child("reader"), Err(SupervisorError::NoSuchChild(_))));
/// let thread = Thread::new(supervisor);
/// thread.start()?;
/// thread.join()?;
/// assert_eq!(handle.stop_child("reader"), Err(SupervisorError::Ended));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SupervisorError {
    /// The supervisor has ended, or is about to end and stops its children.
    Ended,
    /// The supervisor has no child of this name.
    NoSuchChild(String),
    /// The supervisor already has a child of this name.
    NameTaken(String),
    /// The time is up.
    TimedOut,
    /// A stop of the wait was requested.
    Stopped,
}

impl fmt::Display for SupervisorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SupervisorError::Ended => {
                f.write_str("the supervisor has ended or is stopping its children; start a new one")
            }
            SupervisorError::NoSuchChild(name) => {
                write!(f, "the supervisor has no child '{name}'; add it first")
            }
            SupervisorError::NameTaken(name) => write!(
                f,
                "the supervisor already has a child '{name}'; remove that first, or choose another name"
            ),
            SupervisorError::TimedOut => f.write_str(
                "timed out while waiting for the supervisor; wait again, or look at its `children`",
            ),
            SupervisorError::Stopped => f.write_str(
                "stopped while waiting for the supervisor, because a stop was requested; end what the wait was for",
            ),
        }
    }
}

impl Error for SupervisorError {}

impl From<WaitError> for SupervisorError {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Stopped => SupervisorError::Stopped,
            _ => SupervisorError::TimedOut,
        }
    }
}

/// The error inside the [`Failure`](crate::Failure) of a [`Supervisor`](crate::Supervisor) that would have to restart its children too often.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{GaveUpError, JoinError, Restart, Supervisor, Thread};
///
/// let supervisor = Supervisor::new()
///     .at_most(0, Duration::from_secs(60))
///     .child("reader", Restart::OnFailure, || Err::<(), _>("no such file"));
/// let thread = Thread::new(supervisor);
/// thread.start()?;
/// let Err(JoinError::Failed(failure)) = thread.join() else { unreachable!() };
/// let gave_up = failure.error().downcast_ref::<GaveUpError>().unwrap();
/// assert_eq!(gave_up.child(), "reader");
/// assert_eq!(
///     gave_up.to_string(),
///     "supervisor gives up after 0 restarts within 60s; mend this, or allow more with `at_most`: thread 'reader' failed: no such file",
/// );
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GaveUpError {
    pub(super) child: String,
    /// The panic or the failure of the child.
    pub(super) fault: Option<Outcome>,
    pub(super) restarts: usize,
    pub(super) period: Duration,
}

impl GaveUpError {
    /// Returns the name of the child that would have been restarted once too often.
    #[must_use]
    pub fn child(&self) -> &str {
        &self.child
    }

    /// Returns the panic or the failure of that child, or `None` if it has returned.
    /// A child that could not be started has failed with a [`StartError`](crate::StartError).
    #[must_use]
    pub fn fault(&self) -> Option<&Outcome> {
        self.fault.as_ref()
    }
}

impl fmt::Display for GaveUpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GaveUpError { child, fault, restarts, period } = self;
        let s = if *restarts == 1 { "" } else { "s" };
        write!(f, "supervisor gives up after {restarts} restart{s} within {period:?}; ")?;
        f.write_str("mend this, or allow more with `at_most`: ")?;
        match fault {
            Some(Outcome::Panicked(panic)) => panic.fmt(f),
            Some(Outcome::Failed(failure)) => failure.fmt(f),
            _ => write!(f, "thread '{child}' has returned"),
        }
    }
}

impl Error for GaveUpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.fault {
            Some(Outcome::Panicked(panic)) => Some(panic),
            Some(Outcome::Failed(failure)) => Some(failure.error()),
            _ => None,
        }
    }
}
