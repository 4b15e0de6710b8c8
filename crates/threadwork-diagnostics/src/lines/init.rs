//! Switching the printed lines on.

use std::{env, error::Error, fmt};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::LevelFilter,
    fmt as formats,
    layer::{Layered, SubscriberExt},
    registry::{LookupSpan, Registry},
};

use super::{layer::Lines, sink::Sink};

/// Prints the lines of all threads that are started from now on, for the rest of the program.
///
/// The lines say how each thread ends: `loop finished at: …`, `loop panicked at: …: message`, `loop failed at: …: message`. They go to standard
/// output. On standard error a panic or failure is told once, by the panic hook or the handler for it, with or without these lines.
///
/// It installs a subscriber that has only the layer [`Lines`]. [`Setup`] has more options. A program with a subscriber of its own adds
/// that layer to it instead.
///
/// # Errors
///
/// If the program already has a subscriber, from an earlier call or of its own. Then nothing is changed.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// assert!(diagnostics::init().is_ok());
/// assert_eq!(
///     diagnostics::init().unwrap_err().to_string(),
///     "diagnostics cannot be switched on, because this program already has a `tracing` subscriber; \
///      call `init` once, or add the layer `Lines` to your own subscriber",
/// );
/// ```
pub fn init() -> Result<(), InitError> {
    Setup::new().init()
}

/// The format in which events are printed: see [`Setup::format`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// assert_eq!(diagnostics::Format::default(), diagnostics::Format::Book);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The lines of a book's chapter on Python's `threading` module: `starting loop at: Sun Aug 13 19:14:26 2006`. Only the events of threads are printed.
    #[default]
    Book,
    /// The compact format of `tracing-subscriber`: one line for each event.
    Compact,
    /// The pretty format of `tracing-subscriber`: several lines for each event.
    Pretty,
    /// The JSON format of `tracing-subscriber`: one object on one line for each event.
    Json,
}

/// Configures what is printed, in which format and where, then switches it on.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core::Thread;
/// use diagnostics::{Format, Setup, Sink};
///
/// Setup::new().format(Format::Json).to(Sink::stderr()).filter_from_env().init()?;
/// let thread = Thread::builder().name("loop").build(|| ());
/// thread.start()?;
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is switched on until `init` is called"]
pub struct Setup {
    format: Format,
    sink: Sink,
    elapsed: bool,
    filter_from_env: bool,
}

impl Setup {
    /// Starts with the format [`Format::Book`], on standard output.
    pub fn new() -> Setup {
        let sink = Sink::stdout();
        Setup { format: Format::Book, sink, elapsed: false, filter_from_env: false }
    }

    /// Sets the format in which events are printed.
    ///
    /// In all formats but [`Format::Book`], the program's own events are printed too, if they pass the filter, and times are in UTC.
    /// The events of threads that were built with `verbose(false)` are printed too, with `false` in the field `verbose`.
    pub fn format(self, format: Format) -> Setup {
        Setup { format, ..self }
    }

    /// Sets where the lines are written.
    pub fn to(self, sink: Sink) -> Setup {
        Setup { sink, ..self }
    }

    /// Adds to the last line of a thread how long it ran, in [`Format::Book`]: see [`Lines::with_elapsed`]. The other formats always include it.
    pub fn with_elapsed(self) -> Setup {
        Setup { elapsed: true, ..self }
    }

    /// Filters events by level and target, as the environment variable `RUST_LOG` says in the syntax of `tracing-subscriber`'s `EnvFilter`:
    /// `RUST_LOG=info`, `RUST_LOG=warn,threadwork::thread=info`. If the variable is unset or empty, or without this call, events at `INFO` and above are printed.
    pub fn filter_from_env(self) -> Setup {
        Setup { filter_from_env: true, ..self }
    }

    /// Switches the printing on, for the rest of the program.
    ///
    /// # Errors
    ///
    /// If the program already has a subscriber, or if `RUST_LOG` is to be used and is not a valid filter. Then nothing is changed.
    pub fn init(self) -> Result<(), InitError> {
        let filter = self.filter()?;
        let Setup { format, sink, elapsed, .. } = self;
        let lines = Lines::new().to(sink.clone());
        let lines = if elapsed { lines.with_elapsed() } else { lines };
        match format {
            Format::Book if filter.is_none() => install(lines.filtered()),
            Format::Book => install(filtered(lines, filter)),
            Format::Compact => install(filtered(plain(sink).compact(), filter)),
            Format::Pretty => install(filtered(plain(sink).pretty().with_ansi(false), filter)),
            Format::Json => install(filtered(plain(sink).json(), filter)),
        }
    }

    fn filter(&self) -> Result<Option<EnvFilter>, InitError> {
        match self.directives()? {
            Some(directives) => {
                let bad = |error| InitError(Why::Filter(format!("`{directives}`: {error}")));
                EnvFilter::builder().parse(&directives).map(Some).map_err(bad)
            }
            // The layer of lines has a filter of its own, which enables less.
            None if self.format == Format::Book => Ok(None),
            None => {
                let info = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
                Ok(Some(info.parse_lossy("")))
            }
        }
    }

    /// The filter from the environment, if it is to be used and is not empty.
    fn directives(&self) -> Result<Option<String>, InitError> {
        let given = self.filter_from_env.then(|| env::var_os(EnvFilter::DEFAULT_ENV)).flatten();
        let text = given.map(|it| {
            it.into_string()
                .map_err(|it| InitError(Why::Filter(format!("{it:?}: not valid Unicode"))))
        });
        Ok(text.transpose()?.filter(|it| !it.is_empty()))
    }
}

impl Default for Setup {
    fn default() -> Self {
        Setup::new()
    }
}

type Plain<S> = formats::Layer<S, formats::format::DefaultFields, formats::format::Format, Sink>;

/// What the formats of `tracing-subscriber` have in common.
fn plain<S: Subscriber + for<'a> LookupSpan<'a>>(sink: Sink) -> Plain<S> {
    // The sink itself reports its first write error.
    formats::layer().with_ansi(false).with_writer(sink).log_internal_errors(false)
}

fn filtered(
    layer: impl Layer<Registry> + Send + Sync,
    filter: Option<EnvFilter>,
) -> impl Layer<Registry> + Send + Sync {
    layer.with_filter(filter.unwrap_or_default())
}

fn install<L: Layer<Registry> + Send + Sync>(layer: L) -> Result<(), InitError>
where
    Layered<L, Registry>: Subscriber,
{
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError(Why::Subscriber))
}

/// Diagnostics cannot be switched on: an error of [`init`] and [`Setup::init`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitError(Why);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Subscriber,
    Filter(String),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Subscriber => f.write_str(
                "diagnostics cannot be switched on, because this program already has a `tracing` subscriber; \
                 call `init` once, or add the layer `Lines` to your own subscriber",
            ),
            Why::Filter(error) => write!(
                f,
                "diagnostics cannot be switched on, because RUST_LOG is not a valid filter: {error}; \
                 write something like `RUST_LOG=info` or `RUST_LOG=warn,threadwork::thread=info`",
            ),
        }
    }
}

impl Error for InitError {}
