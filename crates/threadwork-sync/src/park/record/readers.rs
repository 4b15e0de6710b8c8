//! Who reads what others wait for: no record says it alone.

use std::{collections::BTreeMap, num::NonZeroU64};

use super::{Reads, Record};
use crate::waiting::Waiting;

/// Adds to each record what the notes of the other threads say of it.
pub(super) fn complete(records: Vec<Record>) -> Vec<Waiting> {
    let mut readers = BTreeMap::<usize, Vec<NonZeroU64>>::new();
    for record in &records {
        for note in record.reads.into_iter().filter(|it| *it != 0) {
            readers.entry(note).or_default().push(record.waiting.ident);
        }
    }
    let with = |note| readers.get(&note).map_or(&[][..], |it| &it[..]);
    let complete = |Record { mut waiting, waits_for, .. }: Record| {
        match waits_for {
            Some(Reads::Claim(note)) => waiting.holder = with(note).first().copied(),
            Some(Reads::All(note)) => waiting.readers = with(note).to_vec(),
            None => (),
        }
        waiting
    };
    records.into_iter().map(complete).collect()
}
