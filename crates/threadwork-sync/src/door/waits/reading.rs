//! Reads the records of all threads.

use std::{collections::BTreeMap, num::NonZeroU64};

use crate::{
    door::{
        Holder, Key, Sort, WaitKind,
        queue::{Record, Records, records},
        waits::{
            claim::DRAIN,
            holder::HeldBy,
            waiting::{Fill, Waiter, Waiting, WaitingThread},
        },
    },
    floor::now,
    number,
};

/// What a record says, without what only other records can say about it.
struct Incomplete {
    waiting: Waiting,
    /// The address of the node. The nodes of a wait for any are in the order in which the thread named the objects.
    node: usize,
    held_by: HeldBy,
    /// Whether the thread waits until the readers of a lock have left; the key is that of the lock.
    drains: Option<Key>,
    /// Whether the thread sleeps. Otherwise it has only just entered the queue.
    sleeps: bool,
}

/// Returns which thread waits for what right now, in order of the threads' numbers.
pub(super) fn all() -> Vec<Waiting> {
    let Records { mut waits, notes } = records(incomplete);
    // Moves the records once each, because they are large.
    waits.sort_by_cached_key(|it| (it.waiting.thread.ident, it.node));
    drop_outdated(&mut waits);
    let draining =
        waits.iter().filter_map(|it| Some((it.drains?.number(), it.waiting.thread.ident)));
    let draining: BTreeMap<_, _> = draining.collect();
    let readers = readers(notes);
    let with = |note| readers.get(&note).map_or(&[][..], |it: &Vec<NonZeroU64>| &it[..]);
    let complete = |Incomplete { mut waiting, held_by, sleeps, .. }| {
        match held_by {
            HeldBy::Nobody => (),
            HeldBy::Thread(word) => waiting.holder = number::from_word(word),
            HeldBy::Draining(key) => waiting.holder = draining.get(&key.number()).copied(),
            HeldBy::Claim(note) => waiting.holder = with(note).first().copied(),
            HeldBy::Readers(note) => waiting.readers = with(note).to_vec(),
        }
        sleeps.then_some(waiting)
    };
    waits.into_iter().filter_map(complete).collect()
}

/// Drops the waits that were over before the reading was: a thread that leaves one queue and enters another meanwhile may be found in both.
/// A thread has one wait at a time, so an earlier one is over. The waits are in order of the threads' numbers.
fn drop_outdated(waits: &mut Vec<Incomplete>) {
    let blocks = |it: &Incomplete| it.sleeps && it.waiting.thread.waiter != Waiter::Task;
    let ident = |it: &Incomplete| it.waiting.thread.ident;
    let several = waits.chunk_by(|one, other| ident(one) == ident(other)).filter(|it| it.len() > 1);
    let newest = several.filter_map(|of_thread| {
        let since = of_thread.iter().filter(|it| blocks(it)).map(|it| it.waiting.since).max();
        Some((ident(&of_thread[0]), since?))
    });
    let newest: BTreeMap<_, _> = newest.collect();
    if !newest.is_empty() {
        let is_over = |it: &Incomplete| {
            newest.get(&ident(it)).is_some_and(|newest| it.waiting.since != *newest)
        };
        waits.retain(|it| !blocks(it) || !is_over(it));
    }
}

/// Returns the threads that have made each note, in order of their numbers.
///
/// A read-write lock only counts its readers, so no single record names them.
fn readers(mut notes: Vec<(usize, usize)>) -> BTreeMap<usize, Vec<NonZeroU64>> {
    notes.sort_unstable();
    // A thread that waits for any of several things has a record for each.
    notes.dedup();
    let mut readers = BTreeMap::<usize, Vec<NonZeroU64>>::new();
    for (note, thread) in notes {
        readers.entry(note).or_default().extend(number::from_word(thread));
    }
    readers
}

/// Allocates nothing.
fn incomplete(record: &Record<'_>) -> Option<Incomplete> {
    let subject = record.subject;
    let (kind, name): (WaitKind, _) = match subject.holder {
        // The thread was notified, and waits for the lock now.
        Holder::NobodyBefore(next) if record.key == next.key => (next.kind, next.name),
        _ => (subject.kind, subject.name),
    };
    let drains = record.ticket.amount == DRAIN && matches!(subject.holder, Holder::Readers(_));
    let waiting = Waiting {
        thread: WaitingThread {
            ident: number::from_word(record.ticket.thread)?,
            native_id: record.native_id,
            helper: record.helper,
            waiter: match record.ticket.sort {
                Sort::Waiter => Waiter::Thread,
                Sort::Watcher => Waiter::AnyOf,
                Sort::Task => Waiter::Task,
            },
        },
        kind,
        name,
        address: record.key.address(),
        location: subject.location,
        since: record.since.unwrap_or_else(now),
        holder: None,
        readers: Vec::new(),
        fill: fill(record),
        executor: match subject.holder {
            Holder::Executor(address) => Some(address),
            _ => None,
        },
    };
    Some(Incomplete {
        waiting,
        node: record.node,
        held_by: HeldBy::of(record),
        drains: drains.then_some(record.key),
        sleeps: record.since.is_some(),
    })
}

/// Returns how full the queue is, if a thread waits at it for that alone.
fn fill(record: &Record<'_>) -> Option<Fill> {
    let Holder::QueueOf(limit) = record.subject.holder else { return None };
    if record.ticket.sort != Sort::Waiter {
        return None;
    }
    let len = match record.subject.kind {
        WaitKind::QueuePut => limit.saturating_sub(record.word),
        _ => record.word,
    };
    Some(Fill { len, limit: (limit < usize::MAX).then_some(limit) })
}
