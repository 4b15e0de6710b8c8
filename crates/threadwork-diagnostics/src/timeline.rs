//! The timeline: what threads do, over time.

use std::{error::Error, fmt, sync::Arc};

mod event;
mod recording;
mod recorder;
mod layer;
mod gather;
mod write;
#[cfg(test)]
mod testing;

use self::recorder::{Conflict, Limits, Session};
pub use self::{layer::TimelineLayer, recording::Recording, write::SaveError};

/// Records the lives of threads, their waits, which thread wakes which, and the `tracing` spans that they are in.
///
/// Only one timeline can record at a time. It ends with [`stop`](Self::stop), which returns the [`Recording`], or when it is dropped;
/// [`snapshot`](Self::snapshot) returns the recording so far. Lives and spans are recorded through its [`layer`](Self::layer).
///
/// For each thread the newest events are kept, up to the limit of the [builder](Self::builder); a recording tells how many were dropped.
/// Each thread writes its own events into a buffer of its own, so recording does not make threads wait for each other.
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

    /// Configures how much a recording keeps.
    #[must_use]
    pub const fn builder() -> TimelineBuilder {
        TimelineBuilder { limits: Limits { events_per_thread: 2_000, threads: 1_000 } }
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
        gather::gather(&self.session)
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

/// Configures how much a [`Timeline`] keeps.
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
/// assert_eq!(timeline.stop().n_waits(), 10);
/// # Ok::<(), diagnostics::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TimelineBuilder {
    limits: Limits,
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

    /// Starts the recording.
    ///
    /// # Errors
    ///
    /// If a timeline is being recorded already, or if another observer of waits is installed.
    pub fn start(self) -> Result<Timeline, TimelineError> {
        recorder::start(self.limits).map(|session| Timeline { session }).map_err(TimelineError)
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
                 there can be only one"
            }
        })
    }
}

impl Error for TimelineError {}
