//! The lines beside other layers.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    thread::sleep,
    time::{Duration, Instant},
};

use threadwork_core::{
    Thread,
    events::{ENDED, STARTED, TARGET},
};
use threadwork_diagnostics::Lines;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
    subscriber::set_global_default,
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use crate::program::Program;

/// The value of a field, with the type by which it was recorded.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Bool(bool),
    U64(u64),
    F64(f64),
    Str(String),
    Debug(String),
}

#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    fn names(&self) -> Vec<&str> {
        self.0.keys().copied().collect()
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name(), Value::Bool(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), Value::U64(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name(), Value::F64(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), Value::Str(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), Value::Debug(format!("{value:?}")));
    }
}

/// A span or an event that was seen.
#[derive(Debug)]
struct Seen {
    metadata: &'static Metadata<'static>,
    fields: Fields,
    /// The names of the spans around it, the innermost first.
    scope: Vec<&'static str>,
}

/// A layer that keeps every span and event.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<Seen>>>);

impl Capture {
    /// What was seen since the last call.
    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let scope = context.span_scope(id).into_iter().flatten().skip(1).map(|it| it.name());
        let seen = Seen { metadata: attributes.metadata(), fields, scope: scope.collect() };
        self.0.lock().unwrap().push(seen);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let scope = context.event_scope(event).into_iter().flatten().map(|it| it.name());
        let seen = Seen { metadata: event.metadata(), fields, scope: scope.collect() };
        self.0.lock().unwrap().push(seen);
    }
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn a_layer_beside_the_lines_sees_the_span_and_both_events_of_a_thread() {
    let program = Program::new(|| {
        let capture = Capture::default();
        let subscriber =
            tracing_subscriber::registry().with(Lines::new().filtered()).with(capture.clone());
        set_global_default(subscriber).unwrap();

        let thread =
            Thread::builder().name("loop").daemon(true).build(|| sleep(Duration::from_millis(30)));
        let before = Instant::now();
        tracing::info_span!("around").in_scope(|| thread.start().unwrap());
        thread.join().unwrap();
        let at_most = before.elapsed().as_secs_f64();

        let seen = capture.take();
        let [_, span, started, finished] = &seen[..] else { panic!("{seen:#?}") };
        let ident = Value::U64(thread.ident().unwrap().get());
        assert_eq!(span.fields.0["thread"], Value::Debug("loop".into()));
        for seen in [started, finished] {
            assert_eq!(seen.fields.0["name"], Value::Debug("loop".into()));
        }
        for seen in [span, started, finished] {
            assert_eq!(seen.metadata.target(), TARGET);
            assert_eq!(*seen.metadata.level(), Level::INFO);
            assert_eq!(seen.fields.0["ident"], ident);
            assert_eq!(seen.fields.0["daemon"], Value::Bool(true));
        }
        assert!(span.metadata.is_span());
        assert_eq!(span.metadata.name(), "thread");
        assert_eq!(span.fields.names(), ["daemon", "ident", "thread"]);
        assert_eq!(span.scope, ["around"]);

        assert!(started.metadata.is_event());
        assert_eq!(started.metadata.name(), STARTED);
        assert_eq!(started.fields.names(), ["daemon", "ident", "message", "name", "verbose"]);
        assert_eq!(started.fields.0["verbose"], Value::Bool(true));
        assert_eq!(started.scope, ["thread", "around"]);

        assert!(finished.metadata.is_event());
        assert_eq!(finished.metadata.name(), ENDED);
        assert_eq!(
            finished.fields.names(),
            ["cpu", "daemon", "elapsed", "ident", "message", "name", "outcome", "verbose"]
        );
        assert_eq!(finished.fields.0["outcome"], Value::Str("finished".into()));
        let Value::F64(elapsed) = finished.fields.0["elapsed"] else { panic!("{finished:#?}") };
        assert!((0.030..=at_most).contains(&elapsed), "{elapsed} seconds, at most {at_most}");
        assert_eq!(finished.scope, ["thread", "around"]);
    });
    let ended = program.run();
    assert_eq!(ended.lines().len(), 2, "the lines are printed too: {ended:#?}");
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn a_layer_beside_the_lines_sees_why_a_thread_panicked() {
    let program = Program::new(|| {
        let capture = Capture::default();
        // In the other order, which must make no difference.
        let subscriber =
            tracing_subscriber::registry().with(capture.clone()).with(Lines::new().filtered());
        set_global_default(subscriber).unwrap();

        let thread = Thread::builder().name("loop").build(|| panic!("no\ninput"));
        thread.start().unwrap();
        thread.join().unwrap_err();

        let seen = capture.take();
        let [_, _, panicked] = &seen[..] else { panic!("{seen:#?}") };
        assert_eq!(panicked.metadata.name(), ENDED);
        assert_eq!(*panicked.metadata.level(), Level::ERROR);
        assert_eq!(
            panicked.fields.names(),
            ["cpu", "daemon", "elapsed", "ident", "message", "name", "outcome", "panic", "verbose"]
        );
        assert_eq!(panicked.fields.0["outcome"], Value::Str("panicked".into()));
        assert_eq!(panicked.fields.0["panic"], Value::Str("no\ninput".into()));
    });
    let ended = program.run();
    assert_eq!(ended.lines().len(), 2, "the lines are printed too: {ended:#?}");
}

#[test]
fn a_layer_beside_the_lines_sees_threads_that_are_not_verbose() {
    let program = Program::new(|| {
        let capture = Capture::default();
        let subscriber =
            tracing_subscriber::registry().with(Lines::new().filtered()).with(capture.clone());
        set_global_default(subscriber).unwrap();

        let thread = Thread::builder().verbose(false).build(|| ());
        thread.start().unwrap();
        thread.join().unwrap();

        let seen = capture.take();
        let [_, started, finished] = &seen[..] else { panic!("{seen:#?}") };
        assert_eq!(started.fields.0["verbose"], Value::Bool(false));
        assert_eq!(finished.fields.0["verbose"], Value::Bool(false));
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn the_filter_of_the_lines_does_not_hide_events_from_other_layers() {
    let program = Program::new(|| {
        let capture = Capture::default();
        let subscriber =
            tracing_subscriber::registry().with(Lines::new().filtered()).with(capture.clone());
        set_global_default(subscriber).unwrap();

        tracing::trace!("mine");
        let seen = capture.take();
        assert_eq!(seen.len(), 1, "{seen:#?}");
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn the_lines_without_their_filter_do_not_print_other_events() {
    let program = Program::new(|| {
        set_global_default(tracing_subscriber::registry().with(Lines::new())).unwrap();
        tracing::error!("mine");
        tracing::error!(name: "thread.started", name = "mine", verbose = true, "mine");
        tracing::error!(target: TARGET, name = "mine", verbose = true, "mine");
        let thread = Thread::builder().name("loop").build(|| tracing::info!("working"));
        thread.start().unwrap();
        thread.join().unwrap();
    });
    let ended = program.run();
    let [started, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    assert!(started.starts_with("starting loop at: "), "{started:?}");
    assert!(finished.starts_with("loop finished at: "), "{finished:?}");
}

#[test]
fn a_thread_whose_span_is_filtered_out_is_in_the_span_of_its_starter() {
    let program = Program::new(|| {
        let capture = Capture::default();
        let own = Targets::new().with_target("shop", Level::INFO);
        let subscriber = tracing_subscriber::registry()
            .with(capture.clone().with_filter(own))
            .with(Lines::new().filtered());
        set_global_default(subscriber).unwrap();

        let thread = Thread::builder().name("loop").build(|| tracing::info!(target: "shop", "in"));
        let order = tracing::info_span!(target: "shop", "order");
        order.in_scope(|| thread.start().unwrap());
        thread.join().unwrap();

        let seen = capture.take();
        let [_, event] = &seen[..] else { panic!("{seen:#?}") };
        assert_eq!(event.scope, ["order"]);
    });
    assert_eq!(program.run().lines().len(), 2);
}
