//! Threads that are started again when they end.

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

/// Starts its children, and starts them again when they end: each time a fresh copy of its prototype. After Erlang's supervisors.
///
/// It is a runnable, so it runs in a thread that is named, started and stopped like any other. It ends
/// - when it is stopped: then its children are asked to stop, the last one first, and it waits for them;
/// - when all children have ended that are not to be started again;
/// - with a panic, when there are too many restarts ([`at_most`](Self::at_most)), after its children were stopped: the failure goes up.
///
/// It can be cloned, and so be a child of another supervisor, which starts it again.
///
/// Each restart is an event for [`tracing`] ([`RESTARTED`](crate::events::RESTARTED)), and so is a child that is slow to stop ([`SLOW_TO_STOP`](crate::events::SLOW_TO_STOP)).
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
    /// A supervisor without children: one for one, at most 5 restarts in 30 seconds, with pauses from 10 milliseconds to 5 seconds.
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

    /// Whom to start again.
    pub fn strategy(self, strategy: Strategy) -> Supervisor {
        Supervisor { policy: Policy { strategy, ..self.policy }, ..self }
    }

    /// How often children may be started again: `restarts` times in any time of the length `period`, all children together.
    /// At one more the supervisor gives up.
    pub fn at_most(self, restarts: usize, period: Duration) -> Supervisor {
        Supervisor { policy: Policy { max_restarts: restarts, period, ..self.policy }, ..self }
    }

    /// How long to wait before a restart: `first`, then twice as long each time, up to `max`.
    /// A child that has run for longer than the period of [`at_most`](Self::at_most) begins with `first` again.
    pub fn backoff(self, first: Duration, max: Duration) -> Supervisor {
        Supervisor { policy: Policy { first_delay: first, max_delay: max, ..self.policy }, ..self }
    }

    /// After which time a child that was asked to stop is reported as slow. It is waited for all the same.
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
        // Whatever happens, no child is left behind: prototypes are cloned and dropped here, which is code of others.
        let ended = catch(|| watch.run());
        watch.stop_all();
        reported("drop of a supervised runnable", || drop(watch));
        match ended {
            Ok(Ok(())) => (),
            // Not a panic of the supervisor's own code: the panic hook has nothing to print about it.
            Ok(Err(reason)) => resume_unwind(Box::new(reason)),
            Err(payload) => payload.resume(),
        }
    }
}
