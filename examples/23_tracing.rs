//! A whole set-up of `tracing`: lines for people, JSON for machines behind a filter, and a layer of our own.
//!
//! The lines go to standard output and the JSON to standard error. `RUST_LOG=debug` shows more of it.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use threadwork::{Thread, diagnostics::Lines, events};
use tracing::{
    Event, Subscriber, debug,
    field::{Field, Visit},
    info, info_span,
    level_filters::LevelFilter,
};
use tracing_subscriber::{EnvFilter, Layer, fmt as formats, layer::Context, prelude::*};

/// A layer that counts how threads end.
#[derive(Clone, Default)]
struct Ends {
    /// The number of threads for each outcome. A layer may be called from anywhere, so it uses a lock that nobody traces.
    counts: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl<S: Subscriber> Layer<S> for Ends {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if (metadata.target(), metadata.name()) == (events::TARGET, events::ENDED) {
            let mut outcome = Outcome::default();
            event.record(&mut outcome);
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(outcome.0).or_default() += 1;
        }
    }
}

/// Reads the field `outcome` of an event.
#[derive(Default)]
struct Outcome(String);

impl Visit for Outcome {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "outcome" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

fn parse(text: &str) -> Result<(), std::num::ParseIntError> {
    debug!(text, "parsing");
    let number: u32 = text.parse()?;
    info!(number, "parsed");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let filter =
        EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env()?;
    let json = formats::layer().json().with_writer(io::stderr).with_filter(filter);
    let ends = Ends::default();
    tracing_subscriber::registry()
        .with(Lines::new().filtered())
        .with(json)
        .with(ends.clone())
        .try_init()?;

    // Each thread has a span, which is a child of the span in which it is started.
    let request = info_span!("request", id = 7);
    for text in ["42", "seven", "1971"] {
        // The failure is in the JSON; its default line on standard error would be between.
        let parser = Thread::builder().name("parser").on_failure(|_, _| ());
        let parser = request.in_scope(|| parser.start(move || parse(text)))?;
        let _ = parser.join();
    }

    let counts = ends.counts.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{counts:?}");
    assert_eq!(counts.values().sum::<usize>(), 3);
    Ok(())
}
