//! The readers of the locks that other threads wait for, which no single record names.

use std::{collections::BTreeMap, num::NonZeroU64};

use crate::door::{
    record::ROOM,
    waits::{holder::ReadBy, waiting::Waiting},
};

/// A record, without what only the other records can say about it.
pub(super) struct Incomplete {
    pub(super) waiting: Waiting,
    /// The notes of its thread about its reads.
    pub(super) reads: [usize; ROOM],
    /// The notes of the threads that it waits for.
    pub(super) read_by: Option<ReadBy>,
}

/// Adds to each record what the notes of the other threads say about it.
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
