//! The queue of pending timers, in order of time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use threadwork_sync::{
    Event, Lock, LockGuard, Wait, WaitError,
    internal::{clock::on_time, lock::own_lock},
};

use self::heap::Heap;
pub(super) use self::heap::{Place, Placed};
use super::due::Due;
use crate::{
    exit::Census,
    process::{LockPart, Locked, Part, hold, look_after},
};

mod heap;

/// The pending timers, and the events that the service and the end of the program wait for.
///
/// Lock order: the progress of a timer, then the queue. No user code runs while either is locked.
/// Scenarios "the timer that becomes a thread" and "the timer that the service would miss" in docs/architecture.md.
pub(super) struct Queue<T> {
    timers: Lock<Timers<T>>,
    /// Whether a thread, or a test, fires the timers that are due. Changed only while the queue is locked.
    is_served: AtomicBool,
    /// How the queue is locked while the process forks.
    at_fork: &'static LockPart,
    /// Set when a timer is armed for which the service has to wake up. The service clears it before it looks.
    news: Event,
    /// Set when the last timer that the end of the program waits for is uncounted, cleared when one is armed. Changed only while the queue
    /// is locked.
    idle: Event,
}

struct Timers<T> {
    armed: Heap<T>,
    /// When the service will look again: at once if it is awake, or not started yet. It is woken for a timer that is due before that, and for
    /// no other.
    next_look: Due,
    /// The number of timers that the end of the program waits for: those that are pending, or whose thread is being started.
    n_waited_for: usize,
    /// How many times a timer was armed.
    n_armed: u64,
}

impl<T: Placed> Queue<T> {
    /// Creates an empty queue. If `is_served` is true, no thread is started for it.
    pub(super) const fn new(is_served: bool, at_fork: &'static LockPart) -> Queue<T> {
        let timers =
            Timers { armed: Heap::new(), next_look: Due::EARLIEST, n_waited_for: 0, n_armed: 0 };
        Queue {
            timers: own_lock("the pending timers", timers),
            is_served: AtomicBool::new(is_served),
            at_fork,
            news: Event::new().named("the first timer"),
            idle: Event::new().named("the pending timers"),
        }
    }

    fn lock(&self) -> LockGuard<'_, Timers<T>> {
        look_after(Part::Timers, self.at_fork);
        self.timers.acquire()
    }

    pub(super) fn is_served(&self) -> bool {
        // The thread that reads `true` needs nothing that the other one wrote before: it locks the queue next.
        self.is_served.load(Ordering::Relaxed)
    }

    /// Calls `start`, which starts the thread that serves the queue, unless the queue is served already.
    pub(super) fn serve_by<E>(&self, start: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let _timers = self.lock();
        if !self.is_served() {
            start()?;
            self.is_served.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Prepares the service to look. If a timer is armed after this that is due before the service looks again, the next
    /// [`wait_for_news`](Self::wait_for_news) returns.
    pub(super) fn begin_to_look(&self) {
        self.news.clear();
    }

    /// Blocks until a timer is armed that is due before `next`, or until `next`.
    pub(super) fn wait_for_news(&self, next: Due) {
        let _ = on_time(|| self.news.wait_with(&Wait::until(next.deadline())));
    }

    /// Returns the event that the service waits for, for tests.
    #[cfg(test)]
    pub(super) fn news(&self) -> &Event {
        &self.news
    }

    /// Takes the first timer if it is due. The service looks again after that. Otherwise returns when it looks again: when the first timer
    /// is due, or [`Due::NEVER`] if there is none.
    pub(super) fn take_due(&self, now: Due) -> Result<Arc<T>, Due> {
        let mut timers = self.lock();
        let next = timers.armed.first_due().unwrap_or(Due::NEVER);
        let first = if next <= now && next < Due::NEVER { timers.armed.pop() } else { None };
        timers.next_look = if first.is_some() { Due::EARLIEST } else { next };
        first.ok_or(next)
    }

    /// Puts a timer into the queue. The caller keeps the timer's progress locked, so that a cancel finds it there.
    pub(super) fn arm(&self, plan: Arc<T>, due: Due, is_waited_for: bool) {
        let mut timers = self.lock();
        timers.armed.push(due, plan);
        timers.n_armed += 1;
        if is_waited_for {
            timers.n_waited_for += 1;
            if timers.n_waited_for == 1 {
                self.idle.clear();
            }
        }
        let is_news = due < timers.next_look;
        if is_news {
            timers.next_look = due;
        }
        drop(timers);
        if is_news {
            self.news.set();
        }
    }

    /// Removes a timer from the queue, unless the service has just taken it. The service is not woken: it finds nothing at that time.
    pub(super) fn disarm(&self, plan: &Arc<T>, is_waited_for: bool) {
        let mut timers = self.lock();
        let removed = timers.armed.remove(plan);
        self.discount(timers, is_waited_for);
        // The caller holds the plan too, so this only drops a reference count.
        drop(removed);
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
        self.lock().armed.sorted()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().armed.len()
    }
}

impl<T: Placed + Send + Sync> Queue<T> {
    /// Locks the queue while the process forks.
    pub(super) fn locked(&'static self) -> Locked {
        // Nothing is pending in the child, which does not have the service. What the timers own is leaked: it belongs to threads that are
        // not there.
        // Scenario "the threads that are not there" in docs/architecture.md.
        hold(&self.timers, |timers| {
            timers.armed.forget();
            timers.next_look = Due::EARLIEST;
            timers.n_waited_for = 0;
            self.is_served.store(false, Ordering::Relaxed);
        })
    }
}
