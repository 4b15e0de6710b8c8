//! Timers that are pending, in order of time.

use std::{cmp::Ordering, collections::BTreeSet, mem, sync::Arc};

use threadwork_sync::{Event, Lock, LockGuard, Wait, WaitError, internal::lock::own_lock};

use super::due::Due;
use crate::{
    exit::Census,
    process::{LockPart, Locked, Part, hold, look_after},
};

/// Timers that are pending, and what those who wait for them wait for.
///
/// Lock order: the progress of a timer, then the queue. No user code runs while either is locked.
pub(super) struct Queue<T> {
    timers: Lock<Timers<T>>,
    /// Keeps others from this while the process forks.
    at_fork: &'static LockPart,
    /// There is a timer that is due before all others. Cleared by the service before it looks.
    news: Event,
    /// Nobody waits for a pending timer at the end of the program. Changed while the queue is locked.
    idle: Event,
}

struct Timers<T> {
    /// To find one, to add one and to take one away takes O(log n), and nothing is left behind.
    armed: BTreeSet<Armed<T>>,
    /// Those that the end of the program waits for: pending, or with a thread that is being started.
    n_waited_for: usize,
    /// How often a timer was armed.
    n_armed: u64,
    /// Whether the thread is there, or somebody else sees to what is due.
    is_served: bool,
}

/// One pending timer, in two words. Those that are due at the same time are told apart by their addresses.
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
    /// A queue without timers; `is_served` says that no thread is to be started for it.
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

    /// Has `start` make the thread that serves the queue, unless it is there.
    pub(super) fn serve_by<E>(&self, start: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut timers = self.lock();
        if !timers.is_served {
            start()?;
            timers.is_served = true;
        }
        Ok(())
    }

    /// What is armed from here on, and is due before all others, ends the next [`wait_for_news`](Self::wait_for_news).
    pub(super) fn begin_to_look(&self) {
        self.news.clear();
    }

    /// Waits until a timer is armed that is due before all others, or until `next`.
    pub(super) fn wait_for_news(&self, next: Due) {
        let _ = self.news.wait_with(&Wait::until(next.deadline()));
    }

    /// What the service waits for, for tests.
    #[cfg(test)]
    pub(super) fn news(&self) -> &Event {
        &self.news
    }

    /// Takes the first timer if it is due; otherwise says when it is.
    pub(super) fn take_due(&self, now: Due) -> Result<Arc<T>, Due> {
        let mut timers = self.lock();
        let next = timers.armed.first().map_or(Due::NEVER, |it| it.due);
        let first = if next <= now && next < Due::NEVER { timers.armed.pop_first() } else { None };
        first.map(|it| it.plan).ok_or(next)
    }

    /// Puts a timer into the queue. Its state is locked, so that whoever cancels it finds it there.
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

    /// Takes a timer out of the queue, unless it was just taken because it is due. The service sleeps on: it finds nothing at that time.
    pub(super) fn disarm(&self, plan: &Arc<T>, due: Due, is_waited_for: bool) {
        let timer = Armed { due, plan: Arc::clone(plan) };
        let mut timers = self.lock();
        // Whoever cancels has the plan too, so nothing but a count is dropped here.
        timers.armed.remove(&timer);
        self.discount(timers, is_waited_for);
    }

    /// The end of the program need not wait for this timer any more: its thread is listed, or it has ended.
    pub(super) fn settled(&self, is_waited_for: bool) {
        self.discount(self.lock(), is_waited_for);
    }

    fn discount(&self, mut timers: LockGuard<'_, Timers<T>>, is_waited_for: bool) {
        if is_waited_for {
            timers.n_waited_for -= 1;
            if timers.n_waited_for == 0 {
                // While it is locked: else a timer that is armed meanwhile would clear the event too early.
                self.idle.set();
            }
        }
    }

    pub(super) fn census(&self) -> Census {
        let timers = self.lock();
        Census { n_waited_for: timers.n_waited_for, n_armed: timers.n_armed }
    }

    /// Waits until there was a moment without a timer that the end of the program waits for.
    pub(super) fn wait_until_idle(&self, wait: &Wait) -> Result<(), WaitError> {
        if self.census().n_waited_for == 0 { Ok(()) } else { self.idle.wait_with(wait) }
    }

    /// The timers that are pending now, in order of time.
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.lock().armed.iter().map(|it| Arc::clone(&it.plan)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().armed.len()
    }
}

impl<T: Send + Sync> Queue<T> {
    /// Keeps others from the queue while the process forks.
    pub(super) fn locked(&'static self) -> Locked {
        // Nothing is pending in the child, where the service is not. What the timers own belongs to threads that are not there either.
        hold(&self.timers, |timers| {
            mem::forget(mem::take(&mut timers.armed));
            timers.n_waited_for = 0;
            timers.is_served = false;
        })
    }
}
