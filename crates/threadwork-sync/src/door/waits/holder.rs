//! The holder of the object that a thread waits for.

use crate::{
    door::{
        Holder, Key,
        queue::Record,
        reads::{note_of_read, note_of_upgradable},
        waits::claim::Claim,
    },
    number,
};

/// Who holds what a thread waits for, as far as its record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldBy {
    Nobody,
    /// The thread that this word names.
    Thread(usize),
    /// The thread that waits in the queue with this key until readers have left.
    Draining(Key),
    /// The one thread with this note, which has the claim of a read-write lock.
    Claim(usize),
    /// All threads with this note, which read.
    Readers(usize),
}

impl HeldBy {
    pub(super) fn of(record: &Record<'_>) -> HeldBy {
        match record.subject.holder {
            Holder::NobodyBefore(next) if record.key == next.key => HeldBy::Thread(record.word),
            Holder::Nobody | Holder::NobodyBefore(_) | Holder::QueueOf(_) | Holder::Executor(_) => {
                HeldBy::Nobody
            }
            Holder::Thread(ident) => HeldBy::Thread(number::word_of(ident)),
            Holder::InWord => HeldBy::Thread(record.word),
            Holder::Readers(id) => {
                id.map_or(HeldBy::Nobody, |id| HeldBy::Readers(note_of_read(id)))
            }
            Holder::Claim(id) => match Claim::of(record.word) {
                Claim::Writer(word) => HeldBy::Thread(word),
                Claim::Draining => HeldBy::Draining(record.key),
                Claim::Upgradable => {
                    id.map_or(HeldBy::Nobody, |id| HeldBy::Claim(note_of_upgradable(id)))
                }
                Claim::Nobody => HeldBy::Nobody,
            },
        }
    }
}
