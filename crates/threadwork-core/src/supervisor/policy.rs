//! How children are restarted, and when a supervisor ends.

use std::time::Duration;

/// Which children a [`Supervisor`](crate::Supervisor) restarts when one of them has ended and has to be restarted.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::Strategy::default(), threadwork::Strategy::OneForOne);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Only that child.
    #[default]
    OneForOne,
    /// All children: the others are stopped first. For children that depend on each other.
    OneForAll,
    /// That child and those after it, which are stopped first. For children that depend on those before them.
    RestForOne,
}

/// When a [`Supervisor`](crate::Supervisor) ends although nobody stops it and no child fails too often.
///
/// # Examples
///
/// A supervisor that ends with its main child:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{AutoShutdown, ChildSpec, Restart, Supervisor, Thread};
///
/// let supervisor = Supervisor::new()
///     .auto_shutdown(AutoShutdown::AnySignificant)
///     .child("helper", Restart::Always, || _ = threadwork::sleep(Duration::MAX))
///     .add_child(ChildSpec::new("main", || ()).significant());
/// let thread = Thread::new(supervisor);
/// thread.start()?;
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// When all children have ended and none is restarted. A supervisor without children ends at once.
    #[default]
    AllEnded,
    /// When one of the [significant](crate::ChildSpec::significant) children has ended and is not restarted. It stops the others.
    AnySignificant,
    /// When all [significant](crate::ChildSpec::significant) children have ended and none is restarted. It stops the others.
    AllSignificant,
    /// Never: it waits for children that are [added](crate::SupervisorHandle::add_child), until it is stopped.
    Never,
}

/// Which children to restart, how often and after which pauses, how they are stopped, and when the supervisor ends.
#[derive(Clone)]
pub(super) struct Policy {
    pub(super) strategy: Strategy,
    /// How many restarts are allowed within any span of time of length `period`.
    pub(super) max_restarts: usize,
    pub(super) period: Duration,
    pub(super) first_delay: Duration,
    pub(super) max_delay: Duration,
    /// The time after which a child that was asked to stop is reported as slow, unless it has its own.
    pub(super) grace: Duration,
    /// Whether children are stopped one after the other, the last one first.
    pub(super) stops_in_order: bool,
    pub(super) auto_shutdown: AutoShutdown,
}

impl Policy {
    /// Creates the default policy: one for one, at most 5 restarts within 30 seconds, with pauses from 10 milliseconds to 5 seconds.
    pub(super) const fn new() -> Policy {
        Policy {
            strategy: Strategy::OneForOne,
            max_restarts: 5,
            period: Duration::from_secs(30),
            first_delay: Duration::from_millis(10),
            max_delay: Duration::from_secs(5),
            grace: Duration::from_secs(5),
            stops_in_order: false,
            auto_shutdown: AutoShutdown::AllEnded,
        }
    }

    /// Returns the pause before a restart, for a child with `failures` earlier failures in a row.
    pub(super) fn delay(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.first_delay.saturating_mul(factor).min(self.max_delay)
    }
}
