//! What a timeline has recorded.

use std::time::Duration;

use super::event::{Ended, What};

/// What a [`Timeline`](super::Timeline) has recorded: to be looked at in `ui.perfetto.dev`, or as a page in any browser.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::Timeline;
///
/// let recording = Timeline::start()?.stop();
/// let mut trace = Vec::new();
/// recording.write_chrome(&mut trace)?;
/// assert!(trace.starts_with(b"{\"traceEvents\":["));
///
/// let folder = std::env::temp_dir().join("no such folder");
/// let error = recording.save_html(folder.join("timeline.html")).unwrap_err();
/// assert!(error.to_string().starts_with("the timeline cannot be written to "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recording {
    /// The name of the program.
    pub(super) program: String,
    /// The time of day when it began.
    pub(super) began: String,
    /// How long it took, in nanoseconds, as all times are; they count from the beginning.
    pub(super) length: u64,
    /// In order of the threads' numbers.
    pub(super) rows: Vec<Row>,
    pub(super) arrows: Vec<Arrow>,
    /// Threads of which nothing is known because there were too many.
    pub(super) n_left_out: usize,
}

/// One thread.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) ident: u64,
    pub(super) name: String,
    pub(super) since: u64,
    /// Nothing if it is alive.
    pub(super) until: Option<u64>,
    /// Nothing if it is alive, or if nobody told of its end.
    pub(super) ended: Option<Ended>,
    /// In order of their beginnings, those that contain others before them.
    pub(super) slices: Vec<Slice>,
    /// Events that were not kept.
    pub(super) n_dropped: u64,
}

/// Something that a thread did for a while.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) since: u64,
    pub(super) until: u64,
    /// Whether it is not over.
    pub(super) is_open: bool,
    /// How many spans there are around it.
    pub(super) depth: usize,
    pub(super) what: What,
}

impl Recording {
    /// How long it took.
    #[must_use]
    pub const fn length(&self) -> Duration {
        Duration::from_nanos(self.length)
    }

    /// Of how many threads something is known.
    #[must_use]
    pub const fn n_threads(&self) -> usize {
        self.rows.len()
    }

    /// How many waits there are, with those that were not over.
    #[must_use]
    pub fn n_waits(&self) -> usize {
        self.count(|it| matches!(it, What::Wait(_)))
    }

    /// How many spans there are, with those that were not left.
    #[must_use]
    pub fn n_spans(&self) -> usize {
        self.count(|it| matches!(it, What::Span(_)))
    }

    /// Of how many waits it is known which thread ended them.
    #[must_use]
    pub const fn n_wake_ups(&self) -> usize {
        self.arrows.len()
    }

    /// How many events were not kept, because there were too many.
    #[must_use]
    pub fn n_dropped(&self) -> u64 {
        self.rows.iter().map(|it| it.n_dropped).sum()
    }

    fn count(&self, counts: impl Fn(&What) -> bool) -> usize {
        self.rows.iter().flat_map(|row| &row.slices).filter(|it| counts(&it.what)).count()
    }
}

/// From a thread that ended a wait to the thread whose wait it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The row of the thread that woke the other, and what it did: one of its slices, or the end of its life.
    pub(super) from: usize,
    pub(super) by: Option<usize>,
    /// When.
    pub(super) at: u64,
    /// The row of the thread that was woken, and which of its slices is the wait.
    pub(super) to: usize,
    pub(super) wait: usize,
}
