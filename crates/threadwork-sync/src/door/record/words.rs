//! The words of a record, which other threads read while the owner may overwrite them.
#![expect(unsafe_code, reason = "a name and a location are rebuilt from words")]

use std::{
    num::NonZeroU32,
    panic::Location,
    ptr, slice, str,
    sync::{
        OnceLock,
        atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    door::{
        Holder, Key, Subject, WaitKind,
        record::reads::{self, ROOM},
    },
    floor::now,
};

/// The point in time from which times in the records are counted.
static EPOCH: OnceLock<Instant> = OnceLock::new();

/// Every kind, at the index of its number.
pub(crate) const KINDS: [WaitKind; 10] = [
    WaitKind::Lock,
    WaitKind::RLock,
    WaitKind::RwLock,
    WaitKind::Condition,
    WaitKind::Event,
    WaitKind::Semaphore,
    WaitKind::Barrier,
    WaitKind::Latch,
    WaitKind::Join,
    WaitKind::Sleep,
];

/// The value of `Words::holder` if the object's own word names the holder; no thread has this number.
const IN_WORD: usize = usize::MAX;

/// Its value if the holder is the thread that has the claim of a read-write lock.
const CLAIM: usize = IN_WORD - 1;

/// Its value if the holders are the readers of a read-write lock.
const READERS: usize = IN_WORD - 2;

/// The words of a record. While the key of `thing` is zero, the thread does not wait, and only `since` is meaningful: the end of its last
/// wait.
#[derive(Debug, Default)]
pub(crate) struct Words {
    thing: ThingWords,
    /// The lock whose queue the thread may be moved to; its key may be zero.
    next: ThingWords,
    /// Zero, the number of a thread, [`IN_WORD`], [`CLAIM`] or [`READERS`].
    holder: AtomicUsize,
    /// The number of the read-write lock, or zero.
    lock: AtomicUsize,
    location: AtomicPtr<Location<'static>>,
    since: SinceWords,
    /// The thread's notes about its reads under read-write locks, followed by zeros.
    reads: [AtomicUsize; ROOM],
}

/// A thing that threads wait for.
#[derive(Debug, Default)]
struct ThingWords {
    /// The key of its queue; zero if there is no such thing.
    key: AtomicUsize,
    kind: AtomicUsize,
    /// Both halves of a `&'static str`, or null.
    name: AtomicPtr<u8>,
    name_len: AtomicUsize,
}

/// A point in time.
#[derive(Debug, Default)]
struct SinceWords {
    secs: AtomicU32,
    nanos: AtomicU32,
}

/// A point in time outside of a record.
#[derive(Clone, Copy)]
pub(super) struct Since {
    secs: u32,
    nanos: u32,
}

/// The words as a reader saw them: possibly a mixture of two records.
pub(crate) struct Seen {
    thing: SeenThing,
    next: SeenThing,
    holder: usize,
    lock: usize,
    location: *const Location<'static>,
    pub(crate) since: Instant,
    pub(crate) reads: [usize; ROOM],
}

#[derive(Clone, Copy)]
struct SeenThing {
    key: usize,
    kind: usize,
    name: *const u8,
    name_len: usize,
}

/// A thing that threads wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thing {
    pub(crate) key: Key,
    pub(crate) kind: WaitKind,
    pub(crate) name: Option<&'static str>,
}

/// Where a reader finds the holder, according to a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HeldBy {
    /// The thread with this number; zero if there is no holder.
    Thread(usize),
    InWord,
    /// The thread that has the claim of the read-write lock with this number.
    Claim(Option<NonZeroU32>),
    /// The readers of the read-write lock with this number.
    Readers(Option<NonZeroU32>),
}

/// Returns the point in time from which all others are counted; the first call sets it.
///
/// A forking thread calls this before the fork: if another thread's first call were interrupted by the fork, the child could never read the
/// clock.
pub(crate) fn begin_epoch() -> Instant {
    *EPOCH.get_or_init(now)
}

impl Words {
    pub(super) fn store(&self, key: Key, subject: &Subject, since: Since) {
        let next = match subject.holder {
            Holder::NobodyBefore(next) => Some(next),
            _ => None,
        };
        let (holder, lock) = match subject.holder {
            Holder::Nobody | Holder::NobodyBefore(_) => (0, None),
            Holder::Thread(ident) => (usize::try_from(ident.get()).unwrap_or(0), None),
            Holder::InWord => (IN_WORD, None),
            Holder::Claim(id) => (CLAIM, id),
            Holder::Readers(id) => (READERS, id),
        };
        let next = next.map(|it| Thing { key: it.key, kind: it.kind, name: it.name });
        self.thing.store(Some(Thing { key, kind: subject.kind, name: subject.name }));
        self.next.store(next);
        self.holder.store(holder, Ordering::Relaxed);
        self.lock.store(lock.map_or(0, |id| id.get() as usize), Ordering::Relaxed);
        self.location.store(ptr::from_ref(subject.location).cast_mut(), Ordering::Relaxed);
        self.since.store(since);
        for (to, from) in self.reads.iter().zip(reads::notes()) {
            to.store(from, Ordering::Relaxed);
        }
    }

    /// Stores that the thread no longer waits.
    pub(super) fn clear(&self, since: Since) {
        self.since.store(since);
        self.thing.key.store(0, Ordering::Relaxed);
    }

    /// Returns when the last wait ended, if the thread does not wait.
    pub(super) fn end(&self) -> Option<Instant> {
        let end = self.since.load();
        (self.thing.key.load(Ordering::Relaxed) == 0).then_some(end)
    }

    pub(super) fn load(&self) -> Seen {
        Seen {
            thing: self.thing.load(),
            next: self.next.load(),
            holder: self.holder.load(Ordering::Relaxed),
            lock: self.lock.load(Ordering::Relaxed),
            location: self.location.load(Ordering::Relaxed),
            since: self.since.load(),
            reads: self.reads.each_ref().map(|it| it.load(Ordering::Relaxed)),
        }
    }
}

impl ThingWords {
    fn store(&self, thing: Option<Thing>) {
        let name = thing.and_then(|it| it.name);
        let (start, len) = name.map_or((ptr::null(), 0), |name| (name.as_ptr(), name.len()));
        self.kind.store(thing.map_or(0, |it| it.kind as usize), Ordering::Relaxed);
        self.name.store(start.cast_mut(), Ordering::Relaxed);
        self.name_len.store(len, Ordering::Relaxed);
        self.key.store(thing.map_or(0, |it| it.key.number()), Ordering::Relaxed);
    }

    fn load(&self) -> SeenThing {
        SeenThing {
            key: self.key.load(Ordering::Relaxed),
            kind: self.kind.load(Ordering::Relaxed),
            name: self.name.load(Ordering::Relaxed),
            name_len: self.name_len.load(Ordering::Relaxed),
        }
    }
}

impl Since {
    pub(super) fn now() -> Since {
        let since = now().saturating_duration_since(begin_epoch());
        let secs = u32::try_from(since.as_secs()).unwrap_or(u32::MAX);
        Since { secs, nanos: since.subsec_nanos() }
    }
}

impl SinceWords {
    fn store(&self, since: Since) {
        self.secs.store(since.secs, Ordering::Relaxed);
        self.nanos.store(since.nanos, Ordering::Relaxed);
    }

    fn load(&self) -> Instant {
        let secs = self.secs.load(Ordering::Relaxed);
        let since = Duration::new(secs.into(), self.nanos.load(Ordering::Relaxed));
        EPOCH.get().map_or_else(now, |epoch| *epoch + since)
    }
}

impl Seen {
    /// Returns the queue that the thread waits in, or the key of what it waits for outside of queues; `None` if it does not wait.
    pub(crate) fn key(&self) -> Option<Key> {
        self.thing.key()
    }

    /// Returns the queue that the thread may be moved to.
    pub(crate) fn next_key(&self) -> Option<Key> {
        self.next.key()
    }

    pub(crate) fn held_by(&self) -> HeldBy {
        let lock = NonZeroU32::new(self.lock as u32);
        match self.holder {
            IN_WORD => HeldBy::InWord,
            CLAIM => HeldBy::Claim(lock),
            READERS => HeldBy::Readers(lock),
            number => HeldBy::Thread(number),
        }
    }

    /// Returns what the thread waits for, and the lock to whose queue it may be moved.
    ///
    /// # Safety
    ///
    /// The words are those of one record.
    pub(super) unsafe fn things(&self) -> Option<(Thing, Option<Thing>)> {
        // SAFETY: the caller's promise.
        let thing = unsafe { self.thing.thing() }?;
        // SAFETY: as above.
        Some((thing, unsafe { self.next.thing() }))
    }

    /// Returns the line that called the blocking method.
    ///
    /// # Safety
    ///
    /// The words are those of one record, and its thread waits.
    pub(super) unsafe fn location(&self) -> &'static Location<'static> {
        // SAFETY: by the caller's promise the record has been written, always with a `&'static Location`.
        unsafe { &*self.location }
    }
}

impl SeenThing {
    fn key(self) -> Option<Key> {
        (self.key != 0).then(|| Key::from_number(self.key))
    }

    /// # Safety
    ///
    /// The words are those of one thing.
    unsafe fn thing(self) -> Option<Thing> {
        let key = self.key()?;
        let name = (!self.name.is_null()).then(|| {
            // SAFETY: pointer and length come from one `&'static str`, by the caller's promise.
            let bytes: &'static [u8] = unsafe { slice::from_raw_parts(self.name, self.name_len) };
            // SAFETY: as above; they are the bytes of a `str`.
            unsafe { str::from_utf8_unchecked(bytes) }
        });
        Some(Thing { key, kind: KINDS[self.kind], name })
    }
}
