//! The data of a recording.

use std::{collections::BTreeSet, time::Duration};

use super::event::{Ended, What};

/// What a [`Timeline`](super::Timeline) has recorded. It can be viewed in `ui.perfetto.dev`, or as a page in any browser.
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
    /// The time of day at the beginning.
    pub(super) began: String,
    /// The length of the recording. All times are nanoseconds since its beginning.
    pub(super) length: u64,
    /// In order of the threads' numbers.
    pub(super) rows: Vec<Row>,
    /// The numbers of the library's own threads.
    pub(super) own: BTreeSet<u64>,
    pub(super) arrows: Vec<Arrow>,
    /// The number of threads of which nothing was kept, because there were too many.
    pub(super) n_left_out: usize,
}

/// One thread of a recording.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) ident: u64,
    pub(super) name: String,
    /// The number of the thread that started it. `None` if that is not known.
    pub(super) starter: Option<u64>,
    pub(super) since: u64,
    /// `None` if the thread is alive.
    pub(super) until: Option<u64>,
    /// `None` if the thread is alive, or if its end was not recorded.
    pub(super) ended: Option<Ended>,
    /// In order of their beginnings; a slice that contains others comes before them.
    pub(super) slices: Vec<Slice>,
    /// The number of events that were dropped.
    pub(super) n_dropped: u64,
}

/// Something that a thread did for a while.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) since: u64,
    pub(super) until: u64,
    /// Whether it was not over when the recording was made.
    pub(super) is_open: bool,
    /// The number of spans around it.
    pub(super) depth: usize,
    pub(super) what: What,
}

impl Recording {
    /// The length of the recording.
    #[must_use]
    pub const fn length(&self) -> Duration {
        Duration::from_nanos(self.length)
    }

    /// The number of threads in the recording, with the library's own.
    #[must_use]
    pub const fn n_threads(&self) -> usize {
        self.rows.len()
    }

    /// The number of waits for something in this library, including those that were not over.
    #[must_use]
    pub fn n_waits(&self) -> usize {
        self.count(|it| matches!(it, What::Wait(_)))
    }

    /// The number of waits that were seen outside this library, including those that were not over. Zero on systems other than Linux and Android.
    #[must_use]
    pub fn n_waits_elsewhere(&self) -> usize {
        self.count(|it| matches!(it, What::Elsewhere(_)))
    }

    /// The number of spans, including those that were not left.
    #[must_use]
    pub fn n_spans(&self) -> usize {
        self.count(|it| matches!(it, What::Span(_)))
    }

    /// The number of waits for which the thread that ended them is known.
    #[must_use]
    pub const fn n_wake_ups(&self) -> usize {
        self.arrows.len()
    }

    /// The number of events that were dropped, because there were too many.
    #[must_use]
    pub fn n_dropped(&self) -> u64 {
        self.rows.iter().map(|it| it.n_dropped).sum()
    }

    fn count(&self, counts: impl Fn(&What) -> bool) -> usize {
        self.rows.iter().flat_map(|row| &row.slices).filter(|it| counts(&it.what)).count()
    }
}

/// From the thread that ended a wait to the thread that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The row of the waking thread.
    pub(super) from: usize,
    /// The slice that is its wake-up; `None` if the end of its life ended a join.
    pub(super) by: Option<usize>,
    /// The time of the wake-up.
    pub(super) at: u64,
    /// The row of the woken thread.
    pub(super) to: usize,
    /// The slice that is its wait.
    pub(super) wait: usize,
}
