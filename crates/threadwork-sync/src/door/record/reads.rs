//! The read-write locks that a thread holds to read.
//!
//! A lock only counts its readers. A thread notes for itself what it reads, which costs next to nothing, and says so in its record when it blocks:
//! whoever does not block holds up nobody for ever.
//!
//! What it notes is made of the number of the lock, which no other lock gets. So a note that stays behind, because a guard was forgotten,
//! is never taken for a read of another lock, also where that is at the same address.

use std::{cell::Cell, num::NonZeroU32};

#[cfg(test)]
mod tests;

/// What a thread notes of a plain read under the lock with this number. It is not zero, and no other lock or mode has it.
#[inline]
pub(crate) const fn note_of_read(id: NonZeroU32) -> usize {
    (id.get() as usize) << 1
}

/// The same of an upgradable read.
#[inline]
pub(crate) const fn note_of_upgradable(id: NonZeroU32) -> usize {
    note_of_read(id) | 1
}

/// How many are noted. Who reads under more locks at once is not found as the reader of the last ones.
pub(crate) const ROOM: usize = 8;

/// In the order in which the thread began to read.
struct Reads {
    /// How many are noted.
    count: Cell<usize>,
    notes: [Cell<usize>; ROOM],
    /// How many there was no room for.
    others: Cell<usize>,
}

thread_local! {
    static MINE: Reads = const {
        Reads { count: Cell::new(0), notes: [const { Cell::new(0) }; ROOM], others: Cell::new(0) }
    };
}

/// The current thread has begun a read, and notes that.
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

/// The current thread is about to end a read that it began with this note.
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

/// What the current thread has noted; zero in the rest.
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
