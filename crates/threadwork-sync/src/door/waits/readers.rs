//! Who reads what others wait for: no record says it alone.

use std::{collections::BTreeMap, num::NonZeroU64};

use crate::door::{
    record::ROOM,
    waits::{holder::ReadBy, waiting::Waiting},
};

/// What a slot says, and what only the other slots can say of it.
pub(super) struct Incomplete {
    pub(super) waiting: Waiting,
    /// What its thread has noted of its reads.
    pub(super) reads: [usize; ROOM],
    /// The notes of those that it waits for.
    pub(super) read_by: Option<ReadBy>,
}

/// Adds to each record what the notes of the other threads say of it.
pub(super) fn complete(records: Vec<Incomplete>) -> Vec<Waiting> {
    let mut readers = BTreeMap::<usize, Vec<NonZeroU64>>::new();
    for record in &records {
        for note in record.reads.into_iter().filter(|it| *it != 0) {
            readers.entry(note).or_default().push(record.waiting.thread.ident);
        }
    }
    let with = |note| readers.get(&note).map_or(&[][..], |it| &it[..]);
    let complete = |Incomplete { mut waiting, read_by, .. }: Incomplete| {
        match read_by {
            Some(ReadBy::Claim(note)) => waiting.holder = with(note).first().copied(),
            Some(ReadBy::All(note)) => waiting.readers = with(note).to_vec(),
            None => (),
        }
        waiting
    };
    records.into_iter().map(complete).collect()
}
