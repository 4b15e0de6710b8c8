//! A watchdog that looks at all threads at an interval.

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use threadwork_core::{StartError, ThreadHandle, internal::helper};

use crate::dump::{Snapshot, ThreadDump};

mod sighting;
mod left_out;
mod seen;
#[cfg(test)]
mod tests;

pub use self::sighting::Sighting;
use self::{left_out::LeftOut, seen::Seen};

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
    left_out: LeftOut,
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
            left_out: LeftOut::default(),
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

    /// Reports [deadlocks](crate::find_deadlocks).
    pub fn deadlocks(self) -> Watchdog {
        Watchdog { deadlocks: true, ..self }
    }

    /// Reports threads and tasks that have been waiting for longer than `limit`, for anything in this library: also in a sleep, or for work.
    /// [`except`](Self::except) and its relatives leave some out.
    pub fn waits_longer_than(self, limit: Duration) -> Watchdog {
        Watchdog { max_wait: Some(limit), ..self }
    }

    /// Reports threads that have been alive for longer than `limit`, whether they run, wait, or wait elsewhere, except the main thread.
    pub fn runs_longer_than(self, limit: Duration) -> Watchdog {
        Watchdog { max_run: Some(limit), ..self }
    }

    /// Does not report the main thread as waiting for a long time: it often waits for all others.
    pub fn except_main(mut self) -> Watchdog {
        self.left_out.main = true;
        self
    }

    /// Does not report daemons as waiting or alive for a long time.
    pub fn except_daemons(mut self) -> Watchdog {
        self.left_out.daemons = true;
        self
    }

    /// Does not report long waits for the end of a [sleep](threadwork_core::sleep).
    pub fn except_sleeps(mut self) -> Watchdog {
        self.left_out.sleeps = true;
        self
    }

    /// Does not report threads of this name as waiting or alive for a long time. It can be called for several names.
    pub fn except_named(self, name: impl Into<String>) -> Watchdog {
        let name = name.into();
        self.except(move |thread| thread.name == name)
    }

    /// Does not report the threads for which `is_left_out` returns `true` as waiting or alive for a long time. It can be called for several
    /// functions. Deadlocks and tasks are reported in any case.
    ///
    /// The function is called once for each long wait and each long run. If it panics, the watchdog ends, as for
    /// [`on_sighting`](Self::on_sighting).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_diagnostics as diagnostics;
    /// use std::time::Duration;
    /// use diagnostics::Watchdog;
    ///
    /// let watchdog = Watchdog::new()
    ///     .waits_longer_than(Duration::from_secs(10))
    ///     .except_main()
    ///     .except_sleeps()
    ///     .except_named("listener")
    ///     // Workers wait for work.
    ///     .except(|thread| thread.name.starts_with("pool/worker-"));
    /// watchdog.start()?.stop();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn except(
        mut self,
        is_left_out: impl Fn(&ThreadDump) -> bool + Send + Sync + 'static,
    ) -> Watchdog {
        self.left_out.chosen.push(Arc::new(is_left_out));
        self
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
            sightings.extend(seen.fresh_deadlocks().map(Sighting::Deadlock));
        }
        if let Some(limit) = self.max_wait {
            let snapshot = Snapshot::now();
            let threads = seen.fresh_waits(&snapshot, limit);
            sightings.extend(threads.into_iter().map(Sighting::WaitsLong));
            let tasks = seen.fresh_tasks(&snapshot, limit);
            sightings.extend(tasks.into_iter().map(Sighting::TaskWaitsLong));
        }
        if let Some(limit) = self.max_run {
            let threads = seen.fresh_runs(&mut Snapshot::now(), limit);
            sightings.extend(threads.into_iter().map(Sighting::RunsLong));
        }
        let told = sightings.iter().filter(|it| !self.left_out.has(it));
        told.for_each(|it| (self.handler)(it));
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
