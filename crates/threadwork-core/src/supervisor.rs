//! Threads that are restarted when they end.

use std::{fmt, sync::Arc, time::Duration};

use once_cell::race::OnceBox;
use threadwork_sync::internal::panic::catch;

use self::{board::Control, policy::Policy, watch::Watch};
pub use self::{
    error::{GaveUpError, SupervisorError},
    handle::SupervisorHandle,
    info::{ChildInfo, ChildState},
    policy::{AutoShutdown, Strategy},
    spec::{ChildSpec, Restart},
    work::notify_ready,
};
use crate::{
    outcome::Failure,
    panic::reported,
    stop::stop_requested,
    work::{Prototype, Runnable},
};

mod policy;
mod spec;
mod error;
mod info;
mod board;
mod work;
mod watch;
mod handle;

/// Starts its children and restarts them when they end, each time with a fresh clone of the child's prototype.
///
/// Modeled on Erlang's supervisors.
/// A supervisor is a runnable, so it runs in a thread that is named, started and stopped like any other. It ends
/// - when it is stopped: it asks its children to stop, all at once or [in order](Self::stop_in_order), and waits for them;
/// - when all children have ended and none has to be restarted, or as [`auto_shutdown`](Self::auto_shutdown) says;
/// - with a [failure](GaveUpError), when there would be too many restarts ([`at_most`](Self::at_most)): it stops its children first.
///
/// Its children are in a [group](crate::ThreadGroup) with the name of its thread, below the group of that thread.
/// Through a [handle](Self::handle) other threads ask for the children, and add, stop, restart and remove them.
///
/// A supervisor can be cloned, so it can be the child of another supervisor, which restarts it.
/// Two children of one supervisor do not have the same name, or it fails at once; a child with an empty name is called as its group says.
///
/// Each restart is an event for [`tracing`](https://docs.rs/tracing) ([`RESTARTED`](crate::events::RESTARTED)), and so is a child that is slow to stop
/// ([`SLOW_TO_STOP`](crate::events::SLOW_TO_STOP)).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::{sync::atomic::{AtomicU32, Ordering}, time::Duration};
/// use threadwork::{Restart, Supervisor, Thread};
///
/// static RUNS: AtomicU32 = AtomicU32::new(0);
///
/// let supervisor = Supervisor::new()
///     .backoff(Duration::from_millis(1), Duration::from_secs(1))
///     .child("reader", Restart::OnFailure, || match RUNS.fetch_add(1, Ordering::Relaxed) {
///         0 => panic!("not yet"),
///         1 => Err("not yet"),
///         _ => Ok(()),
///     });
/// let thread = Thread::builder().name("supervisor").build(supervisor);
/// thread.start()?;
/// thread.join()?;
/// assert_eq!(RUNS.load(Ordering::Relaxed), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a supervisor does nothing until a thread runs it"]
pub struct Supervisor {
    children: Vec<ChildSpec>,
    policy: Policy,
    /// Created on first use. Clones share it.
    control: OnceBox<Arc<Control>>,
}

impl Supervisor {
    /// Creates a supervisor without children.
    ///
    /// The defaults: one for one, at most 5 restarts within 30 seconds, with pauses from 10 milliseconds to 5 seconds.
    pub const fn new() -> Supervisor {
        Supervisor { children: Vec::new(), policy: Policy::new(), control: OnceBox::new() }
    }

    /// Adds a child that runs a clone of `prototype` each time. Children are started in the order in which they were added.
    pub fn child(
        self,
        name: impl Into<String>,
        restart: Restart,
        prototype: impl Prototype + 'static,
    ) -> Supervisor {
        self.add_child(ChildSpec::new(name, prototype).restart(restart))
    }

    /// Adds a child that runs what `make` returns, each time something new: for a child that cannot be cloned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use threadwork::{Restart, Runnable, Supervisor, Thread};
    ///
    /// static MADE: AtomicU32 = AtomicU32::new(0);
    ///
    /// struct Reader(u32);
    /// impl Runnable for Reader {
    ///     fn run(&mut self) {
    ///         assert!(self.0 > 0, "the first one does not work");
    ///     }
    /// }
    ///
    /// let make = || Reader(MADE.fetch_add(1, Ordering::Relaxed));
    /// let thread = Thread::new(Supervisor::new().child_with("reader", Restart::OnPanic, make));
    /// thread.start()?;
    /// thread.join()?;
    /// assert_eq!(MADE.load(Ordering::Relaxed), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn child_with<R: Runnable + 'static>(
        self,
        name: impl Into<String>,
        restart: Restart,
        make: impl Fn() -> R + Send + Sync + 'static,
    ) -> Supervisor {
        self.add_child(ChildSpec::made_by(name, make).restart(restart))
    }

    /// Adds a child with further settings.
    pub fn add_child(mut self, child: ChildSpec) -> Supervisor {
        self.children.push(child);
        if self.control.get().is_some() {
            self.preview();
        }
        self
    }

    /// Sets which children are restarted when one has ended.
    pub fn strategy(self, strategy: Strategy) -> Supervisor {
        Supervisor { policy: Policy { strategy, ..self.policy }, ..self }
    }

    /// Limits the restarts: at most `restarts` within any span of time of length `period`, for all children together.
    /// When one more would be needed, the supervisor gives up: it stops its children and fails with a [`GaveUpError`].
    pub fn at_most(self, restarts: usize, period: Duration) -> Supervisor {
        Supervisor { policy: Policy { max_restarts: restarts, period, ..self.policy }, ..self }
    }

    /// Sets the pause before a restart: `first`, then twice as long each time, up to `max`.
    /// After a child has run for longer than the period of [`at_most`](Self::at_most), its pauses begin with `first` again.
    pub fn backoff(self, first: Duration, max: Duration) -> Supervisor {
        Supervisor { policy: Policy { first_delay: first, max_delay: max, ..self.policy }, ..self }
    }

    /// Sets the time after which a child that was asked to stop is reported as slow, unless the child has
    /// [its own](ChildSpec::slow_after). The supervisor keeps waiting for it. The default is 5 seconds.
    pub fn slow_after(self, grace: Duration) -> Supervisor {
        Supervisor { policy: Policy { grace, ..self.policy }, ..self }
    }

    /// Stops children one after the other, the last one first, each when the one after it has ended.
    /// By default all are asked to stop at once.
    pub fn stop_in_order(self) -> Supervisor {
        Supervisor { policy: Policy { stops_in_order: true, ..self.policy }, ..self }
    }

    /// Sets when the supervisor ends by itself. By default it does when all its children have ended.
    pub fn auto_shutdown(self, auto_shutdown: AutoShutdown) -> Supervisor {
        Supervisor { policy: Policy { auto_shutdown, ..self.policy }, ..self }
    }

    /// Returns a handle, through which other threads ask for the children and change them, while it runs.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Restart, Supervisor, Thread};
    ///
    /// let supervisor = Supervisor::new().child("reader", Restart::Always, || _ = threadwork::sleep(Duration::MAX));
    /// let handle = supervisor.handle();
    /// let thread = Thread::new(supervisor);
    /// thread.start()?;
    /// handle.wait_ready()?;
    /// assert!(handle.child("reader").unwrap().thread().unwrap().is_alive());
    /// thread.request_stop();
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn handle(&self) -> SupervisorHandle {
        self.preview();
        SupervisorHandle { control: Arc::clone(self.control()) }
    }

    fn control(&self) -> &Arc<Control> {
        self.control.get_or_init(|| Box::new(Arc::new(Control::new())))
    }

    /// Shows handles the children that it will begin with.
    fn preview(&self) {
        let children = self.children.iter().cloned().map(ChildInfo::of_new).collect();
        self.control().board().preview(children);
    }
}

impl Default for Supervisor {
    fn default() -> Self {
        Supervisor::new()
    }
}

/// The clone has the same handles.
impl Clone for Supervisor {
    fn clone(&self) -> Self {
        let control = OnceBox::with_value(Box::new(Arc::clone(self.control())));
        Supervisor { children: self.children.clone(), policy: self.policy.clone(), control }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let children: Vec<_> = self.children.iter().map(ChildSpec::name).collect();
        f.debug_struct("Supervisor")
            .field("children", &children)
            .field("strategy", &self.policy.strategy)
            .finish_non_exhaustive()
    }
}

impl Runnable for Supervisor {
    /// Supervises the children, and drops the failure if it gives up. Threads call [`try_run`](Runnable::try_run).
    fn run(&mut self) {
        let _ = self.try_run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        let mut watch = Watch::begin(&self.children, &self.policy, self.control());
        // No child is left behind, even if this panics: it drops prototypes, which is user code.
        let ended = catch(|| watch.run());
        watch.stop_all();
        watch.end(matches!(ended, Ok(Ok(()))) && !stop_requested());
        reported("drop of a supervised runnable", || drop(watch));
        ended.unwrap_or_else(|payload| payload.resume())
    }
}
