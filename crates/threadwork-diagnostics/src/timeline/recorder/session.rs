//! What is kept of all threads between the start of a recording and its stop.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc, time::Instant};

use threadwork_core::internal::process;

use super::track::Track;
use crate::mutex::Mutex;

#[cfg(test)]
mod tests;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) events_per_thread: usize,
    pub(crate) threads: usize,
}

/// Everything that is kept between the start and the stop.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) number: u64,
    /// Which process it records, of those that were forked from each other.
    process: u32,
    /// The time of day when it began, and the same on the clock of the waits.
    pub(crate) began: String,
    pub(crate) epoch: Instant,
    pub(crate) limits: Limits,
    threads: Mutex<Threads>,
}

#[derive(Debug, Default)]
struct Threads {
    tracks: BTreeMap<NonZeroU64, Arc<Track>>,
    n_left_out: usize,
}

/// What a session has at some moment.
#[derive(Debug)]
pub(crate) struct Tracks {
    /// The tracks, and whether their threads may add to them still.
    pub(crate) tracks: Vec<(Arc<Track>, bool)>,
    /// Threads of which nothing is kept.
    pub(crate) n_left_out: usize,
}

impl Session {
    pub(super) fn new(number: u64, began: String, limits: Limits) -> Session {
        let threads = Mutex::new(Threads::default());
        let process = process();
        Session { number, process, began, epoch: Instant::now(), limits, threads }
    }

    pub(crate) fn tracks(&self) -> Tracks {
        if self.process != process() {
            // Threads that are not here any more may have their tracks locked for ever.
            return Tracks { tracks: Vec::new(), n_left_out: 0 };
        }
        let threads = self.threads.lock();
        let tracks = threads.tracks.values();
        let tracks = tracks.map(|it| {
            let may_go_on = Arc::strong_count(it) > 1;
            (Arc::clone(it), may_go_on)
        });
        Tracks { tracks: tracks.collect(), n_left_out: threads.n_left_out }
    }

    /// The track of the current thread. If there are too many, that of a thread that is gone makes room, the oldest first.
    pub(super) fn track(&self, ident: NonZeroU64) -> Option<Arc<Track>> {
        let mut threads = self.threads.lock();
        if let Some(track) = threads.tracks.get(&ident) {
            return Some(Arc::clone(track));
        }
        if threads.tracks.len() >= self.limits.threads {
            threads.n_left_out += 1;
            let gone = threads.tracks.iter().find(|(_, it)| Arc::strong_count(it) == 1);
            let gone = gone.map(|(ident, _)| *ident)?;
            threads.tracks.remove(&gone);
        }
        let track = Arc::new(Track::new(ident, self.epoch, self.limits.events_per_thread));
        threads.tracks.insert(ident, Arc::clone(&track));
        Some(track)
    }
}
