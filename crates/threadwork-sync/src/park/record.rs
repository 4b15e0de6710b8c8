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
    num::NonZeroU64,
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
        Filter, Key, Token,
        twin::{Mutex, Word, now, unpark_filter},
    },
    waiting::{Holder, Subject, WaitKind, Waiting},
};

#[cfg(test)]
mod tests;

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

/// One record. All fields but `sequence` are meaningless while `sequence` is odd, and all is void while `address` is zero.
#[derive(Debug, Default)]
struct Slot {
    /// Odd while the owner writes; otherwise twice the number of writes so far.
    sequence: AtomicUsize,
    /// The key of the queue; zero if the thread does not wait.
    address: AtomicUsize,
    kind: AtomicUsize,
    /// Zero, the number of a thread, or [`IN_WORD`].
    holder: AtomicUsize,
    /// Both halves of a `&'static str`, or null.
    name: AtomicPtr<u8>,
    name_len: AtomicUsize,
    location: AtomicPtr<Location<'static>>,
    since_secs: AtomicU32,
    since_nanos: AtomicU32,
}

/// Puts the current thread's slot into [`SLOTS`] for as long as the thread lives.
#[derive(Debug)]
struct Entry {
    ident: NonZeroU64,
    slot: Arc<Slot>,
}

impl Entry {
    fn new() -> Entry {
        let entry = Entry { ident: get_ident(), slot: Arc::default() };
        SLOTS.lock().insert(entry.ident, Arc::clone(&entry.slot));
        entry
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        SLOTS.lock().remove(&self.ident);
    }
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
    let slots: Vec<_> =
        SLOTS.lock().iter().map(|(ident, slot)| (*ident, Arc::clone(slot))).collect();
    slots.iter().filter_map(|(ident, slot)| slot.read(*ident)).collect()
}

impl Slot {
    fn write(&self, address: usize, subject: &Subject) {
        let epoch = *EPOCH.get_or_init(now);
        let since = now().saturating_duration_since(epoch);
        let (name, name_len) = match subject.name {
            Some(name) => (name.as_ptr().cast_mut(), name.len()),
            None => (ptr::null_mut(), 0),
        };
        let holder = match subject.holder {
            Holder::Nobody => 0,
            Holder::Thread(ident) => usize::try_from(ident.get()).unwrap_or(0),
            Holder::InWord => IN_WORD,
        };
        self.overwrite(|| {
            self.kind.store(subject.kind as usize, Ordering::Relaxed);
            self.holder.store(holder, Ordering::Relaxed);
            self.name.store(name, Ordering::Relaxed);
            self.name_len.store(name_len, Ordering::Relaxed);
            self.location.store(ptr::from_ref(subject.location).cast_mut(), Ordering::Relaxed);
            self.since_secs
                .store(u32::try_from(since.as_secs()).unwrap_or(u32::MAX), Ordering::Relaxed);
            self.since_nanos.store(since.subsec_nanos(), Ordering::Relaxed);
            self.address.store(address, Ordering::Relaxed);
        });
    }

    fn erase(&self) {
        self.overwrite(|| self.address.store(0, Ordering::Relaxed));
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
    fn read(&self, ident: NonZeroU64) -> Option<Waiting> {
        (0..100).find_map(|_| self.try_read(ident))?
    }

    /// `None` if the owner wrote meanwhile, `Some(None)` if it does not wait.
    fn try_read(&self, ident: NonZeroU64) -> Option<Option<Waiting>> {
        let sequence = self.sequence.load(Ordering::Acquire);
        let address = self.address.load(Ordering::Relaxed);
        let kind = self.kind.load(Ordering::Relaxed);
        let mut holder = self.holder.load(Ordering::Relaxed);
        let name = self.name.load(Ordering::Relaxed);
        let name_len = self.name_len.load(Ordering::Relaxed);
        let location = self.location.load(Ordering::Relaxed);
        let since_secs = self.since_secs.load(Ordering::Relaxed);
        let since_nanos = self.since_nanos.load(Ordering::Relaxed);
        if holder == IN_WORD {
            let thread = usize::try_from(ident.get()).unwrap_or(0) << FLAG_BITS;
            holder = word_of_queue(Key::from_number(address), thread).unwrap_or(0) >> FLAG_BITS;
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
        let since = Duration::new(since_secs.into(), since_nanos);
        Some(Some(Waiting {
            ident,
            kind: KINDS[kind],
            name,
            address: Key::from_number(address).address(),
            location,
            since: EPOCH.get().map_or_else(now, |epoch| *epoch + since),
            holder: ident::from_word(holder << FLAG_BITS),
        }))
    }
}

/// The word at the key's address, if `thread` stands in that queue.
fn word_of_queue(key: Key, thread: usize) -> Option<usize> {
    let mut word = None;
    unpark_filter(
        key,
        |it| {
            if it.thread != thread {
                return Filter::Skip;
            }
            let address = ptr::with_exposed_provenance::<Word>(key.address());
            // SAFETY: a thread stands in the queue of this address, and cannot leave while the queue is locked;
            // it waits for an object whose word is there, and which it keeps alive until it has left.
            let there = unsafe { &*address };
            word = Some(there.load(Ordering::Relaxed));
            Filter::Stop
        },
        |_| Token::RETRY,
    );
    word
}
