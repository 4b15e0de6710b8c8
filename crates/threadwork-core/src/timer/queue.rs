//! The queue of pending timers, in order of time.

use std::{cmp::Ordering, collections::BTreeSet, mem, sync::Arc};

use threadwork_sync::{Event, Lock, LockGuard, Wait, WaitError, internal::lock::own_lock};

use super::due::Due;
use crate::{
    exit::Census,
    process::{LockPart, Locked, Part, hold, look_after},
};

/// The pending timers, and the events that the service and the end of the program wait for.
///
/// Lock order: the progress of a timer, then the queue. No user code runs while either is locked.
/// Scenario "the timer that becomes a thread" in docs/architecture.md.
pub(super) struct Queue<T> {
    timers: Lock<Timers<T>>,
    /// How the queue is locked while the process forks.
    at_fork: &'static LockPart,
    /// Set when a timer is armed that is due before all others. The service clears it before it looks.
    news: Event,
    /// Set when the last timer that the end of the program waits for is uncounted, cleared when one is armed. Changed only while the queue
    /// is locked.
    idle: Event,
}

struct Timers<T> {
    /// Finding, adding and removing a timer takes O(log n), and a removed timer leaves nothing behind.
    armed: BTreeSet<Armed<T>>,
    /// The number of timers that the end of the program waits for: those that are pending, or whose thread is being started.
    n_waited_for: usize,
    /// How many times a timer was armed.
    n_armed: u64,
    /// Whether a thread, or a test, fires the timers that are due.
    is_served: bool,
}

/// One pending timer, in two words. Timers that are due at the same time are distinguished by their addresses.
struct Armed<T> {
    due: Due,
    plan: Arc<T>,
}

impl<T> Ord for Armed<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |it: &Self| (it.due, Arc::as_ptr(&it.plan).addr());
        key(self).cmp(&key(other))
    }
}

impl<T> PartialOrd for Armed<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Armed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Armed<T> {}

impl<T> Queue<T> {
    /// Creates an empty queue. If `is_served` is true, no thread is started for it.
    pub(super) const fn new(is_served: bool, at_fork: &'static LockPart) -> Queue<T> {
        Queue {
            at_fork,
            timers: own_lock(
                "the pending timers",
                Timers { armed: BTreeSet::new(), n_waited_for: 0, n_armed: 0, is_served },
            ),
            news: Event::new().named("the first timer"),
            idle: Event::new().named("the pending timers"),
        }
    }

    fn lock(&self) -> LockGuard<'_, Timers<T>> {
        look_after(Part::Timers, self.at_fork);
        self.timers.acquire()
    }

    pub(super) fn is_served(&self) -> bool {
        self.lock().is_served
    }

    /// Calls `start`, which starts the thread that serves the queue, unless the queue is served already.
    pub(super) fn serve_by<E>(&self, start: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut timers = self.lock();
        if !timers.is_served {
            start()?;
            timers.is_served = true;
        }
        Ok(())
    }

    /// Prepares the service to look. If a timer is armed after this that is due before all others, the next
    /// [`wait_for_news`](Self::wait_for_news) returns.
    pub(super) fn begin_to_look(&self) {
        self.news.clear();
    }

    /// Blocks until a timer is armed that is due before all others, or until `next`.
    pub(super) fn wait_for_news(&self, next: Due) {
        let _ = self.news.wait_with(&Wait::until(next.deadline()));
    }

    /// Returns the event that the service waits for, for tests.
    #[cfg(test)]
    pub(super) fn news(&self) -> &Event {
        &self.news
    }

    /// Takes the first timer if it is due. Otherwise returns when it is due, or [`Due::NEVER`] if there is none.
    pub(super) fn take_due(&self, now: Due) -> Result<Arc<T>, Due> {
        let mut timers = self.lock();
        let next = timers.armed.first().map_or(Due::NEVER, |it| it.due);
        let first = if next <= now && next < Due::NEVER { timers.armed.pop_first() } else { None };
        first.map(|it| it.plan).ok_or(next)
    }

    /// Puts a timer into the queue. The caller keeps the timer's progress locked, so that a cancel finds it there.
    pub(super) fn arm(&self, plan: Arc<T>, due: Due, is_waited_for: bool) {
        let mut timers = self.lock();
        let timer = Armed { due, plan };
        let is_first = timers.armed.first().is_none_or(|first| timer < *first);
        timers.armed.insert(timer);
        timers.n_armed += 1;
        if is_waited_for {
            timers.n_waited_for += 1;
            self.idle.clear();
        }
        drop(timers);
        if is_first {
            self.news.set();
        }
    }

    /// Removes a timer from the queue, unless the service has just taken it. The service is not woken: it finds nothing at that time.
    pub(super) fn disarm(&self, plan: &Arc<T>, due: Due, is_waited_for: bool) {
        let timer = Armed { due, plan: Arc::clone(plan) };
        let mut timers = self.lock();
        // The caller holds the plan too, so this only drops a reference count.
        timers.armed.remove(&timer);
        self.discount(timers, is_waited_for);
    }

    /// Uncounts a timer that the end of the program need no longer wait for here: its thread is listed, or it has ended.
    pub(super) fn settled(&self, is_waited_for: bool) {
        self.discount(self.lock(), is_waited_for);
    }

    fn discount(&self, mut timers: LockGuard<'_, Timers<T>>, is_waited_for: bool) {
        if is_waited_for {
            timers.n_waited_for -= 1;
            if timers.n_waited_for == 0 {
                // With the queue locked: otherwise a timer that is armed in between would clear the event before it is set here.
                self.idle.set();
            }
        }
    }

    pub(super) fn census(&self) -> Census {
        let timers = self.lock();
        Census { n_waited_for: timers.n_waited_for, n_armed: timers.n_armed }
    }

    /// Blocks until there has been a moment without a timer that the end of the program waits for.
    pub(super) fn wait_until_idle(&self, wait: &Wait) -> Result<(), WaitError> {
        if self.census().n_waited_for == 0 { Ok(()) } else { self.idle.wait_with(wait) }
    }

    /// Returns the timers that are pending now, in order of time.
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.lock().armed.iter().map(|it| Arc::clone(&it.plan)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().armed.len()
    }
}

impl<T: Send + Sync> Queue<T> {
    /// Locks the queue while the process forks.
    pub(super) fn locked(&'static self) -> Locked {
        // Nothing is pending in the child, which does not have the service. What the timers own is leaked: it belongs to threads that are
        // not there.
        // Scenario "the threads that are not there" in docs/architecture.md.
        hold(&self.timers, |timers| {
            mem::forget(mem::take(&mut timers.armed));
            timers.n_waited_for = 0;
            timers.is_served = false;
        })
    }
}
