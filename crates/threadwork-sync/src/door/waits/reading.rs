//! Reads the records of all threads.

use std::{collections::BTreeMap, num::NonZeroU64};

use crate::{
    door::{
        Holder, Sort, WaitKind,
        queue::{Record, records},
        waits::{
            holder::{HeldBy, draining},
            waiting::{Waiter, Waiting, WaitingThread},
        },
    },
    number,
};

/// Returns which thread waits for what right now, in order of the threads' numbers.
pub(super) fn all() -> Vec<Waiting> {
    let records = records();
    let draining = draining(&records);
    let readers = readers(&records);
    let with = |note| readers.get(&note).map_or(&[][..], |it: &Vec<NonZeroU64>| &it[..]);
    let waiting = |record: &Record| {
        let mut waiting = waiting(record)?;
        match HeldBy::of(record, &draining) {
            HeldBy::Thread(word) => waiting.holder = number::from_word(word),
            HeldBy::Claim(note) => waiting.holder = with(note).first().copied(),
            HeldBy::Readers(note) => waiting.readers = with(note).to_vec(),
        }
        Some(waiting)
    };
    let mut all: Vec<_> = records.iter().filter_map(waiting).collect();
    all.sort_by_key(|it| it.thread.ident);
    all
}

/// Returns the threads that have made each note, in order of their numbers.
///
/// A read-write lock only counts its readers, so no single record names them.
fn readers(records: &[Record]) -> BTreeMap<usize, Vec<NonZeroU64>> {
    let mut readers = BTreeMap::<usize, Vec<NonZeroU64>>::new();
    for record in records.iter().filter(|it| it.since.is_some()) {
        for note in record.reads.into_iter().filter(|it| *it != 0) {
            readers.entry(note).or_default().extend(number::from_word(record.ticket.thread));
        }
    }
    readers.values_mut().for_each(|it| it.sort_unstable());
    readers
}

/// Returns what a record says, without the holder; `None` if the thread does not sleep yet.
fn waiting(record: &Record) -> Option<Waiting> {
    let subject = &record.subject;
    let (kind, name): (WaitKind, _) = match subject.holder {
        // The thread was notified, and waits for the lock now.
        Holder::NobodyBefore(next) if record.key == next.key => (next.kind, next.name),
        _ => (subject.kind, subject.name),
    };
    Some(Waiting {
        thread: WaitingThread {
            ident: number::from_word(record.ticket.thread)?,
            native_id: record.native_id,
            helper: record.helper,
        },
        waiter: match record.ticket.sort {
            Sort::Waiter => Waiter::Thread,
            Sort::Watcher => Waiter::AnyOf,
            Sort::Task => Waiter::Task,
        },
        kind,
        name,
        address: record.key.address(),
        location: subject.location,
        since: record.since?,
        holder: None,
        readers: Vec::new(),
    })
}
