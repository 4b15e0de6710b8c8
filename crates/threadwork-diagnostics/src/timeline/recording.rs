//! What a timeline has recorded.

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    arrows::Arrow,
    chrome, html,
    track::{Ended, What},
};

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

    /// Writes it in the JSON form of Chrome's traces, which `ui.perfetto.dev` opens: a track for each thread, with its life, its spans and its waits
    /// as slices, and arrows from those who woke to those who were woken.
    ///
    /// # Errors
    ///
    /// Those of `to`.
    pub fn write_chrome(&self, to: impl Write) -> io::Result<()> {
        chrome::write(self, to)
    }

    /// Writes a page that any browser shows, from a file and without a network: a chart with a row for each thread.
    ///
    /// # Errors
    ///
    /// Those of `to`.
    pub fn write_html(&self, to: impl Write) -> io::Result<()> {
        html::write(self, to)
    }

    /// [Writes](Self::write_chrome) the trace into a file, in the place of what was there.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_chrome(&self, path: impl AsRef<Path>) -> Result<(), SaveError> {
        save(path.as_ref(), |file| self.write_chrome(file))
    }

    /// [Writes](Self::write_html) the page into a file, in the place of what was there.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<(), SaveError> {
        save(path.as_ref(), |file| self.write_html(file))
    }
}

fn save(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), SaveError> {
    let save = || {
        let mut file = BufWriter::new(File::create(path)?);
        write(&mut file)?;
        file.flush()
    };
    save().map_err(|error| SaveError { path: path.to_owned(), error })
}

/// A recording could not be written into a file.
#[derive(Debug)]
pub struct SaveError {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, error) = (self.path.display(), &self.error);
        write!(f, "the timeline cannot be written to {path}: {error}; ")?;
        f.write_str("choose a file in a folder that is there and may be written to")
    }
}

impl Error for SaveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
