//! The holder of the object that a thread waits for.

use std::collections::BTreeMap;

use crate::{
    door::{
        Holder, Key,
        queue::Record,
        reads::{note_of_read, note_of_upgradable},
        waits::claim::{Claim, DRAIN},
    },
    number,
};

/// Who holds what a thread waits for, according to its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldBy {
    /// The thread that this word names; no thread if it is zero.
    Thread(usize),
    /// The one thread with this note, which has the claim of a read-write lock.
    Claim(usize),
    /// All threads with this note, which read.
    Readers(usize),
}

impl HeldBy {
    /// Returns who holds what the thread of `record` waits for. `draining` knows the threads that wait until readers have left.
    pub(super) fn of(record: &Record, draining: &BTreeMap<usize, usize>) -> HeldBy {
        match record.subject.holder {
            Holder::Nobody => HeldBy::Thread(0),
            Holder::NobodyBefore(next) if record.key == next.key => HeldBy::Thread(record.word),
            Holder::NobodyBefore(_) => HeldBy::Thread(0),
            Holder::Thread(ident) => HeldBy::Thread(number::word_of(ident)),
            Holder::InWord => HeldBy::Thread(record.word),
            Holder::Readers(id) => {
                id.map_or(HeldBy::Thread(0), |id| HeldBy::Readers(note_of_read(id)))
            }
            Holder::Claim(id) => match Claim::of(record.word) {
                Claim::Writer(word) => HeldBy::Thread(word),
                Claim::Draining => {
                    HeldBy::Thread(draining.get(&record.key.number()).copied().unwrap_or(0))
                }
                Claim::Upgradable => {
                    id.map_or(HeldBy::Thread(0), |id| HeldBy::Claim(note_of_upgradable(id)))
                }
                Claim::Nobody => HeldBy::Thread(0),
            },
        }
    }
}

/// Returns the thread that waits until the readers have left, for each queue of a read-write lock that has one.
pub(super) fn draining(records: &[Record]) -> BTreeMap<usize, usize> {
    let drains =
        |it: &&Record| it.ticket.amount == DRAIN && matches!(it.subject.holder, Holder::Readers(_));
    let named = |it: &Record| (Key::number(it.key), it.ticket.thread);
    records.iter().filter(drains).map(named).collect()
}
