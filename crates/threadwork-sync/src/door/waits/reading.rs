//! Reads the records of all threads.

use std::{collections::BTreeMap, num::NonZeroU64, time::Instant};

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
    let mut records = records();
    records.sort_by_key(|it| (it.ticket.thread, it.node));
    drop_outdated(&mut records);
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
    records.iter().filter_map(waiting).collect()
}

/// Drops the waits that were over before the reading was: a thread that leaves one queue and enters another meanwhile may be found in both.
/// A thread has one wait at a time, so an earlier one is over.
fn drop_outdated(records: &mut Vec<Record>) {
    let thread = |it: &Record| (it.ticket.sort != Sort::Task).then_some(it.ticket.thread);
    let mut newest = BTreeMap::<usize, Instant>::new();
    for (thread, since) in records.iter().filter_map(|it| Some((thread(it)?, it.since?))) {
        newest.entry(thread).and_modify(|it| *it = since.max(*it)).or_insert(since);
    }
    records.retain(|it| {
        let newest = thread(it).and_then(|it| newest.get(&it));
        newest.is_none_or(|newest| it.since.is_none_or(|since| since == *newest))
    });
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
    // A thread may read twice, and may have several records.
    for threads in readers.values_mut() {
        threads.sort_unstable();
        threads.dedup();
    }
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
