//! The record that a blocked thread leaves: what it waits for.
//!
//! Each thread that has ever blocked owns a [`Slot`] and is the only one to write it.
//! A slot is a sequence lock: the writer makes the sequence odd, stores the fields, makes it even again, and never waits;
//! a reader that has seen the sequence move throws away what it read.
//! (Hans-J. Boehm, "Can seqlocks get along with programming language memory models?", 2012, says where the fences go.)
#![expect(
    unsafe_code,
    reason = "a record is read by other threads while its owner may overwrite it"
)]

use std::{
    cell::OnceCell,
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroU64},
    panic::Location,
    ptr, slice, str,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence},
    },
    time::{Duration, Instant},
};

use crate::{
    ident::{self, FLAG_BITS, get_ident},
    park::{
        Key,
        at_work::AtWork,
        reads,
        twin::{Mutex, now},
    },
    raw_rwlock::{Claim, Mode},
    waiting::{Holder, Subject, WaitKind, Waiting},
};

mod left_behind;
mod queues;
mod readers;
mod whose;

#[cfg(test)]
mod tests;

pub use left_behind::{leave_queues, records_locked};
use queues::Queues;
use whose::Whose;
pub use whose::be_helper;

/// The slots of all threads that have blocked and have not ended.
static SLOTS: Mutex<BTreeMap<NonZeroU64, Arc<Slot>>> = Mutex::new(BTreeMap::new());

/// What the points in time in the slots are counted from.
static EPOCH: OnceLock<Instant> = OnceLock::new();

thread_local! {
    static MINE: OnceCell<Entry> = const { OnceCell::new() };
}

/// Every kind at the place of its number.
const KINDS: [WaitKind; 10] = [
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

/// What `Slot::holder` says when the object's own word names the holder; no thread has this number.
const IN_WORD: usize = usize::MAX;

/// What it says when that is who has the claim of a read-write lock.
const CLAIM: usize = IN_WORD - 1;

/// What it says when those are the readers of a read-write lock.
const READERS: usize = IN_WORD - 2;

/// One record. All fields but `sequence` and `thread` are meaningless while `sequence` is odd.
/// While `address` is zero the thread does not wait, and only the time means something: since then.
#[derive(Debug, Default)]
struct Slot {
    thread: Whose,
    /// Odd while the owner writes; otherwise twice the number of writes so far.
    sequence: AtomicUsize,
    /// The key of the queue; zero if the thread does not wait.
    address: AtomicUsize,
    kind: AtomicUsize,
    /// Zero, the number of a thread, [`IN_WORD`], [`CLAIM`] or [`READERS`].
    holder: AtomicUsize,
    /// The number of the read-write lock, or zero.
    lock: AtomicUsize,
    /// Both halves of a `&'static str`, or null.
    name: AtomicPtr<u8>,
    name_len: AtomicUsize,
    /// The key of the queue that the thread may be moved to, or zero, and what it waits for there.
    next_address: AtomicUsize,
    next_kind: AtomicUsize,
    next_name: AtomicPtr<u8>,
    next_name_len: AtomicUsize,
    location: AtomicPtr<Location<'static>>,
    since_secs: AtomicU32,
    since_nanos: AtomicU32,
    /// The keys of the queue that the thread stands in or is about to, and of the one that it may be moved to, or zero. Written before
    /// it stands there, so that in the child of a fork they are found also where it had not got around to the rest; no part of the record.
    listed: [AtomicUsize; 2],
    /// What the thread has noted of its reads under read-write locks, and zero in the rest.
    reads: [AtomicUsize; reads::ROOM],
}

/// What a slot says, and what only the other slots can say of it.
struct Record {
    waiting: Waiting,
    /// What its thread has noted of its reads.
    reads: [usize; reads::ROOM],
    /// What those have noted that it waits for.
    waits_for: Option<Reads>,
}

#[derive(Clone, Copy, Debug)]
enum Reads {
    /// The one that has the claim, which is the holder.
    Claim(usize),
    /// All others.
    All(usize),
}

/// Puts the current thread's slot into [`SLOTS`] for as long as the thread lives.
#[derive(Debug)]
struct Entry {
    ident: NonZeroU64,
    slot: Arc<Slot>,
}

impl Entry {
    fn new() -> Entry {
        let slot = Arc::new(Slot { thread: Whose::mine(), ..Slot::default() });
        let entry = Entry { ident: get_ident(), slot };
        SLOTS.lock().insert(entry.ident, Arc::clone(&entry.slot));
        entry
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let _at_work = AtWork::begin();
        SLOTS.lock().remove(&self.ident);
    }
}

/// Says in which queues the current thread will stand; false if the thread is too far gone. Allocates what the thread's records need,
/// which is too late once it stands there.
pub(super) fn list(key: Key, subject: &Subject) -> bool {
    MINE.try_with(|mine| mine.get_or_init(Entry::new).slot.list(key, subject)).is_ok()
}

/// Says that the current thread stands in no queue.
pub(super) fn unlist() {
    // A thread that was listed has its slot until it ends.
    let _ = MINE
        .try_with(|mine| mine.get().map(|entry| entry.slot.listed[0].store(0, Ordering::Relaxed)));
}

/// Says what the current thread is about to wait for; false if the thread is too far gone to leave a record.
pub(super) fn write(key: Key, subject: &Subject) -> bool {
    MINE.try_with(|mine| mine.get_or_init(Entry::new).slot.write(key.number(), subject)).is_ok()
}

/// Says that the current thread waits no longer.
pub(super) fn erase() {
    // A thread that wrote its record has its slot until it ends.
    let _ = MINE.try_with(|mine| mine.get().map(|entry| entry.slot.erase()));
}

/// Who waits for what right now, in order of the threads' numbers. Blocks no thread.
pub(crate) fn waits() -> Vec<Waiting> {
    let at_work = AtWork::begin();
    let slots: Vec<_> =
        SLOTS.lock().iter().map(|(ident, slot)| (*ident, Arc::clone(slot))).collect();
    drop(at_work);
    let mut queues = Queues::default();
    let records: Vec<_> =
        slots.iter().filter_map(|(ident, slot)| slot.read(*ident, &mut queues)).collect();
    readers::complete(records)
}

/// Since when those threads go on that do not wait and have waited before, in order of their numbers.
pub fn ends_of_waits() -> Vec<(NonZeroU64, Instant)> {
    let _at_work = AtWork::begin();
    let slots = SLOTS.lock();
    slots.iter().filter_map(|(ident, slot)| Some((*ident, slot.end()?))).collect()
}

impl Slot {
    fn list(&self, key: Key, subject: &Subject) {
        let next = match subject.holder {
            Holder::NobodyBefore(next) => next.key.number(),
            _ => 0,
        };
        self.listed[1].store(next, Ordering::Relaxed);
        self.listed[0].store(key.number(), Ordering::Relaxed);
    }

    fn write(&self, address: usize, subject: &Subject) {
        let (secs, nanos) = since_epoch();
        let (name, name_len) = parts(subject.name);
        let next = match subject.holder {
            Holder::NobodyBefore(next) => Some(next),
            _ => None,
        };
        let (next_name, next_name_len) = parts(next.and_then(|it| it.name));
        let holder = match subject.holder {
            Holder::Nobody | Holder::NobodyBefore(_) => 0,
            Holder::Thread(ident) => usize::try_from(ident.get()).unwrap_or(0),
            Holder::InWord => IN_WORD,
            Holder::Claim(_) => CLAIM,
            Holder::Readers(_) => READERS,
        };
        let lock = match subject.holder {
            Holder::Claim(id) | Holder::Readers(id) => id.map_or(0, |id| id.get() as usize),
            _ => 0,
        };
        self.overwrite(|| {
            self.kind.store(subject.kind as usize, Ordering::Relaxed);
            self.holder.store(holder, Ordering::Relaxed);
            self.lock.store(lock, Ordering::Relaxed);
            self.name.store(name, Ordering::Relaxed);
            self.name_len.store(name_len, Ordering::Relaxed);
            self.next_address.store(next.map_or(0, |it| it.key.number()), Ordering::Relaxed);
            self.next_kind.store(next.map_or(0, |it| it.kind as usize), Ordering::Relaxed);
            self.next_name.store(next_name, Ordering::Relaxed);
            self.next_name_len.store(next_name_len, Ordering::Relaxed);
            self.location.store(ptr::from_ref(subject.location).cast_mut(), Ordering::Relaxed);
            self.since_secs.store(secs, Ordering::Relaxed);
            self.since_nanos.store(nanos, Ordering::Relaxed);
            for (to, from) in self.reads.iter().zip(reads::notes()) {
                to.store(from, Ordering::Relaxed);
            }
            self.address.store(address, Ordering::Relaxed);
        });
    }

    fn erase(&self) {
        let (secs, nanos) = since_epoch();
        self.overwrite(|| {
            self.since_secs.store(secs, Ordering::Relaxed);
            self.since_nanos.store(nanos, Ordering::Relaxed);
            self.address.store(0, Ordering::Relaxed);
        });
    }

    /// When the last wait ended, if it did.
    fn end(&self) -> Option<Instant> {
        (0..100).find_map(|_| self.try_end())?
    }

    /// `None` if the owner wrote meanwhile, `Some(None)` if it waits, or never has.
    fn try_end(&self) -> Option<Option<Instant>> {
        let sequence = self.sequence.load(Ordering::Acquire);
        let address = self.address.load(Ordering::Relaxed);
        let end = self.since();
        fence(Ordering::Acquire);
        if sequence % 2 == 1 || self.sequence.load(Ordering::Relaxed) != sequence {
            return None;
        }
        Some((sequence != 0 && address == 0).then_some(end))
    }

    fn since(&self) -> Instant {
        let secs = self.since_secs.load(Ordering::Relaxed);
        let since = Duration::new(secs.into(), self.since_nanos.load(Ordering::Relaxed));
        EPOCH.get().map_or_else(now, |epoch| *epoch + since)
    }

    /// Only the owner writes, so a plain load and store advance the sequence.
    fn overwrite(&self, store_fields: impl FnOnce()) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        store_fields();
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// The record of thread `ident`, or `None` if it does not wait.
    ///
    /// A thread that goes on from wait to wait faster than it can be read is not waiting in any useful sense:
    /// after a few tries the answer is `None`.
    fn read(&self, ident: NonZeroU64, queues: &mut Queues) -> Option<Record> {
        (0..100).find_map(|_| self.try_read(ident, queues))?
    }

    /// `None` if the owner wrote meanwhile, `Some(None)` if it does not wait.
    fn try_read(&self, ident: NonZeroU64, queues: &mut Queues) -> Option<Option<Record>> {
        let sequence = self.sequence.load(Ordering::Acquire);
        let mut address = self.address.load(Ordering::Relaxed);
        let mut kind = self.kind.load(Ordering::Relaxed);
        let mut holder = self.holder.load(Ordering::Relaxed);
        let lock = NonZeroU32::new(self.lock.load(Ordering::Relaxed) as u32);
        let mut name = self.name.load(Ordering::Relaxed);
        let mut name_len = self.name_len.load(Ordering::Relaxed);
        let next_address = self.next_address.load(Ordering::Relaxed);
        let next_kind = self.next_kind.load(Ordering::Relaxed);
        let next_name = self.next_name.load(Ordering::Relaxed);
        let next_name_len = self.next_name_len.load(Ordering::Relaxed);
        let location = self.location.load(Ordering::Relaxed);
        let since = self.since();
        let thread = word_of(ident);
        let reads = self.reads.each_ref().map(|it| it.load(Ordering::Relaxed));
        let mut waits_for = None;
        if address == 0 {
            // It does not wait, unless the sequence has moved.
        } else if holder == IN_WORD {
            let word = queues.word(Key::from_number(address), thread, since);
            holder = word.unwrap_or(0) >> FLAG_BITS;
        } else if holder == CLAIM || holder == READERS {
            // Where the wait is over, by a timeout or a stop, and the record not erased yet, nobody holds it up.
            if let Some(queue) = queues.queue(Key::from_number(address), thread, since) {
                let word = match (holder, Claim::of(queue.word)) {
                    (READERS, _) => {
                        waits_for = lock.map(|id| Reads::All(Mode::Read.note(id)));
                        0
                    }
                    (_, Claim::Writer(word)) => word,
                    (_, Claim::Draining) => queue.drains,
                    (_, Claim::Upgradable) => {
                        waits_for = lock.map(|id| Reads::Claim(Mode::Upgradable.note(id)));
                        0
                    }
                    (_, Claim::Nobody) => 0,
                };
                holder = word >> FLAG_BITS;
            } else {
                holder = 0;
            }
        } else if holder != 0 && Key::from_number(address).is_of_queue() {
            // The wait may be over, by a timeout or a stop, and its record not erased yet.
            if queues.word(Key::from_number(address), thread, since).is_none() {
                holder = 0;
            }
        } else if next_address != 0
            && let Some(word) = queues.word(Key::from_number(next_address), thread, since)
        {
            (address, kind, holder) = (next_address, next_kind, word >> FLAG_BITS);
            (name, name_len) = (next_name, next_name_len);
        }
        fence(Ordering::Acquire);
        if sequence % 2 == 1 || self.sequence.load(Ordering::Relaxed) != sequence {
            return None;
        }
        if address == 0 {
            return Some(None);
        }
        let name = (!name.is_null()).then(|| {
            // SAFETY: the sequence has not moved, so pointer and length come from one `&'static str`.
            let bytes: &'static [u8] = unsafe { slice::from_raw_parts(name, name_len) };
            // SAFETY: as above, they are the bytes of a `str`.
            unsafe { str::from_utf8_unchecked(bytes) }
        });
        // SAFETY: the slot holds an address, so it has been written, and always with a `&'static Location`.
        let location: &'static Location<'static> = unsafe { &*location };
        let waiting = Waiting {
            ident,
            native_id: self.thread.native_id(),
            helper: self.thread.helper,
            kind: KINDS[kind],
            name,
            address: Key::from_number(address).address(),
            location,
            since,
            holder: ident::from_word(holder << FLAG_BITS),
            readers: Vec::new(),
        };
        Some(Some(Record { waiting, reads, waits_for }))
    }
}

/// The word that the thread is known by in a queue.
fn word_of(ident: NonZeroU64) -> usize {
    usize::try_from(ident.get()).unwrap_or(0) << FLAG_BITS
}

/// Now, as it is kept.
fn since_epoch() -> (u32, u32) {
    let epoch = *EPOCH.get_or_init(now);
    let since = now().saturating_duration_since(epoch);
    (u32::try_from(since.as_secs()).unwrap_or(u32::MAX), since.subsec_nanos())
}

/// What a name is kept as.
fn parts(name: Option<&'static str>) -> (*mut u8, usize) {
    name.map_or((ptr::null_mut(), 0), |name| (name.as_ptr().cast_mut(), name.len()))
}
