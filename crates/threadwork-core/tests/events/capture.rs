//! A subscriber that keeps all it sees, and that misbehaves if the name of a thread asks for it.

use std::{
    collections::BTreeMap,
    fmt,
    num::NonZeroU64,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use threadwork_core::{ThreadHandle, current_thread, enumerate};
use threadwork_sync::{Event, Lock, get_ident};
use tracing::{
    Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// A span or an event, as the subscriber saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: Fields,
    /// The number of the thread in which it was made.
    pub(crate) ident: NonZeroU64,
    /// The current span there.
    pub(crate) within: Option<u64>,
}

/// The fields, in order of their names.
pub(crate) type Fields = BTreeMap<&'static str, String>;

/// The number of times that a span was entered, exited and closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) entered: u32,
    pub(crate) exited: u32,
    pub(crate) closed: u32,
}

#[derive(Debug)]
pub(crate) struct Capture {
    next: AtomicU64,
    spans: Lock<BTreeMap<u64, (Seen, Uses)>>,
    events: Lock<Vec<Seen>>,
    /// The spans that each thread has entered, the innermost last.
    entered: Lock<BTreeMap<NonZeroU64, Vec<u64>>>,
}

static CAPTURE: Capture = Capture {
    next: AtomicU64::new(1),
    spans: Lock::new(BTreeMap::new()),
    events: Lock::new(Vec::new()),
    entered: Lock::new(BTreeMap::new()),
};

/// How long the event of the start takes in threads whose names ask for it.
pub(crate) const LATE: Duration = Duration::from_millis(50);

/// Blocks the end of threads whose names ask for it.
pub(crate) static GATE: Event = Event::new();

/// Returns the subscriber that all tests share.
pub(crate) fn capture() -> &'static Capture {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        tracing::subscriber::set_global_default(&CAPTURE).expect("it is the first");
    });
    &CAPTURE
}

impl Capture {
    /// Returns the events of one thread, in order.
    pub(crate) fn events_of(&self, thread: &ThreadHandle) -> Vec<Seen> {
        let mut events = self.events.acquire().clone();
        events.retain(|it| Some(it.ident) == thread.ident());
        events
    }

    /// Returns the spans made for threads of this name.
    pub(crate) fn spans_of(&self, thread: &str) -> Vec<(u64, Seen, Uses)> {
        let spans = self.spans.acquire();
        let of_thread = spans.iter().filter(|(_, (seen, _))| seen.fields["thread"] == thread);
        of_thread.map(|(&id, (seen, uses))| (id, seen.clone(), *uses)).collect()
    }

    fn see(&self, metadata: &'static Metadata<'static>, fields: Fields) -> Seen {
        let ident = get_ident();
        let within = self.entered.acquire().get(&ident).and_then(|it| it.last().copied());
        Seen {
            name: metadata.name(),
            target: metadata.target(),
            level: *metadata.level(),
            fields,
            ident,
            within,
        }
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Uses)) -> String {
        let mut spans = self.spans.acquire();
        let (seen, uses) = spans.get_mut(&id).expect("the span was made here");
        change(uses);
        seen.fields["thread"].clone()
    }
}

/// Panics if the name of the thread asks for it: `panics on enter`, `panics on exit and close`.
fn panic_if_asked(thread: &str, on: &str) {
    assert!(!(thread.starts_with("panics on ") && thread.contains(on)), "the subscriber on {on}");
}

impl Subscriber for &'static Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut visitor = Visitor::default();
        attributes.record(&mut visitor);
        visitor.0.entry("thread").or_default();
        panic_if_asked(&visitor.0["thread"], "new");
        let mut seen = self.see(attributes.metadata(), visitor.0);
        assert!(attributes.is_contextual(), "its parent is the current span");
        seen.within = seen.within.filter(|_| attributes.is_contextual());
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.spans.acquire().insert(id, (seen, Uses::default()));
        span::Id::from_u64(id)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut visitor = Visitor::default();
        event.record(&mut visitor);
        let seen = self.see(event.metadata(), visitor.0);
        let thread = seen.fields.get("name").cloned().unwrap_or_default();
        self.events.acquire().push(seen);
        panic_if_asked(&thread, "event");
        if thread == "looks around" {
            let current = current_thread();
            assert!(current.is_alive() && enumerate().contains(&current));
        }
        if thread == "late" && event.metadata().name() == threadwork_core::events::STARTED {
            std::thread::sleep(LATE);
        }
        if thread == "held up" && event.metadata().name() == threadwork_core::events::ENDED {
            GATE.wait();
        }
    }

    fn enter(&self, id: &span::Id) {
        let thread = self.change(id.into_u64(), |it| it.entered += 1);
        panic_if_asked(&thread, "enter");
        self.entered.acquire().entry(get_ident()).or_default().push(id.into_u64());
    }

    fn exit(&self, id: &span::Id) {
        let thread = self.change(id.into_u64(), |it| it.exited += 1);
        if let Some(entered) = self.entered.acquire().get_mut(&get_ident()) {
            entered.retain(|&it| it != id.into_u64());
        }
        panic_if_asked(&thread, "exit");
    }

    fn try_close(&self, id: span::Id) -> bool {
        let thread = self.change(id.into_u64(), |it| it.closed += 1);
        panic_if_asked(&thread, "close");
        true
    }
}

#[derive(Default)]
struct Visitor(Fields);

impl Visit for Visitor {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
