//! What the word of a read-write lock says.

use std::num::NonZeroU32;

use crate::{ident, park::Ticket};

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
pub(super) const WRITER: usize = 2;
/// The thread that has the claim reads.
pub(super) const UPGRADABLE: usize = 4;
/// The thread that has the claim waits until the readers are gone, and no new ones come. It stands in the queue too.
pub(super) const DRAINING: usize = 8;
pub(super) const READER: usize = 16;
/// So many readers that there can be no more.
pub(super) const FULL: usize = 1 << (usize::BITS - 1);

/// The amount on the ticket of who has the claim and waits until the readers are gone.
pub(crate) const DRAIN: usize = 3;

pub(super) const fn is_claimed(word: usize) -> bool {
    word & (WRITER | UPGRADABLE | DRAINING) != 0
}

/// Who has the claim, as far as the word knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Nobody,
    /// The thread that this word names, which writes.
    Writer(usize),
    /// One that reads, and does not wait until it can write.
    Upgradable,
    /// The one that stands in the queue with the amount [`DRAIN`].
    Draining,
}

impl Claim {
    pub(crate) const fn of(word: usize) -> Claim {
        if word & WRITER != 0 {
            Claim::Writer(word)
        } else if word & DRAINING != 0 {
            Claim::Draining
        } else if word & UPGRADABLE != 0 {
            Claim::Upgradable
        } else {
            Claim::Nobody
        }
    }
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
        (id.get() as usize) << 1 | matches!(self, Mode::Upgradable) as usize
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
        if self == Mode::Write { ident::current_word() | WRITER } else { 0 }
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
