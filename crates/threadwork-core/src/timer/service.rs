//! The service: one thread that waits for the first of the pending timers.

use std::sync::Arc;

use threadwork_sync::{Wait, WaitError};

use super::{due::Due, plan::Plan, queue::Queue};
use crate::{
    error::StartError,
    exit::{self, Census, Pending},
    life::ThreadHandle,
    panic::reported,
    process::{LockPart, start_helper},
    start::check_maps,
};

/// All timers of the process.
pub(super) static TIMERS: Queue<Plan> = Queue::new(false, &LOCKED);

pub(super) static LOCKED: LockPart = || TIMERS.locked();

/// Makes sure that a thread serves the queue.
pub(super) fn serve(queue: &'static Queue<Plan>) -> Result<(), StartError> {
    static PENDING: &dyn Pending = &TIMERS;
    exit::wait_for(&PENDING);
    if queue.is_served() {
        return Ok(());
    }
    // Not with the queue locked: a fork locks the count of memory maps before the queue.
    check_maps()?;
    queue.serve_by(|| start_helper("threadwork-timers", || run(queue)).map_err(StartError::Os))
}

fn run(queue: &Queue<Plan>) {
    loop {
        queue.begin_to_look();
        let next = fire_due(queue, Due::now());
        queue.wait_for_news(next);
    }
}

/// Fires all timers that are due, and returns when the next one is due.
pub(super) fn fire_due(queue: &Queue<Plan>, now: Due) -> Due {
    loop {
        match queue.take_due(now) {
            // A panic of a subscriber, or of the drop of a function, must not end the service.
            Ok(plan) => reported("timer", move || plan.fire()),
            Err(next) => return next,
        }
    }
}

impl Pending for Queue<Plan> {
    fn census(&self) -> Census {
        Queue::census(self)
    }

    fn join(&self, wait: &Wait) -> Result<(), WaitError> {
        // A timer that was asked to stop with its group or its token need not be waited for.
        self.all().iter().filter(|it| it.stop_requested()).for_each(cancel);
        self.wait_until_idle(wait)
    }

    fn stop_all(&self) {
        for plan in self.all() {
            match plan.handle() {
                Some(thread) => reported("timer", || _ = thread.request_stop()),
                None => cancel(&plan),
            }
        }
    }

    fn waited_for(&self) -> Vec<ThreadHandle> {
        let pending = self.all();
        pending.iter().filter(|it| !it.is_daemon()).map(|it| it.thread().handle.clone()).collect()
    }
}

/// Returns the number of pending timers: those that are started and not due yet, including daemons.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::Timer;
///
/// let timer = Timer::new(Duration::from_secs(3600), || ());
/// assert_eq!(threadwork::pending_timers(), 0);
/// timer.start()?;
/// assert_eq!(threadwork::pending_timers(), 1);
/// timer.cancel();
/// assert_eq!(threadwork::pending_timers(), 0);
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[must_use]
pub fn pending_timers() -> usize {
    TIMERS.len()
}

/// Cancels a timer. The drop of its function is user code, so a panic is reported.
fn cancel(plan: &Arc<Plan>) {
    reported("timer", || _ = plan.cancel());
}
