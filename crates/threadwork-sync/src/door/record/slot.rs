//! The slot in which a thread keeps its record.
//!
//! Each thread that has ever blocked owns a [`Slot`] and is the only one that writes it.
//! A slot is a sequence lock: the writer makes the sequence odd, stores the fields, makes it even again, and never waits.
//! A reader that sees the sequence change discards what it read.
//! (Hans-J. Boehm, "Can seqlocks get along with programming language memory models?", 2012, says where the fences go.)
//!
//! Scenario "the record that is read while it is written" in docs/architecture.md.
#![expect(
    unsafe_code,
    reason = "a record is read by other threads while its owner may overwrite it"
)]

use std::{
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering, fence},
    time::Instant,
};

use crate::door::{
    Holder, Key, Subject,
    record::{
        reads::ROOM,
        whose::Whose,
        words::{Seen, Since, Thing, Words},
    },
};

/// The record of one thread.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) thread: Whose,
    /// Odd while the owner writes the words, which are meaningless then; otherwise twice the number of writes so far.
    pub(crate) sequence: AtomicUsize,
    words: Words,
    /// The keys of the queue that the thread is in or about to enter, and of the queue that it may be moved to, or zero. They are not part
    /// of the record: they are written before the thread enters the queue, so the child of a fork finds them even if the record is not
    /// written yet.
    ///
    /// Scenario "the waiters that are not there" in docs/architecture.md.
    listed: [AtomicUsize; 2],
}

/// A consistent copy of a record.
pub(crate) struct Record {
    /// What the thread waits for.
    pub(crate) thing: Thing,
    /// The lock whose queue the thread may be moved to.
    pub(crate) next: Option<Thing>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) since: Instant,
    /// The thread's notes about its reads, followed by zeros.
    pub(crate) reads: [usize; ROOM],
}

impl Slot {
    /// Creates the slot of the current thread.
    pub(super) fn mine() -> Slot {
        Slot { thread: Whose::mine(), ..Slot::default() }
    }

    pub(super) fn list(&self, key: Key, subject: &Subject) {
        let next = match subject.holder {
            Holder::NobodyBefore(next) => next.key.number(),
            _ => 0,
        };
        self.listed[1].store(next, Ordering::Relaxed);
        self.listed[0].store(key.number(), Ordering::Relaxed);
    }

    pub(super) fn unlist(&self) {
        self.listed[0].store(0, Ordering::Relaxed);
    }

    /// Returns the queues in one of which the thread may stand.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Key> {
        let keys = self.listed.each_ref().map(|it| it.load(Ordering::Relaxed));
        keys.into_iter().filter(|it| *it != 0).map(Key::from_number)
    }

    pub(crate) fn write(&self, key: Key, subject: &Subject) {
        let since = Since::now();
        self.overwrite(|words| words.store(key, subject, since));
    }

    pub(crate) fn erase(&self) {
        let since = Since::now();
        self.overwrite(|words| words.clear(since));
    }

    /// Runs `store` as one write. Only the owner writes, so a plain load and store advance the sequence.
    pub(crate) fn overwrite(&self, store: impl FnOnce(&Words)) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        store(&self.words);
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// Returns twice the number of writes so far, and the result of `look` on the words; `None` if the owner wrote meanwhile.
    fn look<T>(&self, look: impl FnOnce(&Words) -> T) -> Option<(usize, T)> {
        let sequence = self.sequence.load(Ordering::Acquire);
        let seen = look(&self.words);
        fence(Ordering::Acquire);
        let is_whole =
            sequence.is_multiple_of(2) && self.sequence.load(Ordering::Relaxed) == sequence;
        is_whole.then_some((sequence, seen))
    }

    /// Returns when the last wait ended, if the thread has waited and does not wait now.
    pub(super) fn end(&self) -> Option<Instant> {
        let (sequence, end) = (0..100).find_map(|_| self.look(Words::end))?;
        end.filter(|_| sequence != 0)
    }

    /// Returns the record, and the result of `look`, which runs before it is certain that the owner has not overwritten the record.
    ///
    /// Returns `None` if the owner wrote meanwhile, and `Some(None)` if the thread does not wait.
    pub(crate) fn try_read<T>(&self, look: impl FnOnce(&Seen) -> T) -> Option<Option<(Record, T)>> {
        let (_, (seen, looked)) = self.look(|words| {
            let seen = words.load();
            let looked = look(&seen);
            (seen, looked)
        })?;
        // SAFETY: the sequence has not changed, so the words are those of one write.
        let Some((thing, next)) = (unsafe { seen.things() }) else { return Some(None) };
        // SAFETY: as above, and the thread waits.
        let location = unsafe { seen.location() };
        let record = Record { thing, next, location, since: seen.since, reads: seen.reads };
        Some(Some((record, looked)))
    }
}
