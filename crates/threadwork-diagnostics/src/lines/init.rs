//! Switching diagnostics on.

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
/// It installs a subscriber that has only [`Lines`]; [`Setup`] can do more, and a program that installs a subscriber of its own adds
/// that layer to it instead.
///
/// # Errors
///
/// If the program already has a subscriber, from an earlier call or of its own. Nothing is changed then.
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

/// In which form events are printed: see [`Setup::format`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// assert_eq!(diagnostics::Format::default(), diagnostics::Format::Book);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The book's: `starting loop at: Sun Aug 13 19:14:26 2006`. The events of threads only.
    #[default]
    Book,
    /// `tracing-subscriber`'s compact one: a line for each event.
    Compact,
    /// `tracing-subscriber`'s pretty one: several lines for each event.
    Pretty,
    /// `tracing-subscriber`'s JSON: an object on a line for each event.
    Json,
}

/// Says what is printed, how and where, then switches it on.
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
    /// The book's lines, on standard output.
    pub fn new() -> Setup {
        let sink = Sink::stdout();
        Setup { format: Format::Book, sink, elapsed: false, filter_from_env: false }
    }

    /// In which form events are printed.
    ///
    /// In all but the book's, events of the program's own are printed too, as far as the filter lets them through, and the times are in UTC.
    /// Threads that were built with `verbose(false)` are there too, and say so in the field `verbose`.
    pub fn format(self, format: Format) -> Setup {
        Setup { format, ..self }
    }

    /// Where they are written to.
    pub fn to(self, sink: Sink) -> Setup {
        Setup { sink, ..self }
    }

    /// Adds to the book's last line of a thread how long it has run: see [`Lines::with_elapsed`]. The other forms say it anyway.
    pub fn with_elapsed(self) -> Setup {
        Setup { elapsed: true, ..self }
    }

    /// Filters by level and target as the environment variable `RUST_LOG` says, in the way of `tracing-subscriber`'s `EnvFilter`:
    /// `RUST_LOG=info`, `RUST_LOG=warn,threadwork::thread=info`. Where it is not set or empty, and without this, events at `INFO` and above are printed.
    pub fn filter_from_env(self) -> Setup {
        Setup { filter_from_env: true, ..self }
    }

    /// Switches it on, for the rest of the program.
    ///
    /// # Errors
    ///
    /// If the program already has a subscriber, or `RUST_LOG` is to be used and makes no sense. Nothing is changed then.
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
            // The lines have a filter of their own, which asks for less.
            None if self.format == Format::Book => Ok(None),
            None => {
                let info = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
                Ok(Some(info.parse_lossy("")))
            }
        }
    }

    /// What the environment says, if it is asked and says something.
    fn directives(&self) -> Result<Option<String>, InitError> {
        let given = self.filter_from_env.then(|| env::var_os(EnvFilter::DEFAULT_ENV)).flatten();
        let text = given.map(|it| {
            it.into_string()
                .map_err(|it| InitError(Why::Filter(format!("{it:?}: it is not Unicode"))))
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

/// What the forms of `tracing-subscriber` have in common.
fn plain<S: Subscriber + for<'a> LookupSpan<'a>>(sink: Sink) -> Plain<S> {
    // A sink reports itself that it cannot be written to, once.
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
                "diagnostics cannot be switched on, because RUST_LOG makes no sense: {error}; \
                 write something like `RUST_LOG=info` or `RUST_LOG=warn,threadwork::thread=info`",
            ),
        }
    }
}

impl Error for InitError {}
