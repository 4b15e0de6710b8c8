//! The timers that are pending, in order of time, and the one thread that waits for the first of them.

use std::{cmp::Ordering, collections::BTreeSet, mem, sync::Arc};

use threadwork_sync::{Event, Lock, LockGuard, Wait, WaitError, internal::own_lock};

use super::{due::Due, plan::Plan};
use crate::{
    error::StartError,
    exit::{self, Census, Pending},
    life::ThreadHandle,
    panic::reported,
    process::{LockPart, Part, hold, look_after, start_helper},
    start::check_maps,
};

/// All timers of the process.
pub(super) static TIMERS: Timers = Timers::new(false);

/// Timers that are pending, and what those who wait for them wait for.
///
/// Lock order: the state of a timer, then the queue. No user code runs while either is locked.
pub(super) struct Timers {
    queue: Lock<Queue>,
    /// There is a timer that is due before all others. Cleared by the service before it looks.
    news: Event,
    /// Nobody waits for a pending timer at the end of the program. Changed while the queue is locked.
    idle: Event,
}

struct Queue {
    /// To find one, to add one and to take one away takes O(log n), and nothing is left behind.
    entries: BTreeSet<Entry>,
    /// Those that the end of the program waits for: pending, or with a thread that is being started.
    n_waited_for: usize,
    /// How often a timer was armed.
    n_armed: u64,
    /// Whether the thread is there, or somebody else sees to what is due.
    is_served: bool,
}

/// One pending timer, in two words. Those that are due at the same time are told apart by their addresses.
struct Entry {
    due: Due,
    plan: Arc<Plan>,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |it: &Entry| (it.due, Arc::as_ptr(&it.plan).addr());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl Timers {
    /// Timers without a thread; `is_served` says that none is to be started.
    pub(super) const fn new(is_served: bool) -> Timers {
        Timers {
            queue: own_lock(
                "the pending timers",
                Queue { entries: BTreeSet::new(), n_waited_for: 0, n_armed: 0, is_served },
            ),
            news: Event::new().named("the first timer"),
            idle: Event::new().named("the pending timers"),
        }
    }

    fn queue(&self) -> LockGuard<'_, Queue> {
        look_after(Part::Timers, &LOCKED);
        self.queue.acquire()
    }

    /// Makes sure that the thread is there.
    pub(super) fn serve(&'static self) -> Result<(), StartError> {
        static PENDING: &dyn Pending = &TIMERS;
        exit::wait_for(&PENDING);
        if self.queue().is_served {
            return Ok(());
        }
        // Not under the lock: a thread that forks has that of the count before this one.
        check_maps()?;
        let mut queue = self.queue();
        if queue.is_served {
            return Ok(());
        }
        start_helper("threadwork-timers", || self.run()).map_err(StartError::Os)?;
        queue.is_served = true;
        Ok(())
    }

    fn run(&self) {
        loop {
            self.news.clear();
            let next = self.fire_due(Due::now());
            // What is armed from here on, and is due earlier, has set the event again.
            let _ = self.news.wait_with(&Wait::until(next.deadline()));
        }
    }

    /// Fires all that is due and says when the next one is.
    pub(super) fn fire_due(&self, now: Due) -> Due {
        loop {
            match self.take_due(now) {
                // Neither a subscriber nor the drop of somebody's function ends the service.
                Ok(plan) => reported("timer", move || plan.fire()),
                Err(next) => return next,
            }
        }
    }

    /// Takes the first timer if it is due; otherwise says when it is.
    pub(super) fn take_due(&self, now: Due) -> Result<Arc<Plan>, Due> {
        let mut queue = self.queue();
        let next = queue.entries.first().map_or(Due::NEVER, |it| it.due);
        let first = if next <= now && next < Due::NEVER { queue.entries.pop_first() } else { None };
        first.map(|it| it.plan).ok_or(next)
    }

    /// Puts a timer into the queue. Its state is locked, so that whoever cancels it finds it there.
    pub(super) fn arm(&self, plan: Arc<Plan>, due: Due, is_waited_for: bool) {
        let mut queue = self.queue();
        let entry = Entry { due, plan };
        let is_first = queue.entries.first().is_none_or(|first| entry < *first);
        queue.entries.insert(entry);
        queue.n_armed += 1;
        if is_waited_for {
            queue.n_waited_for += 1;
            self.idle.clear();
        }
        drop(queue);
        if is_first {
            self.news.set();
        }
    }

    /// Takes a timer out of the queue, unless it was just taken because it is due. The service sleeps on: it finds nothing at that time.
    pub(super) fn disarm(&self, plan: &Arc<Plan>, due: Due, is_waited_for: bool) {
        let entry = Entry { due, plan: Arc::clone(plan) };
        let mut queue = self.queue();
        // Whoever cancels has the plan too, so nothing but a count is dropped here.
        queue.entries.remove(&entry);
        self.discount(queue, is_waited_for);
    }

    /// The end of the program need not wait for this timer any more: its thread is listed, or it has ended.
    pub(super) fn settled(&self, is_waited_for: bool) {
        self.discount(self.queue(), is_waited_for);
    }

    fn discount(&self, mut queue: LockGuard<'_, Queue>, is_waited_for: bool) {
        if is_waited_for {
            queue.n_waited_for -= 1;
            if queue.n_waited_for == 0 {
                // While it is locked: else a timer that is armed meanwhile would clear the event too early.
                self.idle.set();
            }
        }
    }

    /// What the service waits for, for tests.
    #[cfg(test)]
    pub(super) fn news(&self) -> &Event {
        &self.news
    }

    /// The timers that are pending now, in order of time.
    pub(super) fn pending(&self) -> Vec<Arc<Plan>> {
        self.queue().entries.iter().map(|it| Arc::clone(&it.plan)).collect()
    }
}

impl Pending for Timers {
    fn census(&self) -> Census {
        let queue = self.queue();
        Census { n_waited_for: queue.n_waited_for, n_armed: queue.n_armed }
    }

    fn join(&self, wait: &Wait) -> Result<(), WaitError> {
        // One that was stopped with the thread that has made it need not be waited for.
        self.pending().iter().filter(|it| it.stop_requested()).for_each(cancel);
        if self.census().n_waited_for == 0 { Ok(()) } else { self.idle.wait_with(wait) }
    }

    fn stop_all(&self) {
        for plan in self.pending() {
            match plan.thread_if_made() {
                Some(thread) => reported("timer", || _ = thread.request_stop()),
                None => cancel(&plan),
            }
        }
    }

    fn waited_for(&self) -> Vec<ThreadHandle> {
        let pending = self.pending();
        pending.iter().filter(|it| !it.is_daemon()).map(|it| it.made().thread.clone()).collect()
    }
}

static LOCKED: LockPart = || {
    // Nothing is pending in the child, where the service is not. What the timers own belongs to threads that are not there either.
    hold(&TIMERS.queue, |queue| {
        mem::forget(mem::take(&mut queue.entries));
        queue.n_waited_for = 0;
        queue.is_served = false;
    })
};

/// How many timers are pending: armed, and not due yet. Daemons too.
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
    TIMERS.queue().entries.len()
}

/// The drop of its function is somebody else's code.
fn cancel(plan: &Arc<Plan>) {
    reported("timer", || _ = plan.cancel());
}
