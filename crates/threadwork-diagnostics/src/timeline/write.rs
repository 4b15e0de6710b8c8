//! Writes a recording as a trace or as a page.

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::recording::Recording;

mod words;
mod runs;
mod chrome;
mod html;

impl Recording {
    /// Writes the recording in Chrome's JSON trace format, which `ui.perfetto.dev` opens: a track for each thread, with its life, its spans and its waits
    /// as slices, and arrows from waking threads to woken threads. The library's own threads are in a process of their own.
    ///
    /// # Errors
    ///
    /// The errors of `to`.
    pub fn write_chrome(&self, to: impl Write) -> io::Result<()> {
        chrome::write(self, to)
    }

    /// Writes a page that any browser shows from a file, without a network: a chart with a row for each thread.
    ///
    /// Threads that follow each other under one name, such as the restarts of a supervisor's child, share a row,
    /// which opens to a row for each. Rows are filtered by names, waits and outcomes, and sorted by start, name or time waited;
    /// those with nothing in view are folded away, and the library's own threads are in a row at the end that opens.
    /// The chart is moved with a mouse, a wheel, fingers or keys; the page tells how.
    ///
    /// # Errors
    ///
    /// The errors of `to`.
    pub fn write_html(&self, to: impl Write) -> io::Result<()> {
        html::write(self, to)
    }

    /// [Writes](Self::write_chrome) the trace into a file, and replaces its contents.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_chrome(&self, path: impl AsRef<Path>) -> Result<(), SaveError> {
        save(path.as_ref(), |file| self.write_chrome(file))
    }

    /// [Writes](Self::write_html) the page into a file, and replaces its contents.
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

/// A recording cannot be written into a file: an error of [`Recording::save_chrome`] and [`Recording::save_html`].
#[derive(Debug)]
pub struct SaveError {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, error) = (self.path.display(), &self.error);
        write!(f, "the timeline cannot be written to {path}: {error}; ")?;
        f.write_str("choose a file in an existing, writable folder")
    }
}

impl Error for SaveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
