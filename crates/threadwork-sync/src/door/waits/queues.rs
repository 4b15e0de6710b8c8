//! The queues named by the records, each read once for all threads whose waits began before that.
#![expect(unsafe_code, reason = "a word is read through the address of its queue")]

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ptr,
    sync::atomic::Ordering,
    time::Instant,
};

use crate::{
    door::{Filter, Key, Token, unpark_filter, waits::claim::DRAIN},
    floor::{Word, now},
};

/// What one reader of records knows about the queues.
#[derive(Debug, Default)]
pub(super) struct Queues {
    known: BTreeMap<usize, Queue>,
}

/// The word at the key's address, and the threads in the queue when it was read, sorted by their words.
#[derive(Debug)]
pub(super) struct Queue {
    read_at: Instant,
    pub(super) word: usize,
    /// The word of the thread with the amount [`DRAIN`], which is meaningful only for a read-write lock.
    pub(super) drains: usize,
    threads: Vec<usize>,
}

impl Queues {
    /// Returns the word at the key's address, if `thread`, which has waited since `since`, stands in that queue.
    ///
    /// A queue that was read before the wait began is read again, because what it says about the thread belongs to an earlier wait.
    pub(super) fn word(&mut self, key: Key, thread: usize, since: Instant) -> Option<usize> {
        self.queue(key, thread, since).map(|it| it.word)
    }

    /// Like [`word`](Self::word), but returns everything that is known about the queue.
    pub(super) fn queue(&mut self, key: Key, thread: usize, since: Instant) -> Option<&Queue> {
        let queue = match self.known.entry(key.number()) {
            Entry::Occupied(known) if known.get().read_at > since => known.into_mut(),
            stale_or_none => stale_or_none.insert_entry(Queue::read(key)).into_mut(),
        };
        queue.threads.binary_search(&thread).is_ok().then_some(&*queue)
    }
}

impl Queue {
    fn read(key: Key) -> Queue {
        let mut room = 4;
        loop {
            let mut queue =
                Queue { read_at: now(), word: 0, drains: 0, threads: Vec::with_capacity(room) };
            if queue.fill(key) {
                queue.threads.sort_unstable();
                return queue;
            }
            room *= 2;
        }
    }

    /// Returns `true` if there was room for all threads. Allocates nothing while the queue is locked, because an allocator is user code.
    fn fill(&mut self, key: Key) -> bool {
        let mut is_complete = true;
        unpark_filter(
            key,
            |it| {
                if self.threads.is_empty() {
                    let address = ptr::with_exposed_provenance::<Word>(key.address());
                    // SAFETY: a thread stands in the queue of this address, and cannot leave while the queue is locked.
                    // It waits for an object whose word is there, and keeps that object alive until it has left.
                    let there = unsafe { &*address };
                    self.word = there.load(Ordering::Relaxed);
                }
                is_complete = self.threads.len() < self.threads.capacity();
                if !is_complete {
                    return Filter::Stop;
                }
                if it.amount == DRAIN {
                    self.drains = it.thread;
                }
                self.threads.push(it.thread);
                Filter::Skip
            },
            |_| Token::RETRY,
        );
        is_complete
    }
}
