//! The lines that threads print.

use std::{
    fmt,
    io::{self, Write},
};

use threadwork_core::events::{ENDED, STARTED, TARGET};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::{FilterFn, Filtered},
    layer::Context,
    registry::LookupSpan,
};

use crate::ctime::ctime;

/// Prints a line on standard output when a thread starts, and one when it ends: the book's own form.
///
/// A layer like any other: put it upon a registry beside the ones you have. It only looks at the events of threads,
/// and [`filtered`](Self::filtered) keeps it from asking for any others.
/// Each line is written at once, however many threads print at the same time; a thread that was built with `verbose(false)` prints none.
/// Where standard output is closed the lines are lost, and the program goes on.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::Lines;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry().with(Lines::new().filtered());
/// tracing::subscriber::with_default(subscriber, || ());
/// ```
#[derive(Debug, Default)]
pub struct Lines(());

impl Lines {
    /// The layer.
    #[must_use]
    pub const fn new() -> Lines {
        Lines(())
    }

    /// The layer behind a filter that lets only the events of threads through, so that nothing else is recorded for its sake.
    #[must_use]
    pub fn filtered<S>(self) -> Filtered<Lines, FilterFn, S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let is_of_threads = |it: &Metadata<'_>| it.target() == TARGET && *it.level() <= Level::INFO;
        self.with_filter(
            FilterFn::new(is_of_threads as fn(&Metadata<'_>) -> bool)
                .with_max_level_hint(Level::INFO),
        )
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != TARGET || ![STARTED, ENDED].contains(&metadata.name()) {
            return;
        }
        let mut fields = Fields { verbose: true, ..Fields::default() };
        event.record(&mut fields);
        if fields.verbose {
            let line = fields.line(metadata.name(), &ctime());
            // There is nobody to tell.
            let _ = io::stdout().lock().write_all(line.as_bytes());
        }
    }
}

/// What a line is made of.
#[derive(Debug, Default)]
struct Fields {
    name: String,
    panic: Option<String>,
    verbose: bool,
}

impl Fields {
    fn line(&self, event: &str, time: &str) -> String {
        let name = one_line(&self.name);
        match &self.panic {
            _ if event == STARTED => format!("starting {name} at: {time}\n"),
            None => format!("{name} finished at: {time}\n"),
            Some(message) => format!("{name} panicked at: {time}: {}\n", one_line(message)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "name" {
            self.name = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "panic" {
            self.panic = Some(value.to_owned());
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "verbose" {
            self.verbose = value;
        }
    }
}

/// A line break inside would make two lines of one.
fn one_line(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_makes_one_line() {
        let fields = |panic: Option<&str>| Fields {
            name: "loop\n0".to_owned(),
            panic: panic.map(str::to_owned),
            verbose: true,
        };
        let time = "Sun Aug 13 19:14:26 2006";
        assert_eq!(
            fields(None).line(STARTED, time),
            "starting loop\\n0 at: Sun Aug 13 19:14:26 2006\n"
        );
        assert_eq!(
            fields(None).line(ENDED, time),
            "loop\\n0 finished at: Sun Aug 13 19:14:26 2006\n"
        );
        assert_eq!(
            fields(Some("left\r\nright")).line(ENDED, time),
            "loop\\n0 panicked at: Sun Aug 13 19:14:26 2006: left\\r\\nright\n"
        );
    }
}
