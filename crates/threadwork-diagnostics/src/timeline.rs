//! The timeline: what threads do, over time.

use std::{error::Error, fmt, sync::Arc, time::Duration};

mod event;
mod recording;
mod recorder;
mod looks;
mod sampler;
mod layer;
mod gather;
mod write;
#[cfg(test)]
mod testing;

pub use self::{layer::TimelineLayer, recording::Recording, write::SaveError};
use self::{
    recorder::{Conflict, Limits, Session},
    sampler::Sampler,
};

/// Records the lives of threads, their waits, also those [elsewhere](#waits-elsewhere), which thread wakes which, and the `tracing` spans that they are in.
///
/// Only one timeline can record at a time. It ends with [`stop`](Self::stop), which returns the [`Recording`], or when it is dropped;
/// [`snapshot`](Self::snapshot) returns the recording so far. Lives and spans are recorded through its [`layer`](Self::layer).
///
/// For each thread the newest events are kept, up to the limit of the [builder](Self::builder); a recording tells how many were dropped.
/// Each thread writes its own events into a buffer of its own, so recording does not make threads wait for each other.
///
/// # Waits elsewhere
///
/// A thread may also be blocked outside this library: in a socket, a pipe, a channel or a lock of others. So a recording looks at the threads
/// at an [interval](TimelineBuilder::interval), from a thread of its own. A thread that was asleep from one look to the next, in no wait
/// of this library, *waits elsewhere* in that time, with the name of the system call. Such a wait is seen if it lasts for two looks; it may have
/// begun up to an interval earlier and ended up to an interval later.
///
/// Looks take at most about a twentieth of one processor: with thousands of threads they become less frequent.
/// On systems other than Linux and Android, and if that thread cannot be started, no waits elsewhere are recorded.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// use diagnostics::Timeline;
/// use threadwork::Thread;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let timeline = Timeline::start()?;
/// let subscriber = tracing_subscriber::registry().with(timeline.layer().filtered());
/// tracing::subscriber::with_default(subscriber, || {
///     let thread = Thread::builder().name("loop").build(|| {
///         tracing::info_span!("count", to = 1000).in_scope(|| (0..1000).sum::<u32>());
///     });
///     thread.start().expect("there is room for a thread");
///     thread.join()
/// })?;
/// let recording = timeline.stop();
/// assert_eq!(recording.n_spans(), 1);
///
/// let mut page = Vec::new();
/// recording.write_html(&mut page)?;
/// assert!(page.starts_with(b"<!DOCTYPE html>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Timeline {
    session: Arc<Session>,
    sampler: Option<Sampler>,
}

impl Timeline {
    /// Starts a recording with the default limits.
    ///
    /// # Errors
    ///
    /// If a timeline is being recorded already, or if another observer of waits is installed.
    pub fn start() -> Result<Timeline, TimelineError> {
        Timeline::builder().start()
    }

    /// Configures a recording.
    #[must_use]
    pub const fn builder() -> TimelineBuilder {
        TimelineBuilder {
            limits: Limits { events_per_thread: 2_000, threads: 1_000 },
            interval: Duration::from_millis(10),
        }
    }

    /// The layer through which lives and spans are recorded, for a registry of `tracing-subscriber`.
    ///
    /// It can also be made [before](TimelineLayer::new) a recording starts.
    #[must_use]
    pub const fn layer(&self) -> TimelineLayer {
        TimelineLayer::new()
    }

    /// Returns the recording so far.
    ///
    /// No thread is stopped for it, so it is not a consistent snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Recording {
        let elsewhere = self.sampler.as_ref().map(Sampler::look).unwrap_or_default();
        gather::gather(&self.session, elsewhere)
    }

    /// Ends the recording and returns it.
    #[must_use]
    pub fn stop(self) -> Recording {
        let recording = self.snapshot();
        drop(self);
        recording
    }
}

impl Drop for Timeline {
    fn drop(&mut self) {
        recorder::stop(&self.session);
    }
}

const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// Configures how much a [`Timeline`] keeps, and how often it looks at threads.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::Timeline;
/// # use threadwork_sync::Event;
/// # use std::time::Duration;
///
/// let timeline = Timeline::builder().events_per_thread(10).threads(4).start()?;
/// while timeline.snapshot().n_dropped() < 2 {
///     let _ = Event::new().wait_timeout(Duration::from_millis(1));
/// }
/// assert!((1..=10).contains(&timeline.stop().n_waits()), "at most ten events are kept, and nearly all are waits");
/// # Ok::<(), diagnostics::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TimelineBuilder {
    limits: Limits,
    interval: Duration,
}

impl TimelineBuilder {
    /// Keeps the newest `count` events of each thread. The default is 2,000.
    ///
    /// An event takes less than 100 bytes, and the fields of a span at most a few hundred more.
    #[must_use]
    pub const fn events_per_thread(mut self, count: usize) -> TimelineBuilder {
        self.limits.events_per_thread = count;
        self
    }

    /// Keeps the events of at most `count` threads. The default is 1,000. If there are more, threads that have ended make room, those with
    /// the lowest numbers first.
    #[must_use]
    pub const fn threads(mut self, count: usize) -> TimelineBuilder {
        self.limits.threads = count;
        self
    }

    /// Sets how often it looks at the threads for those that [wait elsewhere](Timeline#waits-elsewhere). The default is 10 milliseconds,
    /// and it looks at most once a millisecond.
    ///
    /// With `Duration::MAX` it looks only at the beginning and for each snapshot: what is found then are the threads that have not run
    /// in between.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// # use threadwork_diagnostics as diagnostics;
    /// # use threadwork_core as threadwork;
    /// use std::{sync::mpsc, time::Duration};
    /// use diagnostics::Timeline;
    /// use threadwork::Thread;
    ///
    /// let timeline = Timeline::builder().interval(Duration::from_millis(2)).start()?;
    /// let (sender, receiver) = mpsc::channel::<()>();
    /// let thread = Thread::spawn(move || _ = receiver.recv())?;
    /// # if cfg!(target_os = "linux") {
    /// while timeline.snapshot().n_waits_elsewhere() == 0 {
    ///     std::thread::yield_now();
    /// }
    /// # }
    /// drop(sender);
    /// thread.join()?;
    /// let recording = timeline.stop();
    /// # if cfg!(target_os = "linux") {
    /// assert!(recording.n_waits_elsewhere() >= 1);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> TimelineBuilder {
        self.interval = interval;
        self
    }

    /// Starts the recording.
    ///
    /// # Errors
    ///
    /// If a timeline is being recorded already, or if another observer of waits is installed.
    pub fn start(self) -> Result<Timeline, TimelineError> {
        let session = recorder::start(self.limits).map_err(TimelineError)?;
        let sampler = Sampler::start(&session, self.interval.max(SHORTEST_INTERVAL));
        Ok(Timeline { session, sampler })
    }
}

/// A timeline cannot be recorded: an error of [`Timeline::start`] and [`TimelineBuilder::start`].
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::Timeline;
///
/// let timeline = Timeline::start()?;
/// assert_eq!(
///     Timeline::start().unwrap_err().to_string(),
///     "a timeline is being recorded already; stop that one first, or take a snapshot of it",
/// );
/// drop(timeline);
/// assert!(Timeline::start().is_ok());
/// # Ok::<(), diagnostics::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineError(Conflict);

impl fmt::Display for TimelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Conflict::AlreadyOn => {
                "a timeline is being recorded already; stop that one first, or take a snapshot of it"
            }
            Conflict::ObservedByOthers => {
                "a timeline cannot be recorded, because another observer of waits is installed in this process; \
                 there can be only one, so stop that one first"
            }
        })
    }
}

impl Error for TimelineError {}
