//! The recorder of the process, which observes what threads do.

use std::{
    cell::{Cell, RefCell},
    mem,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use threadwork_core::internal::{LockPart, Part, look_after};
use threadwork_sync::{
    get_ident,
    internal::observe::{Observer, Waited, observe, stop_observing},
};

use super::event::{Event, Wait, Wake, What};
use crate::{lines::ctime, mutex::Mutex};

mod track;
mod session;

pub(super) use self::{
    session::{Limits, Living, Session, Tracks},
    track::{Kept, Open, Track, nanoseconds},
};

/// Lock order: `session`, then `threads` of the session, then the contents of a track. No user code runs and no other lock is taken under any of them.
static RECORDER: Recorder =
    Recorder { number: AtomicU64::new(0), last: AtomicU64::new(0), session: Mutex::new(None) };

thread_local! {
    /// The track for the events of the current thread.
    static MINE: RefCell<Mine> = const { RefCell::new(Mine { number: 0, ident: None, track: None }) };
    /// Whether the current thread is in no recording.
    static IS_LEFT_OUT: Cell<bool> = const { Cell::new(false) };
}

/// The track of the current thread in a session; without a track if the session has no room for it.
struct Mine {
    number: u64,
    /// The number of the current thread. It changes where an operating system thread is used again.
    ident: Option<NonZeroU64>,
    track: Option<Arc<Track>>,
}

/// Observes waits for the current session.
struct Recorder {
    /// The number of the current session, or zero. It is read for every event.
    number: AtomicU64,
    /// The number of the last session.
    last: AtomicU64,
    session: Mutex<Option<Arc<Session>>>,
}

/// Why no session can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    AlreadyOn,
    ObservedByOthers,
}

/// Starts a session. There is one at a time.
pub(super) fn start(limits: Limits) -> Result<Arc<Session>, Conflict> {
    look_after(Part::Recorder, &LOCKED);
    let began = ctime();
    let mut session = RECORDER.session.lock();
    if session.is_some() {
        return Err(Conflict::AlreadyOn);
    }
    let number = RECORDER.last.fetch_add(1, Ordering::Relaxed) + 1;
    let new = Arc::new(Session::new(number, began, limits));
    *session = Some(Arc::clone(&new));
    RECORDER.number.store(number, Ordering::Release);
    if !observe(&RECORDER) {
        RECORDER.number.store(0, Ordering::Release);
        *session = None;
        return Err(Conflict::ObservedByOthers);
    }
    Ok(new)
}

/// Ends the session, if it has not ended. Threads that are just recording an event still add it.
pub(super) fn stop(session: &Session) {
    let mut current = RECORDER.session.lock();
    if current.as_ref().is_some_and(|it| it.number == session.number) {
        stop_observing();
        RECORDER.number.store(0, Ordering::Release);
        *current = None;
    }
}

/// Keeps the session unchanged while the process forks. The child has no session.
static LOCKED: LockPart = || {
    let mut session = RECORDER.session.lock();
    Box::new(move || {
        stop_observing();
        RECORDER.number.store(0, Ordering::Release);
        // The tracks may be locked by threads that do not exist in the child.
        mem::forget(session.take());
    })
};

/// Whether a session is recording.
#[inline]
pub(super) fn is_on() -> bool {
    RECORDER.number.load(Ordering::Relaxed) != 0
}

/// Leaves the current thread out of all recordings, from now on.
pub(super) fn leave_out() {
    IS_LEFT_OUT.set(true);
}

/// Calls `f` with the track of the current thread, if a session is recording and has room for the thread.
pub(super) fn with_track(f: impl FnOnce(&Track)) {
    let number = RECORDER.number.load(Ordering::Acquire);
    if number == 0 {
        return;
    }
    let mut f = Some(f);
    let found = MINE.try_with(|mine| {
        let Ok(mut mine) = mine.try_borrow_mut() else { return };
        let ident = Some(get_ident());
        if mine.number != number || mine.ident != ident {
            *mine = Mine { number, ident, track: RECORDER.track() };
        }
        if let (Some(track), Some(f)) = (&mine.track, f.take()) {
            f(track);
        }
    });
    // `MINE` is gone already: the thread drops its last thread-local values.
    if found.is_err()
        && let (Some(f), Some(track)) = (f.take(), RECORDER.track())
    {
        f(&track);
    }
}

impl Recorder {
    #[cold]
    fn track(&self) -> Option<Arc<Track>> {
        if IS_LEFT_OUT.get() {
            return None;
        }
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
                any_of: wait.any_of,
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
