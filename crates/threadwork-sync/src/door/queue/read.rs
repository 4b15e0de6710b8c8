//! Reading the records of those who wait.
#![expect(unsafe_code, reason = "a word is read through the address of its queue")]

use std::{num::NonZeroU64, ptr, sync::atomic::Ordering, time::Instant};

use crate::{
    door::{
        Key, Subject,
        queue::{
            node::Node,
            sleeper::{self, Sleeper},
            table,
            terms::{Sort, Ticket},
        },
        reads::ROOM,
    },
    floor::{AtWork, Word},
    number,
};

/// What a node says about a wait, and the word of the object at the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) key: Key,
    pub(crate) ticket: Ticket,
    pub(crate) subject: Subject,
    /// Since when the thread is blocked; `None` if it has only just entered the queue and has not slept yet.
    pub(crate) since: Option<Instant>,
    /// The operating system's number of the thread, where it is known.
    pub(crate) native_id: Option<u64>,
    /// The name of the thread, if it is one of the library's own.
    pub(crate) helper: Option<&'static str>,
    /// The word of the object that a thread waits for; zero where it cannot be read.
    pub(crate) word: usize,
    /// The thread's notes about its reads, followed by zeros.
    pub(crate) reads: [usize; ROOM],
}

/// Returns the records of all waits. Those of one queue are of one moment.
///
/// Scenario "the record in the queue" in docs/architecture.md.
pub(crate) fn records() -> Vec<Record> {
    let mut records = Vec::new();
    loop {
        let at_work = AtWork::begin();
        let missing = fill(&mut records);
        drop(at_work);
        if missing == 0 {
            return records;
        }
        records = Vec::with_capacity(2 * (records.capacity() + missing));
    }
}

/// Adds all records for which there is room. Returns how many have none.
/// Allocates nothing while a queue is locked, because an allocator is user code.
fn fill(records: &mut Vec<Record>) -> usize {
    let mut missing = 0;
    table::for_each(|list| {
        // SAFETY: the bucket is locked.
        unsafe {
            list.for_each(|node| {
                if let Some(subject) = node.subject {
                    if records.len() == records.capacity() {
                        missing += 1;
                    } else {
                        records.push(read(node, subject));
                    }
                }
            });
        };
    });
    missing
}

/// Reads a node. The bucket is locked, and the node is in it.
fn read(node: &Node, subject: Subject) -> Record {
    let key = node.key();
    // SAFETY: the bucket is locked, and this reference ends here.
    let ticket = node.ticket(unsafe { node.place() });
    let word = if node.sort == Sort::Waiter && key.is_of_queue() {
        let address = ptr::with_exposed_provenance::<Word>(key.address());
        // SAFETY: a thread stands in the queue of this address, and cannot leave while the queue is locked.
        // It waits for an object whose word is there, and keeps that object alive until it has left.
        unsafe { &*address }.load(Ordering::Relaxed)
    } else {
        0
    };
    let sleeper = node.sleeper();
    // SAFETY: the bucket is locked, and the node is in it.
    let about = sleeper.filter(|_| node.keeps_thread()).map(|it| unsafe { it.about() });
    let (helper, reads) = about.unwrap_or((None, [0; ROOM]));
    Record {
        key,
        ticket,
        subject,
        since: node.since().get(),
        native_id: sleeper.and_then(Sleeper::native_id),
        helper,
        word,
        reads,
    }
}

/// Returns when the last wait of each thread ended, for all threads that have waited and do not wait now, in order of their numbers.
#[must_use]
pub fn ends_of_waits() -> Vec<(NonZeroU64, Instant)> {
    let end = |it: &'static Sleeper| {
        let owner = it.owner();
        let ended = it.ended.get()?;
        // Another thread may have begun to use the sleeper meanwhile.
        let ident = number::from_word(owner).filter(|_| it.owner() == owner)?;
        Some((ident, ended))
    };
    let mut ends: Vec<_> = sleeper::all().into_iter().filter_map(end).collect();
    ends.sort_unstable_by_key(|it| it.0);
    ends
}
