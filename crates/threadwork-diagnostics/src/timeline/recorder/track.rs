//! The recorded events of one thread.

use std::{collections::VecDeque, num::NonZeroU64, sync::MutexGuard, time::Instant};

use threadwork_core::internal::{in_helper, shortened};
use threadwork_sync::{get_native_id, internal::door::IDLE};

use crate::{
    mutex::Mutex,
    timeline::event::{Ended, Event, Span, What},
};

#[cfg(test)]
mod tests;

/// The recorded events of one thread. Only the thread itself adds to it, so its lock is free unless a recording is just being read.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) ident: NonZeroU64,
    /// The number of the thread in the operating system, where that is known.
    pub(crate) native_id: Option<u64>,
    /// Whether the thread is one of the library's own.
    pub(crate) is_own: bool,
    /// The time zero of the recording.
    epoch: Instant,
    kept: Mutex<Kept>,
}

impl Track {
    /// A track for the current thread that keeps at most `limit` events.
    pub(crate) fn new(ident: NonZeroU64, epoch: Instant, limit: usize) -> Track {
        let is_own = in_helper();
        // Where an operating system thread is used again, `std` does not know the name of the thread that runs now.
        let is_known = |name: &&str| is_own || *name != IDLE;
        let name = std::thread::current().name().filter(is_known).map(shortened);
        let kept = Mutex::new(Kept { name, limit, ..Kept::default() });
        Track { ident, native_id: get_native_id(), is_own, epoch, kept }
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock()
    }

    /// Nanoseconds since the beginning of the recording; zero for an earlier instant.
    pub(crate) fn time(&self, instant: Instant) -> u64 {
        nanoseconds(self.epoch, instant)
    }

    pub(crate) fn now(&self) -> u64 {
        self.time(Instant::now())
    }
}

/// Nanoseconds from one instant to another; zero if that is earlier.
pub(crate) fn nanoseconds(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

/// The contents of a track.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The newest known name; at first the name that `std` knows.
    pub(crate) name: Option<String>,
    pub(crate) started: Option<u64>,
    /// The number of the thread that started it.
    pub(crate) starter: Option<u64>,
    pub(crate) ended: Option<Ended>,
    /// Spans that were entered and not yet left, the outermost first.
    pub(crate) open: Vec<Open>,
    /// Events that are over, in the order in which they ended.
    pub(crate) events: VecDeque<Event>,
    /// The number of events that were dropped.
    pub(crate) n_dropped: u64,
    limit: usize,
}

impl Kept {
    /// Adds events of the past, which are over. Of all events the newest are kept.
    pub(crate) fn merge(&mut self, others: impl IntoIterator<Item = Event>, limit: usize) {
        self.events.extend(others);
        self.events.make_contiguous().sort_by_key(|it| it.until);
        let n_too_many = self.events.len().saturating_sub(limit);
        self.events.drain(..n_too_many);
        self.n_dropped += n_too_many as u64;
    }

    /// Adds an event. At the limit the oldest event makes room.
    pub(crate) fn push(&mut self, event: Event) {
        if self.events.len() >= self.limit {
            self.n_dropped += 1;
            if self.events.pop_front().is_none() {
                // The limit is zero.
                return;
            }
        }
        self.events.push_back(event);
    }

    pub(crate) fn enter(&mut self, open: Open) {
        // The limit also applies to spans that are never left, so memory is bounded.
        if self.open.len() < self.limit {
            self.open.push(open);
        } else {
            self.n_dropped += 1;
        }
    }

    /// Leaves the span, which need not be the innermost. A span that was entered before the recording began is unknown and ignored.
    pub(crate) fn exit(&mut self, id: u64, until: u64) {
        if let Some(place) = self.open.iter().rposition(|it| it.id == id) {
            let Open { span, since, .. } = self.open.remove(place);
            self.push(Event { since, until, what: What::Span(span) });
        }
    }
}

/// A span that the thread is in.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) id: u64,
    pub(crate) span: Span,
    pub(crate) since: u64,
}
