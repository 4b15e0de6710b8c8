//! The layer that prints lines.

use std::fmt;

use threadwork_core::events::{ENDED, RESTARTED, SLOW_TO_STOP, STARTED, TARGET};
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

use super::{ctime::ctime, sink::Sink};
use crate::words::one_line;

/// A layer that prints a line when a thread starts and when it ends, in the format [`Format::Book`](crate::Format::Book).
///
/// Add it to a registry like any other layer. It handles only the events of threads,
/// and with [`filtered`](Self::filtered) it does not enable any others.
/// Each line is written in one piece, however many threads print at the same time. A thread that was built with `verbose(false)` prints no lines.
/// Lines go to standard output, or to the sink given to [`to`](Self::to).
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
#[derive(Clone, Debug)]
pub struct Lines {
    sink: Sink,
    elapsed: bool,
}

impl Lines {
    /// Creates the layer.
    #[must_use]
    pub fn new() -> Lines {
        Lines { sink: Sink::stdout(), elapsed: false }
    }

    /// Sets where the lines are written.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_diagnostics as diagnostics;
    /// let lines = diagnostics::Lines::new().to(diagnostics::Sink::stderr());
    /// ```
    #[must_use]
    pub fn to(self, sink: Sink) -> Lines {
        Lines { sink, ..self }
    }

    /// Adds to the last line of a thread how long it ran, in wall-clock time and CPU time:
    /// `loop finished at: Sun Aug 13 19:14:30 2006 (4.001 s, cpu 0.002 s)`.
    #[must_use]
    pub fn with_elapsed(self) -> Lines {
        Lines { elapsed: true, ..self }
    }

    /// The layer behind a filter that passes only the events of threads, so that the layer enables no other events and no spans.
    #[must_use]
    pub fn filtered<S>(self) -> Filtered<Lines, FilterFn, S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let is_of_threads = |it: &Metadata<'_>| {
            it.is_event() && it.target() == TARGET && *it.level() <= Level::INFO
        };
        self.with_filter(
            FilterFn::new(is_of_threads as fn(&Metadata<'_>) -> bool)
                .with_max_level_hint(Level::INFO),
        )
    }
}

impl Default for Lines {
    fn default() -> Self {
        Lines::new()
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != TARGET {
            return;
        }
        let mut fields = Fields { verbose: true, ..Fields::default() };
        event.record(&mut fields);
        if fields.verbose
            && let Some(line) = fields.line(metadata.name(), &ctime(), self.elapsed)
        {
            self.sink.print(line.as_bytes());
        }
    }
}

/// The fields of an event that its line shows.
#[derive(Debug, Default)]
struct Fields {
    name: String,
    /// How a thread has ended.
    outcome: String,
    /// The message of the panic or failure of a thread that ended, or the reason of a restart.
    reason: Option<String>,
    verbose: bool,
    elapsed: Option<f64>,
    cpu: Option<f64>,
}

impl Fields {
    /// The line for an event; `None` if the event has none.
    fn line(&self, event: &str, time: &str, with_elapsed: bool) -> Option<String> {
        let name = one_line(&self.name);
        let mut line = match event {
            STARTED => format!("starting {name} at: {time}"),
            ENDED => {
                let outcome = match &*self.outcome {
                    outcome @ ("panicked" | "failed") => outcome,
                    _ => "finished",
                };
                format!("{name} {outcome} at: {time}")
            }
            RESTARTED => format!("restarting {name} at: {time}"),
            SLOW_TO_STOP => format!("{name} is slow to stop at: {time}"),
            _ => return None,
        };
        if with_elapsed && let Some(elapsed) = self.elapsed {
            line += &match self.cpu {
                Some(cpu) => format!(" ({elapsed:.3} s, cpu {cpu:.3} s)"),
                None => format!(" ({elapsed:.3} s)"),
            };
        }
        if let Some(reason) = &self.reason {
            line += ": ";
            line += &one_line(reason);
        }
        line.push('\n');
        Some(line)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "name" {
            self.name = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "name" => self.name = value.to_owned(),
            "outcome" => self.outcome = value.to_owned(),
            "panic" | "failure" | "reason" => self.reason = Some(value.to_owned()),
            _ => (),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "verbose" {
            self.verbose = value;
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match field.name() {
            "elapsed" => self.elapsed = Some(value),
            "cpu" => self.cpu = Some(value),
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "Sun Aug 13 19:14:26 2006";

    fn fields(reason: Option<&str>) -> Fields {
        Fields {
            name: "loop\n0".to_owned(),
            reason: reason.map(str::to_owned),
            ..Fields::default()
        }
    }

    fn ended(outcome: &str, reason: &str) -> Fields {
        Fields { outcome: outcome.to_owned(), ..fields(Some(reason)) }
    }

    #[track_caller]
    fn check(fields: &Fields, event: &str, with_elapsed: bool, line: &str) {
        assert_eq!(fields.line(event, TIME, with_elapsed).as_deref(), Some(line));
    }

    #[test]
    fn every_event_makes_one_line() {
        let at = "at: Sun Aug 13 19:14:26 2006";
        check(&fields(None), STARTED, false, &format!("starting loop\\n0 {at}\n"));
        check(&fields(None), ENDED, false, &format!("loop\\n0 finished {at}\n"));
        let panicked = format!("loop\\n0 panicked {at}: left\\r\\nright\n");
        check(&ended("panicked", "left\r\nright"), ENDED, false, &panicked);
        let failed = format!("loop\\n0 failed {at}: no such file\n");
        check(&ended("failed", "no such file"), ENDED, false, &failed);
        let restarts = format!("restarting loop\\n0 {at}: no answer\n");
        check(&fields(Some("no answer")), RESTARTED, false, &restarts);
        check(&fields(None), SLOW_TO_STOP, false, &format!("loop\\n0 is slow to stop {at}\n"));
        assert_eq!(fields(None).line("something.else", TIME, false), None);
    }

    #[test]
    fn the_last_line_shows_how_long_the_thread_ran_on_request() {
        let at = "at: Sun Aug 13 19:14:26 2006";
        let timed = |fields| Fields { elapsed: Some(4.0011), cpu: Some(0.002), ..fields };
        let finished = format!("loop\\n0 finished {at} (4.001 s, cpu 0.002 s)\n");
        check(&timed(fields(None)), ENDED, true, &finished);
        check(&timed(fields(None)), ENDED, false, &format!("loop\\n0 finished {at}\n"));
        let panicked = format!("loop\\n0 panicked {at} (4.001 s, cpu 0.002 s): oh\n");
        check(&timed(ended("panicked", "oh")), ENDED, true, &panicked);
        let without_cpu = Fields { cpu: None, ..timed(fields(None)) };
        check(&without_cpu, ENDED, true, &format!("loop\\n0 finished {at} (4.001 s)\n"));
    }
}
