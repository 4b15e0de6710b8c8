//! What threads do, over time.

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

/// Records the lives of threads, their waits, who wakes whom, and the spans of `tracing` that they are in.
///
/// There is one at a time. It ends with [`stop`](Self::stop), which gives the [`Recording`], or with its drop;
/// [`snapshot`](Self::snapshot) gives what there is so far. Lives and spans come through its [`layer`](Self::layer).
///
/// Of each thread the newest events are kept, as many as the [builder](Self::builder) says, and a recording says how many were not.
/// A thread writes down its own events, in a place of its own, so that no thread waits for another to do so.
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
    /// Begins a recording that keeps as much as is usual.
    ///
    /// # Errors
    ///
    /// If there is one already.
    pub fn start() -> Result<Timeline, TimelineError> {
        Timeline::builder().start()
    }

    /// What a recording shall keep.
    #[must_use]
    pub const fn builder() -> TimelineBuilder {
        TimelineBuilder { limits: Limits { events_per_thread: 2_000, threads: 1_000 } }
    }

    /// The layer through which the lives of threads and spans come, for a registry of `tracing-subscriber`.
    ///
    /// It may as well be made [before](TimelineLayer::new) there is a recording.
    #[must_use]
    pub const fn layer(&self) -> TimelineLayer {
        TimelineLayer::new()
    }

    /// What was recorded so far.
    ///
    /// No thread is stopped for it, so it is no moment in time.
    #[must_use]
    pub fn snapshot(&self) -> Recording {
        gather::gather(&self.session)
    }

    /// Ends the recording.
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

/// How much a [`Timeline`] keeps.
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
///     Event::new().wait_timeout(Duration::from_millis(1));
/// }
/// assert_eq!(timeline.stop().n_waits(), 10);
/// # Ok::<(), diagnostics::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TimelineBuilder {
    limits: Limits,
}

impl TimelineBuilder {
    /// Keeps the newest `count` events of each thread: 2,000 unless told otherwise.
    ///
    /// An event takes up less than 100 bytes, and the fields of a span at most a few hundred more.
    #[must_use]
    pub const fn events_per_thread(mut self, count: usize) -> TimelineBuilder {
        self.limits.events_per_thread = count;
        self
    }

    /// Keeps the events of so many threads: of 1,000 unless told otherwise. If there are more, those that ended first make room.
    #[must_use]
    pub const fn threads(mut self, count: usize) -> TimelineBuilder {
        self.limits.threads = count;
        self
    }

    /// Begins the recording.
    ///
    /// # Errors
    ///
    /// If there is one already.
    pub fn start(self) -> Result<Timeline, TimelineError> {
        recorder::start(self.limits).map(|session| Timeline { session }).map_err(TimelineError)
    }
}

/// A timeline cannot be recorded.
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
                "a timeline cannot be recorded, because somebody else observes the waits of this process; \
                 there can be one observer"
            }
        })
    }
}

impl Error for TimelineError {}
