//! The word of a read-write lock.

use std::num::NonZeroU32;

use crate::{
    door::{self, Claim, Ticket},
    number,
};

/// How a lock is held. The number is the amount on the ticket of a thread that waits for this mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    /// A read that can be upgraded to a write; one thread at a time.
    Upgradable,
    Write,
}

/// The thread that gives up the claim must wake the queue: a thread is in it, is about to enter it, or has left it.
pub(super) const PARKED: usize = 1;
/// The thread with the claim writes.
pub(super) const WRITER: usize = Claim::WRITER;
/// The thread with the claim has an upgradable read.
pub(super) const UPGRADABLE: usize = Claim::UPGRADABLE;
/// The thread with the claim waits, in the queue too, until the readers are gone. New readers are kept out.
pub(super) const DRAINING: usize = Claim::DRAINING;
pub(super) const READER: usize = 16;
/// Set when the number of readers has reached its limit.
pub(super) const FULL: usize = 1 << (usize::BITS - 1);

pub(super) const fn is_claimed(word: usize) -> bool {
    word & (WRITER | UPGRADABLE | DRAINING) != 0
}

pub(super) const fn has_readers(word: usize) -> bool {
    word & WRITER == 0 && word >= READER
}

impl Mode {
    pub(super) const fn amount(self) -> usize {
        self as usize
    }

    /// Returns the note for a read in this mode under the lock with this number. It is nonzero, and unique to the lock and the mode.
    #[inline]
    pub(crate) const fn note(self, id: NonZeroU32) -> usize {
        match self {
            Mode::Upgradable => door::note_of_upgradable(id),
            _ => door::note_of_read(id),
        }
    }

    /// Returns the mode that a ticket asks for; `None` for the ticket of the thread that already has the claim.
    pub(super) fn of(ticket: Ticket) -> Option<Mode> {
        [Mode::Read, Mode::Upgradable, Mode::Write]
            .into_iter()
            .find(|it| it.amount() == ticket.amount)
    }

    /// Returns what the word says of the current thread after it has taken the lock in this mode.
    #[inline]
    pub(super) fn word_of_thread(self) -> usize {
        if self == Mode::Write { number::current_word() | WRITER } else { 0 }
    }

    /// Returns the word after the thread with the word `me` has taken the lock in this mode, or `None` if it cannot take it now.
    #[inline]
    pub(super) fn take(self, word: usize, me: usize) -> Option<usize> {
        match self {
            // A single test, because every read makes it.
            Mode::Read => (word & (WRITER | DRAINING | FULL) == 0).then(|| word + READER),
            Mode::Upgradable => (!is_claimed(word)).then_some(word | UPGRADABLE),
            Mode::Write => (!is_claimed(word) && !has_readers(word)).then_some(word | me),
        }
    }

    /// Like [`take`](Self::take), but a writer that cannot take the lock may take the claim while others read.
    pub(super) fn take_or_claim(self, word: usize, me: usize) -> Option<usize> {
        let claimed = || (self == Mode::Write && !is_claimed(word)).then_some(word | DRAINING);
        self.take(word, me).or_else(claimed)
    }
}
