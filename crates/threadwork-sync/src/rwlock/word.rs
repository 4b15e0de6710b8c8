//! What the word of a read-write lock says.

use std::num::NonZeroU32;

use crate::{
    door::{self, Claim, Ticket},
    number,
};

/// What a lock is held for; the number is the amount on the ticket of who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    /// A read that can become a write; one thread at a time.
    Upgradable,
    Write,
}

/// Who gives up the claim wakes the queue. Somebody stands there, or is about to, or has left.
pub(super) const PARKED: usize = 1;
/// The thread that has the claim writes.
pub(super) const WRITER: usize = Claim::WRITER;
/// The thread that has the claim reads.
pub(super) const UPGRADABLE: usize = Claim::UPGRADABLE;
/// The thread that has the claim waits until the readers are gone, and no new ones come. It stands in the queue too.
pub(super) const DRAINING: usize = Claim::DRAINING;
pub(super) const READER: usize = 16;
/// So many readers that there can be no more.
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

    /// What a thread notes of a read in this mode, under the lock with this number. It is not zero, and another one than for other locks and modes.
    #[inline]
    pub(crate) const fn note(self, id: NonZeroU32) -> usize {
        match self {
            Mode::Upgradable => door::note_of_upgradable(id),
            _ => door::note_of_read(id),
        }
    }

    /// `None` for the ticket of who has the claim already.
    pub(super) fn of(ticket: Ticket) -> Option<Mode> {
        [Mode::Read, Mode::Upgradable, Mode::Write]
            .into_iter()
            .find(|it| it.amount() == ticket.amount)
    }

    /// What a word has to say of the current thread if it takes the lock in this mode.
    #[inline]
    pub(super) fn word_of_thread(self) -> usize {
        if self == Mode::Write { number::current_word() | WRITER } else { 0 }
    }

    /// The word after the thread that `me` names has taken the lock in this mode, if that is possible.
    #[inline]
    pub(super) fn take(self, word: usize, me: usize) -> Option<usize> {
        match self {
            // One test for all: it is made at each read.
            Mode::Read => (word & (WRITER | DRAINING | FULL) == 0).then(|| word + READER),
            Mode::Upgradable => (!is_claimed(word)).then_some(word | UPGRADABLE),
            Mode::Write => (!is_claimed(word) && !has_readers(word)).then_some(word | me),
        }
    }

    /// As [`take`](Self::take), or the word after a writer has claimed the lock from those who read.
    pub(super) fn take_or_claim(self, word: usize, me: usize) -> Option<usize> {
        let claimed = || (self == Mode::Write && !is_claimed(word)).then_some(word | DRAINING);
        self.take(word, me).or_else(claimed)
    }
}
