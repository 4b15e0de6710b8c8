//! What a supervisor is told about a child.

use std::{fmt, sync::Arc, time::Duration};

use threadwork_sync::internal::lock::own_lock;

use crate::{
    outcome::Outcome,
    work::{Prototype, Runnable},
};

/// When a child of a [`Supervisor`](crate::Supervisor) is restarted.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::Restart::default(), threadwork::Restart::OnFailure);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Never: it runs once, no matter how it ends.
    Never,
    /// After it has panicked, and not after a [failure](crate::Failure), which it has returned on purpose.
    OnPanic,
    /// After it has panicked or [failed](crate::Failure).
    #[default]
    OnFailure,
    /// No matter how it ends, even if only this child was stopped.
    Always,
}

impl Restart {
    /// Returns `true` if a child is restarted after this end.
    pub(super) fn is_due_after(self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Restart::Never, _) => false,
            (Restart::Always, _) | (_, Outcome::Panicked(_)) => true,
            (Restart::OnFailure, Outcome::Failed(_)) => true,
            _ => false,
        }
    }
}

/// A child of a [`Supervisor`](crate::Supervisor): its name, how its runnable is made for each run, and when it is restarted.
///
/// [`Supervisor::child`](crate::Supervisor::child) is shorter for a child without further settings.
///
/// # Examples
///
/// A child that owns a socket cannot be cloned, so it is made for each run:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::{io, net::UdpSocket};
/// use threadwork::{ChildSpec, Failure, Runnable, Supervisor, Thread};
///
/// struct Listener(io::Result<UdpSocket>);
/// impl Runnable for Listener {
///     fn try_run(&mut self) -> Result<(), Failure> {
///         let socket = self.0.as_ref().map_err(|error| error.to_string())?;
///         assert!(socket.local_addr()?.ip().is_loopback());
///         Ok(())
///     }
/// }
///
/// let listener = ChildSpec::made_by("listener", || Listener(UdpSocket::bind("127.0.0.1:0")));
/// let thread = Thread::new(Supervisor::new().add_child(listener));
/// thread.start()?;
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a child is started by the supervisor that it is added to"]
pub struct ChildSpec {
    name: Arc<str>,
    restart: Restart,
    make: Arc<dyn Fn() -> Box<dyn Runnable> + Send + Sync>,
    grace: Option<Duration>,
    is_significant: bool,
    tells_ready: bool,
}

impl ChildSpec {
    /// Describes a child that runs a clone of `prototype` each time.
    ///
    /// Supervisors and their clones share the prototype. It is cloned in the supervisor's thread, in one thread at a time.
    /// If that panics, it is a failed start: the supervisor tries again.
    pub fn new(name: impl Into<String>, prototype: impl Prototype + 'static) -> ChildSpec {
        let prototype: Box<dyn Prototype> = Box::new(prototype);
        // Held while it is cloned, which is user code, as the documentation says.
        let prototype = own_lock("the prototype of a child", prototype);
        ChildSpec::of(name.into(), Arc::new(move || Box::new(prototype.acquire().clone())))
    }

    /// Describes a child that runs what `make` returns, each time something new. It need not be `Clone`.
    ///
    /// `make` is called in the supervisor's thread. If it panics, that is a failed start: the supervisor tries again.
    pub fn made_by<R: Runnable + 'static>(
        name: impl Into<String>,
        make: impl Fn() -> R + Send + Sync + 'static,
    ) -> ChildSpec {
        ChildSpec::of(name.into(), Arc::new(move || Box::new(make())))
    }

    fn of(name: String, make: Arc<dyn Fn() -> Box<dyn Runnable> + Send + Sync>) -> ChildSpec {
        ChildSpec {
            name: name.into(),
            restart: Restart::default(),
            make,
            grace: None,
            is_significant: false,
            tells_ready: false,
        }
    }

    /// Gives the child another name: for several children that do the same.
    pub fn named(self, name: impl Into<String>) -> ChildSpec {
        ChildSpec { name: name.into().into(), ..self }
    }

    /// Sets when it is restarted. The default is [`Restart::OnFailure`].
    pub fn restart(self, restart: Restart) -> ChildSpec {
        ChildSpec { restart, ..self }
    }

    /// Sets the time after which it is reported as slow when it was asked to stop. The supervisor keeps waiting for it.
    /// The default is that of [the supervisor](crate::Supervisor::slow_after).
    pub fn slow_after(self, grace: Duration) -> ChildSpec {
        ChildSpec { grace: Some(grace), ..self }
    }

    /// Makes it significant: its end may be the [end of the supervisor](crate::Supervisor::auto_shutdown).
    ///
    /// A stop through a [handle](crate::SupervisorHandle), or because another child is restarted, is no such end. A child that is
    /// [always](Restart::Always) restarted has none.
    pub fn significant(self) -> ChildSpec {
        ChildSpec { is_significant: true, ..self }
    }

    /// Makes the supervisor wait, before it starts the children after this one, until this one has called
    /// [`notify_ready`](crate::notify_ready) or has ended.
    ///
    /// Without this a child is ready as soon as it is started.
    pub fn tells_when_ready(self) -> ChildSpec {
        ChildSpec { tells_ready: true, ..self }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns when it is restarted.
    #[must_use]
    pub fn restarts_when(&self) -> Restart {
        self.restart
    }

    /// Returns `true` if it is [significant](Self::significant).
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.is_significant
    }

    /// Makes what its next run is to run. This is user code.
    pub(super) fn make(&self) -> Box<dyn Runnable> {
        (self.make)()
    }

    pub(super) fn grace(&self) -> Option<Duration> {
        self.grace
    }

    pub(super) fn tells_ready(&self) -> bool {
        self.tells_ready
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("name", &self.name)
            .field("restart", &self.restart)
            .field("grace", &self.grace)
            .field("is_significant", &self.is_significant)
            .field("tells_when_ready", &self.tells_ready)
            .finish_non_exhaustive()
    }
}
