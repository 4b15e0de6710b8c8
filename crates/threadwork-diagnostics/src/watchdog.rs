//! A watchdog that looks at all threads at an interval.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Write},
    num::NonZeroU64,
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_core::{StartError, ThreadHandle, internal::helper, main_thread};
use threadwork_sync::Waiting;

use crate::{
    blocked,
    deadlock::{Deadlock, find_deadlocks},
    dump::{Snapshot, TaskDump, ThreadDump},
};

#[cfg(test)]
mod tests;

/// What a [`Watchdog`] reports.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::Sighting;
///
/// fn is_serious(sighting: &Sighting) -> bool {
///     matches!(sighting, Sighting::Deadlock(_))
/// }
/// # let _ = is_serious;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Sighting {
    /// Threads wait for each other, so that none goes on.
    Deadlock(Deadlock),
    /// A thread has been waiting for longer than the limit.
    WaitsLong(ThreadDump),
    /// A task of an async program has been waiting for longer than the limit.
    TaskWaitsLong(TaskDump),
    /// A thread has been alive for longer than the limit.
    RunsLong(ThreadDump),
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sighting::Deadlock(deadlock) => deadlock.fmt(f),
            Sighting::WaitsLong(thread) => {
                write!(f, "a thread has been waiting for a long time:\n  {thread}")
            }
            Sighting::TaskWaitsLong(task) => {
                write!(f, "a task has been waiting for a long time:\n  {task}")
            }
            Sighting::RunsLong(thread) => {
                write!(f, "a thread has been running for a long time:\n  {thread}")
            }
        }
    }
}

type Handler = Arc<dyn Fn(&Sighting) + Send + Sync>;

/// Looks at all threads at an interval, from a thread of its own, and reports each deadlock once, and each wait and each run that takes too long once.
/// It does not affect the threads. The library's own threads, which wait for timers, signals, clients or the next look, are not reported
/// as waiting or running for a long time.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// # use threadwork_sync::Event;
/// use std::time::Duration;
/// use diagnostics::{Sighting, Watchdog};
/// use threadwork::Thread;
///
/// static GO: Event = Event::new().named("go");
///
/// let watchdog = Watchdog::new()
///     .interval(Duration::from_millis(1))
///     .deadlocks()
///     .waits_longer_than(Duration::from_millis(20))
///     .on_sighting(|sighting| {
///         if matches!(sighting, Sighting::WaitsLong(thread) if thread.name == "patient") {
///             GO.set();
///         }
///     })
///     .start()?;
/// let thread = Thread::builder().name("patient").build(|| GO.wait());
/// thread.start()?;
/// thread.join()?;
/// drop(watchdog);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a watchdog does nothing until it is started"]
pub struct Watchdog {
    interval: Duration,
    deadlocks: bool,
    max_wait: Option<Duration>,
    max_run: Option<Duration>,
    handler: Handler,
}

impl Watchdog {
    /// Creates a watchdog that looks once a second and prints its reports on standard error. It reports nothing until it is told what to look for.
    pub fn new() -> Watchdog {
        Watchdog {
            interval: Duration::from_secs(1),
            deadlocks: false,
            max_wait: None,
            max_run: None,
            handler: Arc::new(|sighting| {
                // If standard error cannot be written, there is no place to report that.
                let _ = io::stderr().lock().write_all(format!("{sighting}\n").as_bytes());
            }),
        }
    }

    /// Sets how often it looks; at most once a millisecond.
    pub fn interval(self, interval: Duration) -> Watchdog {
        Watchdog { interval: interval.max(Duration::from_millis(1)), ..self }
    }

    /// Reports [deadlocks](find_deadlocks).
    pub fn deadlocks(self) -> Watchdog {
        Watchdog { deadlocks: true, ..self }
    }

    /// Reports threads and tasks that have been waiting for longer than `limit`, for anything: also in a sleep, or for work.
    pub fn waits_longer_than(self, limit: Duration) -> Watchdog {
        Watchdog { max_wait: Some(limit), ..self }
    }

    /// Reports threads that have been alive for longer than `limit`, whether they run or wait, except the main thread.
    pub fn runs_longer_than(self, limit: Duration) -> Watchdog {
        Watchdog { max_run: Some(limit), ..self }
    }

    /// Sets the function that is called with each report, instead of printing it. If it panics, the watchdog ends, and the panic is reported like that of any thread.
    pub fn on_sighting(self, handler: impl Fn(&Sighting) + Send + Sync + 'static) -> Watchdog {
        Watchdog { handler: Arc::new(handler), ..self }
    }

    /// Runs until the returned guard is dropped. The thread is a daemon named `threadwork-watchdog`.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn start(self) -> Result<WatchdogGuard, StartError> {
        let mut seen = Seen::default();
        let thread = helper("threadwork-watchdog").build(move || {
            while threadwork_core::sleep(self.interval).is_ok() {
                self.look(&mut seen);
            }
        });
        thread.start()?;
        Ok(WatchdogGuard { thread: thread.handle().clone() })
    }

    /// Looks once.
    fn look(&self, seen: &mut Seen) {
        let mut sightings = Vec::new();
        if self.deadlocks {
            let found = find_deadlocks().into_iter().map(|it| (key(&it), it));
            sightings.extend(fresh(&mut seen.deadlocks, found).map(Sighting::Deadlock));
        }
        if let Some(limit) = self.max_wait {
            let snapshot = Snapshot::now();
            let threads = seen.fresh_waits(&snapshot, limit);
            sightings.extend(threads.into_iter().map(Sighting::WaitsLong));
            let tasks = seen.fresh_tasks(&snapshot, limit);
            sightings.extend(tasks.into_iter().map(Sighting::TaskWaitsLong));
        }
        if let Some(limit) = self.max_run {
            let (snapshot, main) = (Snapshot::now(), main_thread());
            let is_long = |it: &&ThreadHandle| {
                let since = it.running_since().filter(|_| **it != main);
                since.is_some_and(|since| snapshot.is_longer_ago(since, limit))
            };
            let long = snapshot.threads.iter().filter(is_long).filter_map(|it| it.ident());
            let found = long.filter(|it| !snapshot.names.is_helper(*it)).map(|it| (it, it));
            let fresh = fresh(&mut seen.runs, found);
            sightings.extend(fresh.map(|it| snapshot.thread(it)).map(Sighting::RunsLong));
        }
        sightings.iter().for_each(|it| (self.handler)(it));
    }
}

impl Default for Watchdog {
    fn default() -> Self {
        Watchdog::new()
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog")
            .field("interval", &self.interval)
            .field("deadlocks", &self.deadlocks)
            .field("max_wait", &self.max_wait)
            .field("max_run", &self.max_run)
            .finish_non_exhaustive()
    }
}

/// A running [`Watchdog`]. Dropping it requests a stop and does not wait.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let guard = diagnostics::Watchdog::new().start()?;
/// guard.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the watchdog ends when this is dropped"]
pub struct WatchdogGuard {
    thread: ThreadHandle,
}

impl WatchdogGuard {
    /// Stops the watchdog and waits until it has stopped.
    pub fn stop(self) {
        self.thread.request_stop();
        // If its handler panicked, that was reported.
        let _ = self.thread.join();
    }
}

impl Drop for WatchdogGuard {
    fn drop(&mut self) {
        self.thread.request_stop();
    }
}

/// What was found in the last look: while it lasts, it is not reported again.
#[derive(Default)]
struct Seen {
    deadlocks: BTreeSet<Vec<(u64, Option<Instant>)>>,
    waits: BTreeSet<(NonZeroU64, Instant)>,
    tasks: BTreeSet<(Instant, usize)>,
    runs: BTreeSet<NonZeroU64>,
}

impl Seen {
    /// The user's threads that have been waiting for longer than `limit` and were not found in the last look.
    fn fresh_waits(&mut self, snapshot: &Snapshot, limit: Duration) -> Vec<ThreadDump> {
        let is_users = |it: &&Waiting| !snapshot.names.is_helper(it.thread.ident);
        let waits = blocked::threads(&snapshot.waits).filter(is_users);
        let long = waits.filter(|it| snapshot.is_longer_ago(it.since, limit));
        let found = long.map(|it| ((it.thread.ident, it.since), it.thread.ident));
        fresh(&mut self.waits, found).map(|it| snapshot.thread(it)).collect()
    }

    /// The tasks that have been waiting for longer than `limit` and were not found in the last look. A task has no number: it is known by
    /// the beginning of its wait and the address of the object, whichever thread polls it.
    fn fresh_tasks(&mut self, snapshot: &Snapshot, limit: Duration) -> Vec<TaskDump> {
        let tasks = blocked::tasks(&snapshot.waits);
        let long = tasks.filter(|it| snapshot.is_longer_ago(it.since, limit));
        let found = long.map(|it| ((it.since, it.address), it));
        fresh(&mut self.tasks, found).map(|it| snapshot.task(it)).collect()
    }
}

/// Distinguishes a deadlock from others, also from an earlier one of the same threads.
fn key(deadlock: &Deadlock) -> Vec<(u64, Option<Instant>)> {
    deadlock.edges.iter().map(|it| (it.waiter_ident, it.since)).collect()
}

/// The findings that are not in `seen`; then `seen` becomes what is found now.
fn fresh<K: Ord, V>(
    seen: &mut BTreeSet<K>,
    found: impl Iterator<Item = (K, V)>,
) -> impl Iterator<Item = V> {
    let mut now = BTreeSet::new();
    let mut fresh = Vec::new();
    for (key, value) in found {
        if !seen.contains(&key) {
            fresh.push(value);
        }
        now.insert(key);
    }
    *seen = now;
    fresh.into_iter()
}
