//! What is kept of one thread while it is recorded.

use std::{collections::VecDeque, num::NonZeroU64, sync::MutexGuard, time::Instant};

use crate::{
    mutex::Mutex,
    timeline::event::{Ended, Event, Span, What, shortened},
};

#[cfg(test)]
mod tests;

/// One thread. Only the thread itself adds to it, so that its lock is free unless a recording is just being read.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) ident: NonZeroU64,
    /// What times are counted from.
    epoch: Instant,
    kept: Mutex<Kept>,
}

impl Track {
    /// The track of the current thread, which keeps at most so many events.
    pub(crate) fn new(ident: NonZeroU64, epoch: Instant, limit: usize) -> Track {
        let name = std::thread::current().name().map(shortened);
        Track { ident, epoch, kept: Mutex::new(Kept { name, limit, ..Kept::default() }) }
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock()
    }

    /// Nanoseconds since the beginning; what was before that counts as the beginning.
    pub(crate) fn time(&self, instant: Instant) -> u64 {
        nanoseconds(self.epoch, instant)
    }

    pub(crate) fn now(&self) -> u64 {
        self.time(Instant::now())
    }
}

/// From one point in time to another, or zero if that is earlier.
pub(crate) fn nanoseconds(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

/// The contents of a track.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The newest name that is known: first that of the operating system's thread.
    pub(crate) name: Option<String>,
    pub(crate) started: Option<u64>,
    pub(crate) ended: Option<Ended>,
    /// Spans that were entered and not left, the outermost first.
    pub(crate) open: Vec<Open>,
    /// What is over, in the order in which it ended.
    pub(crate) events: VecDeque<Event>,
    /// How many events were not kept.
    pub(crate) n_dropped: u64,
    limit: usize,
}

impl Kept {
    /// Adds an event, in the place of the oldest if there is no other.
    pub(crate) fn push(&mut self, event: Event) {
        if self.events.len() >= self.limit {
            self.n_dropped += 1;
            if self.events.pop_front().is_none() {
                // There is no room for any.
                return;
            }
        }
        self.events.push_back(event);
    }

    pub(crate) fn enter(&mut self, open: Open) {
        // Spans that are never left shall not take up memory without end either.
        if self.open.len() < self.limit {
            self.open.push(open);
        } else {
            self.n_dropped += 1;
        }
    }

    /// Leaves the span, which need not be the innermost. One that was entered before the beginning is unknown.
    pub(crate) fn exit(&mut self, id: u64, until: u64) {
        if let Some(place) = self.open.iter().rposition(|it| it.id == id) {
            let Open { span, since, .. } = self.open.remove(place);
            self.push(Event { since, until, what: What::Span(span) });
        }
    }
}

/// A span that a thread is in.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) id: u64,
    pub(crate) span: Span,
    pub(crate) since: u64,
}
