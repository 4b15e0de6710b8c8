//! The handle to a supervisor.

use std::{fmt, sync::Arc, time::Duration};

use threadwork_sync::Wait;

use super::{
    board::{Control, Order, Stage},
    error::SupervisorError,
    info::{ChildInfo, ChildState},
    spec::ChildSpec,
};
use crate::life::ThreadHandle;

/// A handle to a [`Supervisor`](crate::Supervisor), through which any thread can ask for its children and change them while it runs.
///
/// It comes from [`Supervisor::handle`](crate::Supervisor::handle), and can be cloned and sent to other threads, children included.
///
/// A change is an order: it returns at once, the list of [`children`](Self::children) shows it, and the supervisor carries it out.
/// [`wait_for`](Self::wait_for) waits until it has. Orders are carried out one after the other; those that come before the supervisor runs
/// are carried out when it does.
///
/// A supervisor and its clones share the handle. It reaches the run that has begun last, so it reaches a supervisor that was restarted by
/// its own supervisor. A restarted supervisor begins with the children that it was built with.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{AutoShutdown, ChildSpec, ChildState, Restart, Supervisor, Thread};
///
/// let serve = || _ = threadwork::sleep(Duration::MAX);
/// let supervisor = Supervisor::new().auto_shutdown(AutoShutdown::Never).child("one", Restart::Always, serve);
/// let handle = supervisor.handle();
/// let thread = Thread::builder().name("services").build(supervisor);
/// thread.start()?;
///
/// handle.add_child(ChildSpec::new("two", serve))?;
/// handle.wait_ready()?;
/// let two = handle.child("two").unwrap();
/// assert_eq!(two.state(), ChildState::Running);
/// assert_eq!(two.thread().unwrap().group().unwrap().name(), "services");
///
/// handle.remove_child("one")?;
/// handle.wait_for(|children| children.len() == 1)?;
/// thread.request_stop();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SupervisorHandle {
    pub(super) control: Arc<Control>,
}

impl SupervisorHandle {
    /// Returns the children in the order in which they are started, at this moment: those that it will begin with before it runs, and how
    /// they have ended after its end.
    #[must_use]
    pub fn children(&self) -> Vec<ChildInfo> {
        self.control.board().look().1
    }

    /// Returns the child with this name, if there is one.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<ChildInfo> {
        self.children().into_iter().find(|it| !it.is_removed && it.name() == name)
    }

    /// Returns the thread that runs the supervisor, or `None` if it does not run.
    #[must_use]
    pub fn thread(&self) -> Option<ThreadHandle> {
        match self.control.board().look().0 {
            Stage::Runs(thread) | Stage::Ends(thread) => Some(thread),
            Stage::New | Stage::Over { .. } => None,
        }
    }

    /// Adds a child and starts it.
    ///
    /// A child that is [never](crate::Restart::Never) restarted leaves the list when it has ended.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::NameTaken`] or [`SupervisorError::Ended`].
    ///
    /// # Examples
    ///
    /// One child for each connection:
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use threadwork::{AutoShutdown, ChildSpec, Restart, Supervisor, Thread};
    ///
    /// static SERVED: AtomicU32 = AtomicU32::new(0);
    ///
    /// let supervisor = Supervisor::new().auto_shutdown(AutoShutdown::Never);
    /// let handle = supervisor.handle();
    /// let thread = Thread::new(supervisor);
    /// thread.start()?;
    /// let connection = ChildSpec::new("", || _ = SERVED.fetch_add(1, Ordering::Relaxed)).restart(Restart::Never);
    /// for n in 1..=3 {
    ///     handle.add_child(connection.clone().named(format!("connection {n}")))?;
    /// }
    /// handle.wait_for(|children| children.is_empty())?;
    /// assert_eq!(SERVED.load(Ordering::Relaxed), 3);
    /// thread.request_stop();
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_child(&self, child: ChildSpec) -> Result<(), SupervisorError> {
        self.control.board().give(Order::Add(child))
    }

    /// Stops a child, which is not restarted unless [`restart_child`](Self::restart_child) asks for it.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::NoSuchChild`] or [`SupervisorError::Ended`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{AutoShutdown, ChildState, Restart, Supervisor, Thread};
    ///
    /// let serve = || _ = threadwork::sleep(Duration::MAX);
    /// let supervisor = Supervisor::new().auto_shutdown(AutoShutdown::Never).child("one", Restart::Always, serve);
    /// let handle = supervisor.handle();
    /// let thread = Thread::new(supervisor);
    /// thread.start()?;
    /// handle.stop_child("one")?;
    /// handle.wait_for(|children| children[0].state() == ChildState::Ended)?;
    /// handle.restart_child("one")?;
    /// handle.wait_ready()?;
    /// assert_eq!(handle.child("one").unwrap().state(), ChildState::Running);
    /// thread.request_stop();
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stop_child(&self, name: &str) -> Result<(), SupervisorError> {
        self.control.board().give(Order::Stop(name.to_owned()))
    }

    /// Starts a child again: stops it first if it runs, and does not wait for the end of a pause.
    /// This does not count as a restart ([`at_most`](crate::Supervisor::at_most)).
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::NoSuchChild`] or [`SupervisorError::Ended`].
    pub fn restart_child(&self, name: &str) -> Result<(), SupervisorError> {
        self.control.board().give(Order::Restart(name.to_owned()))
    }

    /// Stops a child if it runs, and takes it off the list when it has ended.
    ///
    /// Its name is free at once. The next child of that name may start before this one has ended.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::NoSuchChild`] or [`SupervisorError::Ended`].
    pub fn remove_child(&self, name: &str) -> Result<(), SupervisorError> {
        self.control.board().give(Order::Remove(name.to_owned()))
    }

    /// Returns `true` if the supervisor runs and all its children are ready: each is started and, if it
    /// [tells](crate::ChildSpec::tells_when_ready), has told that it is ready, or has ended for good.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let (stage, children, _) = self.control.board().look();
        matches!(stage, Stage::Runs(_)) && are_ready(&children)
    }

    /// Blocks the current thread until the supervisor [is ready](Self::is_ready). It may begin to run in the meantime.
    /// A supervisor whose children have all ended was ready.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::Ended`] if the supervisor was stopped or has given up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{ChildSpec, Supervisor, SupervisorError, Thread};
    ///
    /// let supervisor = Supervisor::new().at_most(0, std::time::Duration::from_secs(1)).add_child(
    ///     ChildSpec::new("server", || Err::<(), _>("the port is taken")).tells_when_ready(),
    /// );
    /// let handle = supervisor.handle();
    /// let thread = Thread::new(supervisor);
    /// thread.start()?;
    /// assert_eq!(handle.wait_ready(), Err(SupervisorError::Ended));
    /// let error = thread.join().unwrap_err();
    /// assert!(error.to_string().ends_with("thread 'server' failed: the port is taken"));
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn wait_ready(&self) -> Result<(), SupervisorError> {
        self.wait_ready_with(&Wait::forever())
    }

    /// Like [`wait_ready`](Self::wait_ready), but waits for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::TimedOut`] if it is not ready by then; otherwise as [`wait_ready`](Self::wait_ready).
    #[track_caller]
    pub fn wait_ready_timeout(&self, timeout: Duration) -> Result<(), SupervisorError> {
        self.wait_ready_with(&Wait::timeout(timeout))
    }

    /// Like [`wait_ready`](Self::wait_ready), but gives up when `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::TimedOut`] or [`SupervisorError::Stopped`] if `wait` ends first; otherwise as
    /// [`wait_ready`](Self::wait_ready).
    #[track_caller]
    pub fn wait_ready_with(&self, wait: &Wait) -> Result<(), SupervisorError> {
        self.wait_until(wait, |stage, children| match stage {
            Stage::Runs(_) => are_ready(children),
            Stage::Over { by_itself } => *by_itself,
            Stage::New | Stage::Ends(_) => false,
        })
    }

    /// Blocks the current thread until `predicate` returns `true` for the children. It is called at once, and then after each change.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::Ended`] if the supervisor has ended before.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Restart, Supervisor, Thread};
    ///
    /// let supervisor = Supervisor::new()
    ///     .backoff(Duration::from_millis(1), Duration::from_millis(1))
    ///     .child("reader", Restart::OnFailure, || Err::<(), _>("no such file"));
    /// let handle = supervisor.handle();
    /// let thread = Thread::new(supervisor);
    /// thread.start()?;
    /// handle.wait_for(|children| children[0].restarts() >= 2)?;
    /// thread.request_stop();
    /// # thread.join().unwrap();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_for(
        &self,
        predicate: impl FnMut(&[ChildInfo]) -> bool,
    ) -> Result<(), SupervisorError> {
        self.wait_for_with(&Wait::forever(), predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but waits for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::TimedOut`] if the timeout expires first; otherwise as [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_timeout(
        &self,
        timeout: Duration,
        predicate: impl FnMut(&[ChildInfo]) -> bool,
    ) -> Result<(), SupervisorError> {
        self.wait_for_with(&Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but gives up when `wait` ends. The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`SupervisorError::TimedOut`] or [`SupervisorError::Stopped`] if `wait` ends first; otherwise as
    /// [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_with(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut(&[ChildInfo]) -> bool,
    ) -> Result<(), SupervisorError> {
        self.wait_until(wait, |_, children| predicate(children))
    }

    /// The one wait of all the above. What it waits for is user code, so nothing is locked.
    #[track_caller]
    fn wait_until(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut(&Stage, &[ChildInfo]) -> bool,
    ) -> Result<(), SupervisorError> {
        let board = self.control.board();
        let mut ended = Ok(());
        loop {
            let (stage, children, outdated) = board.look();
            if predicate(&stage, &children) {
                return Ok(());
            }
            if let Stage::Over { .. } = stage {
                return Err(SupervisorError::Ended);
            }
            ended?;
            ended = outdated.wait_with(wait);
        }
    }
}

/// Whether all children are started and ready, or have ended for good.
fn are_ready(children: &[ChildInfo]) -> bool {
    let is_ready = |it: &ChildInfo| {
        matches!(it.state, ChildState::Running | ChildState::Ended) || it.is_removed
    };
    children.iter().all(is_ready)
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, children, _) = self.control.board().look();
        let children: Vec<_> = children.iter().map(|it| (it.name(), it.state())).collect();
        f.debug_struct("SupervisorHandle")
            .field("runs", &matches!(stage, Stage::Runs(_)))
            .field("children", &children)
            .finish()
    }
}
