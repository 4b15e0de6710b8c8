//! Reading the records of those who wait.
#![expect(unsafe_code, reason = "a word is read through the address of its queue")]

use std::{
    num::NonZeroU64,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use crate::{
    door::{
        Holder, Key, Subject,
        bucket::{
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
pub(crate) struct Record<'a> {
    pub(crate) key: Key,
    /// The address of the node. The nodes of one wait for any of several are in order of the call.
    pub(crate) node: usize,
    pub(crate) ticket: Ticket,
    pub(crate) subject: &'a Subject,
    /// Since when the thread is blocked; `None` if it has only just entered the queue and has not slept yet.
    pub(crate) since: Option<Instant>,
    /// The operating system's number of the thread, where it is known.
    pub(crate) native_id: Option<u64>,
    /// The name of the thread, if it is one of the library's own.
    pub(crate) helper: Option<&'static str>,
    /// The word of the object that a thread waits for; zero where it cannot be read.
    pub(crate) word: usize,
}

/// What was made of all records.
#[derive(Debug)]
pub(crate) struct Records<T> {
    pub(crate) waits: Vec<T>,
    /// The notes that blocked threads have made about their reads, each with the word of the thread.
    pub(crate) notes: Vec<(usize, usize)>,
}

/// Reads the records of all waits, and returns what `make` makes of them. The records of one queue are of one moment.
///
/// `make` runs with the queue locked, so it must not allocate.
///
/// Scenario "the record in the queue" in docs/architecture.md.
pub(crate) fn records<T>(make: impl Fn(&Record<'_>) -> Option<T>) -> Records<T> {
    /// How many records and notes there were last time.
    static EXPECTED: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let mut room = EXPECTED.each_ref().map(|it| it.load(Ordering::Relaxed));
    loop {
        let mut records =
            Records { waits: Vec::with_capacity(room[0]), notes: Vec::with_capacity(room[1]) };
        let found = records.fill(&make);
        room = found.map(|found| found + found / 8);
        EXPECTED.iter().zip(room).for_each(|(to, from)| to.store(from, Ordering::Relaxed));
        if found == [records.waits.len(), records.notes.len()] {
            return records;
        }
    }
}

impl<T> Records<T> {
    /// Adds all for which there is room. Returns how many there are.
    /// Allocates nothing while a queue is locked, because an allocator is user code.
    fn fill(&mut self, make: &impl Fn(&Record<'_>) -> Option<T>) -> [usize; 2] {
        let _at_work = AtWork::begin();
        let mut found = [0; 2];
        let mut add = |node: &Node, subject: &Subject| {
            let record = read(node, subject);
            if let Some(made) = make(&record) {
                found[0] += 1;
                push_if_room(&mut self.waits, made);
            }
            if record.since.is_some() && node.has_notes() {
                for note in notes(node).into_iter().take_while(|it| *it != 0) {
                    found[1] += 1;
                    push_if_room(&mut self.notes, (note, record.ticket.thread));
                }
            }
        };
        table::for_each(|list| {
            // SAFETY: the bucket is locked.
            unsafe { list.for_each(|node| node.subject.iter().for_each(|it| add(node, it))) };
        });
        found
    }
}

fn push_if_room<T>(to: &mut Vec<T>, value: T) {
    if to.len() < to.capacity() {
        to.push(value);
    }
}

/// Reads a node. The bucket is locked, and the node is in it.
fn read<'a>(node: &Node, subject: &'a Subject) -> Record<'a> {
    let key = node.key();
    // SAFETY: the bucket is locked, and this reference ends here.
    let ticket = node.ticket(unsafe { node.place() });
    let is_told_by_word = match subject.holder {
        Holder::Nobody | Holder::Thread(_) | Holder::Readers(_) | Holder::Executor(_) => false,
        Holder::NobodyBefore(next) => key == next.key,
        Holder::InWord | Holder::Claim(_) | Holder::QueueOf(_) => true,
    };
    let word = if is_told_by_word && node.sort() == Sort::Waiter && key.is_of_queue() {
        let address = ptr::with_exposed_provenance::<Word>(key.address());
        // SAFETY: a thread stands in the queue of this address, and cannot leave while the queue is locked.
        // It waits for an object whose word is there, and keeps that object alive until it has left.
        unsafe { &*address }.load(Ordering::Relaxed)
    } else {
        0
    };
    let sleeper = node.sleeper();
    // SAFETY: the bucket is locked, and the node is in it.
    let helper = sleeper.filter(|_| node.keeps_thread()).and_then(|it| unsafe { it.helper() });
    let since = node.shown_since();
    let native_id = sleeper.and_then(Sleeper::native_id);
    Record {
        key,
        node: ptr::from_ref(node).addr(),
        ticket,
        subject,
        since,
        native_id,
        helper,
        word,
    }
}

/// Reads the notes of a thread, followed by zeros. The bucket is locked, and the node is in it.
fn notes(node: &Node) -> [usize; ROOM] {
    let sleeper = node.sleeper().filter(|_| node.keeps_thread());
    // SAFETY: the bucket is locked, and the node is in it.
    sleeper.map_or([0; ROOM], |it| unsafe { it.notes() })
}

/// Returns the operating system's numbers of the threads that are in a wait of this library by their own account, which no other thread
/// changes: a thread that is asleep and not among them sleeps elsewhere.
///
/// A record does not tell that: whoever ends a wait takes its record away before the thread wakes up.
///
/// Scenario "the thread that sleeps elsewhere" in docs/architecture.md.
#[must_use]
pub fn native_ids_in_waits() -> Vec<u64> {
    let in_wait = |it: &&Sleeper| it.owner() != 0 && it.ended.is_to_come();
    sleeper::all().into_iter().filter(in_wait).filter_map(Sleeper::native_id).collect()
}

/// Returns when the last wait that is over ended, for each thread that has waited, in order of their numbers.
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
