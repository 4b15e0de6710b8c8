//! The destination of printed lines.

use std::{
    fmt,
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use threadwork_sync::{
    Lock,
    internal::{lock::own_lock, panic::catch},
};
use tracing_subscriber::fmt::MakeWriter;

/// The destination of printed lines: standard output, standard error, a file, or a writer.
///
/// If a line cannot be written (a full disk, a closed pipe), it is lost and the program goes on. The first such error is reported on standard error,
/// later ones are not. A clone writes to the same destination.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use std::io::Write;
/// use diagnostics::Sink;
///
/// let mut sink = Sink::writer(Vec::new());
/// sink.write_all(b"a line\n")?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Sink(Arc<Output>);

struct Output {
    target: Target,
    has_failed: AtomicBool,
}

enum Target {
    Stdout,
    Stderr,
    Writer(Lock<Box<dyn Write + Send>>),
}

impl Sink {
    fn new(target: Target) -> Sink {
        Sink(Arc::new(Output { target, has_failed: AtomicBool::new(false) }))
    }

    /// Standard output.
    #[must_use]
    pub fn stdout() -> Sink {
        Sink::new(Target::Stdout)
    }

    /// Standard error.
    #[must_use]
    pub fn stderr() -> Sink {
        Sink::new(Target::Stderr)
    }

    /// A file. It is created if it does not exist; lines are appended to it.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened for appending.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_diagnostics as diagnostics;
    /// let error = diagnostics::Sink::file("/nowhere/lines.txt").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// ```
    pub fn file(path: impl AsRef<Path>) -> io::Result<Sink> {
        File::options().append(true).create(true).open(path).map(Sink::writer)
    }

    /// A writer. It gets whole lines, from one thread at a time.
    ///
    /// The writer must not start threads or emit `tracing` events that this sink prints: it would deadlock with itself.
    /// A panic of the writer counts as a write error.
    #[must_use]
    pub fn writer(writer: impl Write + Send + 'static) -> Sink {
        Sink::new(Target::Writer(own_lock("a sink of lines", Box::new(writer))))
    }

    /// Writes the whole text at once. Reports the first error on standard error.
    pub(crate) fn print(&self, text: &[u8]) {
        let written = match &self.0.target {
            Target::Stdout => io::stdout().lock().write_all(text),
            Target::Stderr => io::stderr().lock().write_all(text),
            Target::Writer(writer) => catch(|| {
                let mut writer = writer.acquire();
                writer.write_all(text).and_then(|()| writer.flush())
            })
            .unwrap_or_else(|_| Err(io::Error::other("the writer panicked"))),
        };
        if let Err(error) = written
            && !self.0.has_failed.swap(true, Ordering::Relaxed)
        {
            let line =
                format!("threadwork: lines are lost, because they cannot be written ({error})\n");
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
    }
}

impl Write for Sink {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.print(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Sink;

    fn make_writer(&'a self) -> Sink {
        self.clone()
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0.target {
            Target::Stdout => "Sink(stdout)",
            Target::Stderr => "Sink(stderr)",
            Target::Writer(_) => "Sink(writer)",
        })
    }
}
