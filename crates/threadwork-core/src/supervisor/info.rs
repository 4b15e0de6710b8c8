//! What a supervisor tells about its children.

use super::spec::ChildSpec;
use crate::{life::ThreadHandle, outcome::Outcome};

/// What a child of a [`Supervisor`](crate::Supervisor) does.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{ChildState, Restart, Supervisor};
///
/// let supervisor = Supervisor::new().child("reader", Restart::Never, || ());
/// assert_eq!(supervisor.handle().children()[0].state(), ChildState::Waiting);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildState {
    /// It waits to be started, for the first time or again.
    Waiting,
    /// It is started, and has not [told that it is ready](crate::ChildSpec::tells_when_ready).
    Starting,
    /// It runs, and is ready.
    Running,
    /// It was asked to stop. After that it may be started again.
    Stopping,
    /// It has ended, or was stopped, and is not restarted unless a [handle](crate::SupervisorHandle) asks for it.
    Ended,
}

/// A child of a running [`Supervisor`](crate::Supervisor) at one moment, as [`children`](crate::SupervisorHandle::children) tells it.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{ChildState, Outcome, Restart, Supervisor, Thread};
///
/// let supervisor = Supervisor::new().child("reader", Restart::Never, || Err::<(), _>("no such file"));
/// let handle = supervisor.handle();
/// let thread = Thread::new(supervisor);
/// thread.start()?;
/// thread.join()?;
/// let reader = handle.child("reader").unwrap();
/// assert_eq!((reader.state(), reader.restarts()), (ChildState::Ended, 0));
/// let Some(Outcome::Failed(failure)) = reader.last_fault() else { unreachable!() };
/// assert_eq!(failure.message(), "no such file");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChildInfo {
    pub(super) spec: ChildSpec,
    pub(super) state: ChildState,
    pub(super) thread: Option<ThreadHandle>,
    pub(super) restarts: u64,
    pub(super) last_fault: Option<Outcome>,
    /// Whether it leaves the list when it has ended. Its name is free already.
    pub(super) is_removed: bool,
}

impl ChildInfo {
    /// Creates the info of a child that was not started yet.
    pub(super) fn of_new(spec: ChildSpec) -> ChildInfo {
        ChildInfo {
            spec,
            state: ChildState::Waiting,
            thread: None,
            restarts: 0,
            last_fault: None,
            is_removed: false,
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.spec.name()
    }

    /// Returns what the supervisor was told about it.
    pub fn spec(&self) -> &ChildSpec {
        &self.spec
    }

    /// Returns what it does.
    #[must_use]
    pub fn state(&self) -> ChildState {
        self.state
    }

    /// Returns its thread, or `None` while there is none.
    #[must_use]
    pub fn thread(&self) -> Option<&ThreadHandle> {
        self.thread.as_ref()
    }

    /// Returns how often the supervisor has restarted it because of an end. Restarts through a
    /// [handle](crate::SupervisorHandle::restart_child), or because of another child, do not count.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.restarts
    }

    /// Returns its last panic or failure, if there was one. A child that could not be started has failed with a
    /// [`StartError`](crate::StartError).
    #[must_use]
    pub fn last_fault(&self) -> Option<&Outcome> {
        self.last_fault.as_ref()
    }
}
