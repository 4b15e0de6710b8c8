//! The holder of the object that a thread waits for.

use crate::{
    door::{
        Key, note_of_read, note_of_upgradable,
        record::{HeldBy, Seen},
        waits::{
            claim::Claim,
            queues::{Queue, Queues},
        },
    },
    number::FLAG_BITS,
};

/// What the queues say about the holder, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holding {
    /// A word that names the holder; zero if it is not known, or there is no holder.
    pub(super) word: usize,
    /// The readers that the thread waits for.
    pub(super) read_by: Option<ReadBy>,
    /// Whether the thread already waits for the next lock.
    pub(super) is_of_next: bool,
}

/// The note that identifies the threads that a thread waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum ReadBy {
    /// The note of the one thread that has the claim, and so is the holder.
    Claim(usize),
    /// The note of all readers.
    All(usize),
}

impl Holding {
    /// Returns who holds what `thread` waits for, according to its record.
    ///
    /// If a timeout or a stop request has ended the wait and the record is not erased yet, the thread is in no queue, and no thread holds
    /// it up.
    pub(super) fn of(seen: &Seen, thread: usize, queues: &mut Queues) -> Holding {
        let Some(key) = seen.key() else { return Holding::default() };
        match seen.held_by() {
            HeldBy::InWord => Holding::by(queues.word(key, thread, seen.since).unwrap_or(0)),
            HeldBy::Claim(id) => {
                let queue = queues.queue(key, thread, seen.since);
                queue.map_or_else(Holding::default, |queue| {
                    let upgradable = id.map(|id| ReadBy::Claim(note_of_upgradable(id)));
                    Holding::of_claim(queue, upgradable)
                })
            }
            HeldBy::Readers(id) => {
                let stands = queues.queue(key, thread, seen.since).is_some();
                let read_by = id.filter(|_| stands).map(|id| ReadBy::All(note_of_read(id)));
                Holding { read_by, ..Holding::default() }
            }
            HeldBy::Thread(0) => {
                Holding::of_next(seen.next_key(), |next| queues.word(next, thread, seen.since))
            }
            HeldBy::Thread(number) => {
                let stands = !key.is_of_queue() || queues.word(key, thread, seen.since).is_some();
                Holding::by(if stands { number << FLAG_BITS } else { 0 })
            }
        }
    }

    fn by(word: usize) -> Holding {
        Holding { word, ..Holding::default() }
    }

    fn of_claim(queue: &Queue, upgradable: Option<ReadBy>) -> Holding {
        match Claim::of(queue.word) {
            Claim::Writer(word) => Holding::by(word),
            Claim::Draining => Holding::by(queue.drains),
            Claim::Upgradable => Holding { read_by: upgradable, ..Holding::default() },
            Claim::Nobody => Holding::default(),
        }
    }

    /// Returns who holds the lock to whose queue the thread has been moved.
    fn of_next(next: Option<Key>, word: impl FnOnce(Key) -> Option<usize>) -> Holding {
        next.and_then(word)
            .map_or_else(Holding::default, |word| Holding { is_of_next: true, ..Holding::by(word) })
    }
}
