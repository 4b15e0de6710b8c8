//! One session of recording: the tracks of all threads.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc, time::Instant};

use threadwork_core::internal::process;

use super::track::Track;
use crate::mutex::Mutex;

#[cfg(test)]
mod tests;

/// How much a session keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) events_per_thread: usize,
    pub(crate) threads: usize,
}

/// Everything that is recorded between a start and a stop.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) number: u64,
    /// The process that it records: a fork starts another one.
    process: u32,
    /// The time of day at the beginning.
    pub(crate) began: String,
    /// The beginning on the clock of the waits.
    pub(crate) epoch: Instant,
    pub(crate) limits: Limits,
    threads: Mutex<Threads>,
}

#[derive(Debug, Default)]
struct Threads {
    tracks: BTreeMap<NonZeroU64, Arc<Track>>,
    n_left_out: usize,
}

/// The tracks of a session, as read once.
#[derive(Debug)]
pub(crate) struct Tracks {
    /// The tracks, and whether their threads may still add events.
    pub(crate) tracks: Vec<(Arc<Track>, bool)>,
    /// The number of threads of which nothing was kept.
    pub(crate) n_left_out: usize,
}

/// A thread that is alive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Living {
    pub(crate) ident: NonZeroU64,
    /// Its number in the operating system.
    pub(crate) native_id: u64,
    /// Whether it is one of the library's own.
    pub(crate) is_own: bool,
}

impl Session {
    pub(super) fn new(number: u64, began: String, limits: Limits) -> Session {
        let threads = Mutex::new(Threads::default());
        let process = process();
        Session { number, process, began, epoch: Instant::now(), limits, threads }
    }

    /// Whether it records this process, and not one that this process was forked from.
    pub(crate) fn is_here(&self) -> bool {
        self.process == process()
    }

    /// The threads that may still add events.
    pub(crate) fn living(&self) -> Vec<Living> {
        let threads = self.threads.lock();
        // No track is lent out, which would make its thread look alive to others.
        let living = threads.tracks.values().filter(|it| Arc::strong_count(it) > 1);
        let living = living.filter_map(|it| {
            Some(Living { ident: it.ident, native_id: it.native_id?, is_own: it.is_own })
        });
        living.collect()
    }

    pub(crate) fn tracks(&self) -> Tracks {
        if !self.is_here() {
            // Threads that do not exist in the child of a fork may have left their tracks locked forever.
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

    /// The track of the thread. If there are too many tracks, the oldest track of a thread that is gone makes room.
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
