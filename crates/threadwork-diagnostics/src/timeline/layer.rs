//! The layer that records the lives of threads and their spans.

use std::{fmt, sync::Arc};

use threadwork_core::events::{ENDED, STARTED, TARGET};
use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::{FilterFn, Filtered},
    layer::Context,
    registry::LookupSpan,
};

use super::{
    event::{Ended, Span, shortened},
    recorder::{Open, is_on, with_track},
};

/// A layer that records the lives of threads, and the spans that they enter and leave, for the current [`Timeline`](super::Timeline).
///
/// Add it to a registry like any other layer, at the beginning of the program.
/// It does not belong to one recording: while there is none it does nothing, and it serves each recording that is started later.
/// Without it a recording has waits and wake-ups, and knows the lives only of threads that are alive at its end.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::{Lines, TimelineLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry()
///     .with(Lines::new().filtered())
///     .with(TimelineLayer::new().filtered());
/// tracing::subscriber::with_default(subscriber, || ());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TimelineLayer(());

impl TimelineLayer {
    /// Creates the layer.
    #[must_use]
    pub const fn new() -> TimelineLayer {
        TimelineLayer(())
    }

    /// The layer behind a filter that passes only spans and the events of threads, so that the layer enables no other events.
    #[must_use]
    pub fn filtered<S>(self) -> Filtered<TimelineLayer, FilterFn, S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let is_wanted = |it: &Metadata<'_>| it.is_span() || it.target() == TARGET;
        self.with_filter(FilterFn::new(is_wanted as fn(&Metadata<'_>) -> bool))
    }
}

/// The fields of a span as text, stored with the span.
struct Fields(Arc<str>);

/// The number of the thread whose life a span is, stored with the span.
struct Life(u64);

/// Whether it is the span of a thread's life, which is recorded by its events instead.
fn is_life(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TimelineLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !is_on() || attributes.fields().is_empty() {
            return;
        }
        if is_life(attributes.metadata()) {
            let mut life = LifeFields::default();
            attributes.record(&mut life);
            if let (Some(span), Some(ident)) = (context.span(id), life.ident) {
                span.extensions_mut().replace(Life(ident));
            }
            return;
        }
        // Recording the fields runs user code, so it comes before anything is locked.
        let mut text = Text::default();
        attributes.record(&mut text);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Fields(text.shortened()));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if !is_on() {
            return;
        }
        let mut text = Text::default();
        values.record(&mut text);
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            let text =
                Text([&*fields.0, &text.0].join(if fields.0.is_empty() { "" } else { ", " }));
            fields.0 = text.shortened();
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if !is_on() {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let metadata = span.metadata();
        if is_life(metadata) {
            return;
        }
        let fields = match metadata.fields().is_empty() {
            true => None,
            false => span.extensions().get::<Fields>().map(|it| Arc::clone(&it.0)),
        };
        let span = Span { metadata, fields };
        with_track(|track| {
            let since = track.now();
            track.kept().enter(Open { id: id.into_u64(), span, since });
        });
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        if !is_on() {
            return;
        }
        with_track(|track| {
            let until = track.now();
            track.kept().exit(id.into_u64(), until);
        });
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if !is_on() || metadata.target() != TARGET {
            return;
        }
        let is_end = match metadata.name() {
            STARTED => false,
            ENDED => true,
            _ => return,
        };
        let mut life = LifeFields::default();
        event.record(&mut life);
        let starter = if is_end { None } else { starter(event, &context) };
        with_track(|track| {
            let at = track.now();
            let mut kept = track.kept();
            kept.name = Some(life.name);
            if is_end {
                kept.ended = Some(Ended { at, outcome: life.outcome, reason: life.reason });
            } else {
                kept.started = Some(at);
                kept.starter = starter;
            }
        });
    }
}

/// The number of the thread that started the current one, which is telling that it starts.
///
/// The span of a life is inside the span of the starter's life, perhaps with other spans between.
fn starter<S>(event: &tracing::Event<'_>, context: &Context<'_, S>) -> Option<u64>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let spans = context.event_scope(event)?;
    spans.filter_map(|it| it.extensions().get::<Life>().map(|it| it.0)).nth(1)
}

/// The fields of the span and of the events of a thread's life.
#[derive(Default)]
struct LifeFields {
    name: String,
    ident: Option<u64>,
    outcome: String,
    reason: Option<String>,
}

impl Visit for LifeFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "name" {
            self.name = shortened(&format!("{value:?}"));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "ident" {
            self.ident = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "outcome" => self.outcome = value.to_owned(),
            "panic" | "failure" => self.reason = Some(shortened(value)),
            _ => (),
        }
    }
}

/// Fields as text: `order = 17, urgent = true`.
#[derive(Default)]
struct Text(String);

impl Text {
    fn shortened(&self) -> Arc<str> {
        shortened(&self.0).into()
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let separator = if self.0.is_empty() { "" } else { ", " };
        self.0 += &match field.name() {
            "message" => format!("{separator}{value:?}"),
            name => format!("{separator}{name} = {value:?}"),
        };
    }
}
