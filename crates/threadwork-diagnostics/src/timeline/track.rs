//! What is kept of one thread while it is recorded.

use std::{
    collections::VecDeque,
    num::NonZeroU64,
    panic::Location,
    sync::{Arc, MutexGuard},
    time::Instant,
};

use threadwork_sync::WaitKind;
use tracing::Metadata;

use super::mutex::Mutex;

#[cfg(test)]
mod tests;

/// One thread. Only the thread itself adds to it, so that its lock is free unless a recording is just being read.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) ident: NonZeroU64,
    /// What times are counted from.
    epoch: Instant,
    kept: Mutex<Kept>,
}

impl Track {
    /// The track of the current thread, which keeps at most so many events.
    pub(super) fn new(ident: NonZeroU64, epoch: Instant, limit: usize) -> Track {
        let name = std::thread::current().name().map(shortened);
        Track { ident, epoch, kept: Mutex::new(Kept { name, limit, ..Kept::default() }) }
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock()
    }

    /// Nanoseconds since the beginning; what was before that counts as the beginning.
    pub(super) fn time(&self, instant: Instant) -> u64 {
        nanoseconds(self.epoch, instant)
    }

    pub(super) fn now(&self) -> u64 {
        self.time(Instant::now())
    }
}

/// From one point in time to another, or zero if that is earlier.
pub(super) fn nanoseconds(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

/// The contents of a track.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// The newest name that is known: first that of the operating system's thread.
    pub(super) name: Option<String>,
    pub(super) started: Option<u64>,
    pub(super) ended: Option<Ended>,
    /// Spans that were entered and not left, the outermost first.
    pub(super) open: Vec<Open>,
    /// What is over, in the order in which it ended.
    pub(super) events: VecDeque<Event>,
    /// How many events were not kept.
    pub(super) n_dropped: u64,
    limit: usize,
}

impl Kept {
    /// Adds an event, in the place of the oldest if there is no other.
    pub(super) fn push(&mut self, event: Event) {
        if self.events.len() >= self.limit {
            self.n_dropped += 1;
            if self.events.pop_front().is_none() {
                // There is no room for any.
                return;
            }
        }
        self.events.push_back(event);
    }

    pub(super) fn enter(&mut self, open: Open) {
        // Spans that are never left shall not take up memory without end either.
        if self.open.len() < self.limit {
            self.open.push(open);
        } else {
            self.n_dropped += 1;
        }
    }

    /// Leaves the span, which need not be the innermost. One that was entered before the beginning is unknown.
    pub(super) fn exit(&mut self, id: u64, until: u64) {
        if let Some(place) = self.open.iter().rposition(|it| it.id == id) {
            let Open { span, since, .. } = self.open.remove(place);
            self.push(Event { since, until, what: What::Span(span) });
        }
    }
}

/// How a thread has ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) at: u64,
    pub(super) outcome: String,
    pub(super) panic: Option<String>,
}

/// A span that a thread is in.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) id: u64,
    pub(super) span: Span,
    pub(super) since: u64,
}

/// Something that has happened, with its beginning and its end.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) since: u64,
    pub(super) until: u64,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Wait(Wait),
    Wake(Wake),
    Span(Span),
}

/// The thread was blocked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) kind: WaitKind,
    pub(super) name: Option<&'static str>,
    pub(super) address: usize,
    pub(super) location: &'static Location<'static>,
    /// Whether somebody ended it.
    pub(super) woken: bool,
    /// The thread that it waited for, or that held what it waited for.
    pub(super) thread: Option<NonZeroU64>,
}

/// The thread woke others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake {
    pub(super) address: usize,
    pub(super) count: usize,
}

/// The thread was in a span of `tracing`.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) metadata: &'static Metadata<'static>,
    /// The fields as text, if it has any.
    pub(super) fields: Option<Arc<str>>,
}

/// Texts of users are kept up to so many characters.
const LONGEST_TEXT: usize = 500;

/// The text, or as much of it as is kept.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
