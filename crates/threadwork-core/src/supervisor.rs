//! Threads that are restarted when they end.

use std::{fmt, panic::resume_unwind, time::Duration};

use threadwork_sync::internal::panic::catch;

use self::{child::Child, policy::Policy, watch::Watch};
pub use self::{child::Restart, policy::Strategy};
use crate::{
    panic::reported,
    work::{Prototype, Runnable},
};

mod child;
mod policy;
mod watch;

/// Starts its children and restarts them when they end, each time with a fresh clone of the child's prototype.
///
/// Modeled on Erlang's supervisors.
/// A supervisor is a runnable, so it runs in a thread that is named, started and stopped like any other. It ends
/// - when it is stopped: it asks its children to stop, the last one first, and waits for each;
/// - when all children have ended and none has to be restarted;
/// - with a panic, when there are too many restarts ([`at_most`](Self::at_most)): it stops its children first, and the panic passes the
///   failure on.
///
/// A supervisor can be cloned, so it can be the child of another supervisor, which restarts it.
///
/// Each restart is an event for [`tracing`] ([`RESTARTED`](crate::events::RESTARTED)), and so is a child that is slow to stop
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
///     .child("reader", Restart::OnPanic, || {
///         assert!(RUNS.fetch_add(1, Ordering::Relaxed) >= 2, "not yet");
///     });
/// let thread = Thread::builder().name("supervisor").build(supervisor);
/// thread.start()?;
/// thread.join()?;
/// assert_eq!(RUNS.load(Ordering::Relaxed), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a supervisor does nothing until a thread runs it"]
pub struct Supervisor {
    children: Vec<Child>,
    policy: Policy,
}

impl Supervisor {
    /// Creates a supervisor without children.
    ///
    /// The defaults: one for one, at most 5 restarts within 30 seconds, with pauses from 10 milliseconds to 5 seconds.
    pub const fn new() -> Supervisor {
        Supervisor { children: Vec::new(), policy: Policy::new() }
    }

    /// Adds a child. Children are started in the order in which they were added.
    pub fn child(
        mut self,
        name: impl Into<String>,
        restart: Restart,
        prototype: impl Prototype + 'static,
    ) -> Supervisor {
        let prototype = Box::new(prototype);
        self.children.push(Child { name: name.into(), restart, prototype });
        self
    }

    /// Sets which children are restarted when one has ended.
    pub fn strategy(self, strategy: Strategy) -> Supervisor {
        Supervisor { policy: Policy { strategy, ..self.policy }, ..self }
    }

    /// Limits the restarts: at most `restarts` within any span of time of length `period`, for all children together.
    /// When one more would be needed, the supervisor gives up.
    pub fn at_most(self, restarts: usize, period: Duration) -> Supervisor {
        Supervisor { policy: Policy { max_restarts: restarts, period, ..self.policy }, ..self }
    }

    /// Sets the pause before a restart: `first`, then twice as long each time, up to `max`.
    /// After a child has run for longer than the period of [`at_most`](Self::at_most), its pauses begin with `first` again.
    pub fn backoff(self, first: Duration, max: Duration) -> Supervisor {
        Supervisor { policy: Policy { first_delay: first, max_delay: max, ..self.policy }, ..self }
    }

    /// Sets the time after which a child that was asked to stop is reported as slow. The supervisor keeps waiting for it.
    pub fn slow_after(self, grace: Duration) -> Supervisor {
        Supervisor { policy: Policy { grace, ..self.policy }, ..self }
    }
}

impl Default for Supervisor {
    fn default() -> Self {
        Supervisor::new()
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let children: Vec<_> = self.children.iter().map(|it| &it.name).collect();
        f.debug_struct("Supervisor")
            .field("children", &children)
            .field("strategy", &self.policy.strategy)
            .finish_non_exhaustive()
    }
}

impl Runnable for Supervisor {
    fn run(&mut self) {
        let mut watch = Watch::new(&self.children, &self.policy);
        // No child is left behind, even if this panics: it clones and drops prototypes, which is user code.
        let ended = catch(|| watch.run());
        watch.stop_all();
        reported("drop of a supervised runnable", || drop(watch));
        match ended {
            Ok(Ok(())) => (),
            // Skips the panic hook: this is not a panic of the supervisor's own code, so there is nothing to print.
            Ok(Err(reason)) => resume_unwind(Box::new(reason)),
            Err(payload) => payload.resume(),
        }
    }
}
