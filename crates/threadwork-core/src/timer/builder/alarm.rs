//! An alarm: a function of the library's own that the service itself calls at some time.

use std::{any::type_name, fmt, sync::Arc, time::Duration};

use crate::{
    error::StartError,
    life::Settings,
    timer::{
        plan::{Plan, Ring, Spec},
        service::TIMERS,
    },
};

/// A function that is called once, some time after the alarm is set, in the thread that serves all timers.
///
/// All timers wait for it, so it is short, does not block, and is none of the user's. A clone refers to the same alarm.
/// Dropping it does not cancel it.
///
/// Scenario "the alarm that has no thread" in docs/architecture.md.
#[derive(Clone)]
pub(crate) struct Alarm {
    plan: Arc<Plan>,
}

impl Alarm {
    /// Creates an alarm. The end of the program waits for one that is set, unless it is a daemon, and knows it by `name`.
    pub(crate) fn new<F>(name: &str, daemon: bool, delay: Duration, function: F) -> Alarm
    where
        F: FnOnce() + Send + 'static,
    {
        let settings = Settings { name: Some(name.to_owned()), daemon, ..Settings::default() };
        let spec = Spec::new(settings, type_name::<F>);
        let plan = Plan::new(&TIMERS, spec, delay, Box::new(Ring(Some(function))));
        Alarm { plan: Arc::new(plan) }
    }

    /// Sets the alarm: its delay begins now. One that was cancelled before does not ring.
    ///
    /// # Errors
    ///
    /// Returns an error if the thread that serves all timers cannot be started. The function is still there.
    pub(crate) fn set(&self) -> Result<(), StartError> {
        self.plan.start()
    }

    /// Drops the function, unless the alarm has rung.
    pub(crate) fn cancel(&self) {
        self.plan.cancel();
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarm").finish_non_exhaustive()
    }
}
