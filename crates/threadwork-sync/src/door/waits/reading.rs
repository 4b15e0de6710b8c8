//! Reads the records of all threads.

use std::{num::NonZeroU64, sync::Arc};

use crate::{
    door::{
        record::{SLOTS, Slot},
        waits::{
            holder::Holding,
            queues::Queues,
            readers::{self, Incomplete},
            waiting::{Waiting, WaitingThread},
        },
    },
    floor::AtWork,
    number,
};

/// Returns which thread waits for what right now, in order of the threads' numbers. Blocks no thread.
pub(super) fn all() -> Vec<Waiting> {
    let at_work = AtWork::begin();
    let slots: Vec<_> =
        SLOTS.lock().iter().map(|(ident, slot)| (*ident, Arc::clone(slot))).collect();
    drop(at_work);
    let mut queues = Queues::default();
    let records: Vec<_> =
        slots.iter().filter_map(|(ident, slot)| read(slot, *ident, &mut queues)).collect();
    readers::complete(records)
}

/// Returns the record of thread `ident`, or `None` if it does not wait.
///
/// Also returns `None` after a number of failed attempts: a thread that ends one wait and begins the next faster than its record can be read
/// is not waiting in any useful sense.
fn read(slot: &Slot, ident: NonZeroU64, queues: &mut Queues) -> Option<Incomplete> {
    (0..100).find_map(|_| try_read(slot, ident, queues))?
}

/// Returns `None` if the owner wrote meanwhile, and `Some(None)` if it does not wait.
pub(super) fn try_read(
    slot: &Slot,
    ident: NonZeroU64,
    queues: &mut Queues,
) -> Option<Option<Incomplete>> {
    // The queue is read before it is certain that the record is unchanged, so both belong to the same wait.
    let thread = number::word_of(ident);
    let read = slot.try_read(|seen| Holding::of(seen, thread, queues))?;
    Some(read.map(|(record, holding)| {
        let thing = record.next.filter(|_| holding.is_of_next).unwrap_or(record.thing);
        let waiting = Waiting {
            thread: WaitingThread {
                ident,
                native_id: slot.thread.native_id(),
                helper: slot.thread.helper,
            },
            kind: thing.kind,
            name: thing.name,
            address: thing.key.address(),
            location: record.location,
            since: record.since,
            holder: number::from_word(holding.word),
            readers: Vec::new(),
        };
        Incomplete { waiting, reads: record.reads, read_by: holding.read_by }
    }))
}
