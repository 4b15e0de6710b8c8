//! Switching the printed lines on.

use std::{error::Error, fmt};

use tracing::Subscriber;
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    fmt as formats,
    layer::{Filter, Layered, SubscriberExt},
    registry::{LookupSpan, Registry},
};

#[cfg(feature = "env-filter")]
use super::env_filter;
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
#[non_exhaustive]
pub enum Format {
    /// The lines of a book's chapter on Python's `threading` module: `starting loop at: Sun Aug 13 19:14:26 2006`. Only the events of threads are printed.
    #[default]
    Book,
    /// The compact format of `tracing-subscriber`: one line for each event.
    Compact,
    /// The pretty format of `tracing-subscriber`: several lines for each event. Needs the feature `ansi`; there are no colors.
    #[cfg(feature = "ansi")]
    Pretty,
    /// The JSON format of `tracing-subscriber`: one object on one line for each event. Needs the feature `json`.
    #[cfg(feature = "json")]
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
    #[cfg(feature = "env-filter")]
    filter_from_env: bool,
}

impl Setup {
    /// Starts with the format [`Format::Book`], on standard output.
    pub fn new() -> Setup {
        Setup {
            format: Format::Book,
            sink: Sink::stdout(),
            elapsed: false,
            #[cfg(feature = "env-filter")]
            filter_from_env: false,
        }
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
    ///
    /// Needs the feature `env-filter`.
    #[cfg(feature = "env-filter")]
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
            #[cfg(feature = "ansi")]
            Format::Pretty => install(filtered(plain(sink).pretty().with_ansi(false), filter)),
            #[cfg(feature = "json")]
            Format::Json => install(filtered(plain(sink).json(), filter)),
        }
    }

    /// The filter that is asked for; `None` if none is.
    fn filter(&self) -> Result<Option<BoxedFilter>, InitError> {
        #[cfg(feature = "env-filter")]
        if self.filter_from_env {
            let filter = env_filter::read().map_err(|it| InitError(Why::Filter(it)))?;
            return Ok(filter.map(|it| Box::new(it) as BoxedFilter));
        }
        Ok(None)
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

type BoxedFilter = Box<dyn Filter<Registry> + Send + Sync>;

fn filtered(
    layer: impl Layer<Registry> + Send + Sync,
    filter: Option<BoxedFilter>,
) -> impl Layer<Registry> + Send + Sync {
    layer.with_filter(filter.unwrap_or_else(|| Box::new(LevelFilter::INFO)))
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
    #[cfg(feature = "env-filter")]
    Filter(String),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Subscriber => f.write_str(
                "diagnostics cannot be switched on, because this program already has a `tracing` subscriber; \
                 call `init` once, or add the layer `Lines` to your own subscriber",
            ),
            #[cfg(feature = "env-filter")]
            Why::Filter(error) => write!(
                f,
                "diagnostics cannot be switched on, because RUST_LOG is not a valid filter: {error}; \
                 write something like `RUST_LOG=info` or `RUST_LOG=warn,threadwork::thread=info`",
            ),
        }
    }
}

impl Error for InitError {}
