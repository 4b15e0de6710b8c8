//! The read-write locks that a thread holds for reading.
//!
//! A lock only counts its readers. Each thread notes for itself what it reads, which costs next to nothing, and copies its notes into its
//! record when it blocks: a thread that does not block holds up no other thread for ever.
//!
//! A note is made from the number of the lock, which no other lock gets. So a note that stays behind, because a guard was forgotten,
//! is never taken for a read of another lock, not even of one at the same address.
//!
//! Scenario "the lock that takes another's address" in docs/architecture.md.

use std::{cell::Cell, num::NonZeroU32};

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

/// The notes of one thread, in the order in which it began to read.
struct Reads {
    /// The number of notes.
    count: Cell<usize>,
    notes: [Cell<usize>; ROOM],
    /// The number of reads for which there was no room.
    others: Cell<usize>,
}

thread_local! {
    static MINE: Reads = const {
        Reads { count: Cell::new(0), notes: [const { Cell::new(0) }; ROOM], others: Cell::new(0) }
    };
}

/// Notes that the current thread has begun a read.
#[inline]
pub(crate) fn reads_begin(note: usize) {
    MINE.with(|mine| {
        let count = mine.count.get();
        if let Some(room) = mine.notes.get(count) {
            room.set(note);
            mine.count.set(count + 1);
        } else {
            mine.others.set(mine.others.get() + 1);
        }
    });
}

/// Removes the note of a read that the current thread is about to end.
#[inline]
pub(crate) fn reads_end(note: usize) {
    MINE.with(|mine| {
        let last = mine.count.get().wrapping_sub(1);
        if mine.notes.get(last).is_some_and(|it| it.get() == note) {
            mine.count.set(last);
        } else {
            mine.end_out_of_order(note);
        }
    });
}

/// Returns the notes of the current thread, followed by zeros.
pub(super) fn notes() -> [usize; ROOM] {
    MINE.with(|mine| {
        let mut notes = [0; ROOM];
        notes.iter_mut().zip(mine.noted()).for_each(|(to, from)| *to = from.get());
        notes
    })
}

impl Reads {
    fn noted(&self) -> &[Cell<usize>] {
        &self.notes[..self.count.get()]
    }

    #[cold]
    fn end_out_of_order(&self, note: usize) {
        let noted = self.noted();
        if let Some(found) = noted.iter().rposition(|it| it.get() == note) {
            noted[found..].windows(2).for_each(|pair| pair[0].swap(&pair[1]));
            self.count.set(noted.len() - 1);
        } else {
            self.others.set(self.others.get().saturating_sub(1));
        }
    }
}
