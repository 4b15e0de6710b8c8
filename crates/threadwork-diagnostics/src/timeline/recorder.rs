//! The one recorder of the process, to which threads tell what they do.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    mem,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use threadwork_core::internal::{LockPart, Part, look_after, process};
use threadwork_sync::{
    get_ident,
    internal::observe::{Observer, Waited, observe, stop_observing},
};

use crate::ctime::ctime;

use super::{
    mutex::Mutex,
    track::{Event, Track, Wait, Wake, What},
};

/// Lock order: `session`, then `threads` of the session, then what a track keeps. No user code and no other lock under any of them.
static RECORDER: Recorder =
    Recorder { number: AtomicU64::new(0), last: AtomicU64::new(0), session: Mutex::new(None) };

thread_local! {
    /// Where the current thread's events go.
    static MINE: RefCell<Mine> = const { RefCell::new(Mine { number: 0, track: None }) };
}

/// The track that the current thread has in a session, if that has room for it.
struct Mine {
    number: u64,
    track: Option<Arc<Track>>,
}

/// Tells the session that is on.
struct Recorder {
    /// The number of the session, or zero. Looked at for every event.
    number: AtomicU64,
    /// The number that was given last.
    last: AtomicU64,
    session: Mutex<Option<Arc<Session>>>,
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    AlreadyOn,
    ObservedByOthers,
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) events_per_thread: usize,
    pub(super) threads: usize,
}

/// Everything that is kept between the start and the stop.
#[derive(Debug)]
pub(super) struct Session {
    number: u64,
    /// Which process it records, of those that were forked from each other.
    process: u32,
    /// The time of day when it began, and the same on the clock of the waits.
    pub(super) began: String,
    pub(super) epoch: Instant,
    pub(super) limits: Limits,
    threads: Mutex<Threads>,
}

#[derive(Debug, Default)]
struct Threads {
    tracks: BTreeMap<NonZeroU64, Arc<Track>>,
    n_left_out: usize,
}

/// What a session has at some moment.
#[derive(Debug)]
pub(super) struct Tracks {
    /// The tracks, and whether their threads may add to them still.
    pub(super) tracks: Vec<(Arc<Track>, bool)>,
    /// Threads of which nothing is kept.
    pub(super) n_left_out: usize,
}

impl Session {
    fn new(number: u64, began: String, limits: Limits) -> Session {
        let threads = Mutex::new(Threads::default());
        let process = process();
        Session { number, process, began, epoch: Instant::now(), limits, threads }
    }

    /// Begins a session. There is one at a time.
    pub(super) fn start(limits: Limits) -> Result<Arc<Session>, Refused> {
        look_after(Part::Recorder, &LOCKED);
        let began = ctime();
        let mut session = RECORDER.session.lock();
        if session.is_some() {
            return Err(Refused::AlreadyOn);
        }
        let number = RECORDER.last.fetch_add(1, Ordering::Relaxed) + 1;
        let new = Arc::new(Session::new(number, began, limits));
        *session = Some(Arc::clone(&new));
        RECORDER.number.store(number, Ordering::Release);
        if !observe(&RECORDER) {
            RECORDER.number.store(0, Ordering::Release);
            *session = None;
            return Err(Refused::ObservedByOthers);
        }
        Ok(new)
    }

    /// Ends the session, if it has not ended. Threads that are just telling something still add it.
    pub(super) fn stop(&self) {
        let mut session = RECORDER.session.lock();
        if session.as_ref().is_some_and(|it| it.number == self.number) {
            stop_observing();
            RECORDER.number.store(0, Ordering::Release);
            *session = None;
        }
    }

    pub(super) fn tracks(&self) -> Tracks {
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
    fn track(&self, ident: NonZeroU64) -> Option<Arc<Track>> {
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

/// Keeps the session as it is while the process forks. In the child there is none.
static LOCKED: LockPart = || {
    let mut session = RECORDER.session.lock();
    Box::new(move || {
        stop_observing();
        RECORDER.number.store(0, Ordering::Release);
        // What the tracks keep is that of threads which are not there.
        mem::forget(session.take());
    })
};

/// Whether anything is recorded.
#[inline]
pub(super) fn is_on() -> bool {
    RECORDER.number.load(Ordering::Relaxed) != 0
}

/// Calls `f` with the track of the current thread, if the session that is on has one.
pub(super) fn with_track(f: impl FnOnce(&Track)) {
    let number = RECORDER.number.load(Ordering::Acquire);
    if number == 0 {
        return;
    }
    let mut f = Some(f);
    let found = MINE.try_with(|mine| {
        let Ok(mut mine) = mine.try_borrow_mut() else { return };
        if mine.number != number {
            *mine = Mine { number, track: RECORDER.track() };
        }
        if let (Some(track), Some(f)) = (&mine.track, f.take()) {
            f(track);
        }
    });
    // The thread drops its last thread-local values.
    if found.is_err()
        && let (Some(f), Some(track)) = (f.take(), RECORDER.track())
    {
        f(&track);
    }
}

impl Recorder {
    #[cold]
    fn track(&self) -> Option<Arc<Track>> {
        let session = self.session.lock().clone()?;
        session.track(get_ident())
    }
}

impl Observer for Recorder {
    fn waited(&self, wait: &Waited) {
        with_track(|track| {
            let what = What::Wait(Wait {
                kind: wait.subject.kind,
                name: wait.subject.name,
                address: wait.address,
                location: wait.subject.location,
                woken: wait.woken,
                thread: wait.subject.joined(),
            });
            let [since, until] = [wait.since, wait.until].map(|it| track.time(it));
            track.kept().push(Event { since, until, what });
        });
    }

    fn woke(&self, address: usize, count: usize, since: Instant) {
        with_track(|track| {
            let (since, until) = (track.time(since), track.now());
            track.kept().push(Event { since, until, what: What::Wake(Wake { address, count }) });
        });
    }
}

#[cfg(test)]
mod tests;
