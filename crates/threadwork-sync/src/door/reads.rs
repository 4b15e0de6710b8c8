//! The read-write locks that a thread holds for reading.
//!
//! A lock only counts its readers. Each thread notes for itself what it reads, which costs next to nothing. Other threads read the notes
//! while the thread is blocked: a thread that does not block holds up no other thread for ever.
//!
//! A note is made from the number of the lock, which no other lock gets. So a note that stays behind, because a guard was forgotten,
//! is never taken for a read of another lock, not even of one at the same address.
//!
//! Scenario "the lock that takes another's address" in docs/architecture.md.

use std::{
    cell::Cell,
    num::NonZeroU32,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

#[cfg(test)]
mod tests;

/// Returns the note for a plain read under the lock with this number. It is not zero, and no other lock or mode has the same note.
#[inline]
pub(crate) const fn note_of_read(id: NonZeroU32) -> usize {
    (id.get() as usize) << 1
}

/// Returns the note for an upgradable read.
#[inline]
pub(crate) const fn note_of_upgradable(id: NonZeroU32) -> usize {
    note_of_read(id) | 1
}

/// The maximum number of notes. A thread that reads under more locks at once is not found as a reader of the last ones.
pub(crate) const ROOM: usize = 8;

/// The notes of one thread, in the order in which it began to read. Only that thread changes them.
pub(super) struct Reads {
    /// The number of notes.
    count: AtomicUsize,
    notes: [AtomicUsize; ROOM],
    /// The number of reads for which there was no room.
    others: Cell<usize>,
}

thread_local! {
    static MINE: Reads = const {
        Reads {
            count: AtomicUsize::new(0),
            notes: [const { AtomicUsize::new(0) }; ROOM],
            others: Cell::new(0),
        }
    };
}

/// Notes that the current thread has begun a read.
#[inline]
pub(crate) fn reads_begin(note: usize) {
    MINE.with(|mine| {
        let count = mine.count();
        if let Some(room) = mine.notes.get(count) {
            room.store(note, Ordering::Relaxed);
            mine.count.store(count + 1, Ordering::Relaxed);
        } else {
            mine.others.set(mine.others.get() + 1);
        }
    });
}

/// Removes the note of a read that the current thread is about to end.
#[inline]
pub(crate) fn reads_end(note: usize) {
    MINE.with(|mine| {
        let last = mine.count().wrapping_sub(1);
        if mine.notes.get(last).is_some_and(|it| it.load(Ordering::Relaxed) == note) {
            mine.count.store(last, Ordering::Relaxed);
        } else {
            mine.end_out_of_order(note);
        }
    });
}

/// Returns `true` if the current thread has made any notes.
#[inline]
pub(super) fn are_any() -> bool {
    MINE.with(|mine| mine.count() > 0)
}

/// Returns how many read-write locks the current thread holds for reading, as far as it has notes.
#[must_use]
pub(crate) fn reads_here() -> usize {
    MINE.with(Reads::count)
}

/// Returns where the notes of the current thread are. They are there until the thread ends.
pub(super) fn mine() -> *const Reads {
    MINE.with(ptr::from_ref)
}

impl Reads {
    #[inline]
    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Returns the notes, followed by zeros.
    pub(super) fn notes(&self) -> [usize; ROOM] {
        let mut notes = [0; ROOM];
        let noted = self.notes[..self.count().min(ROOM)].iter();
        notes.iter_mut().zip(noted).for_each(|(to, from)| *to = from.load(Ordering::Relaxed));
        notes
    }

    #[cold]
    fn end_out_of_order(&self, note: usize) {
        let count = self.count();
        let noted = &self.notes[..count];
        let is_it = |it: &AtomicUsize| it.load(Ordering::Relaxed) == note;
        if let Some(found) = noted.iter().rposition(is_it) {
            for pair in noted[found..].windows(2) {
                pair[0].store(pair[1].load(Ordering::Relaxed), Ordering::Relaxed);
            }
            self.count.store(count - 1, Ordering::Relaxed);
        } else {
            self.others.set(self.others.get().saturating_sub(1));
        }
    }
}
