//! The records of threads that do not exist in the child of a fork.
//!
//! Scenario "the waiters that are not there" in docs/architecture.md.

use std::{
    mem,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    door::{
        Token,
        observer::nobody_sleeps,
        record::{SLOTS, Slot, begin_epoch},
        unpark_thread,
    },
    floor::Mutex,
    number::{self, get_ident},
};

/// The records of the threads that are left behind, until those are out of the queues.
static LEFT_BEHIND: Mutex<Vec<(NonZeroU64, Arc<Slot>)>> = Mutex::new(Vec::new());

/// Whether [`LEFT_BEHIND`] has any entries.
static ARE_ANY: AtomicBool = AtomicBool::new(false);

/// Locks the records while the current thread forks, and does not block.
///
/// In the child, calling the returned function makes the current thread the only one with a record. In the parent, dropping it just unlocks
/// them.
#[must_use]
pub fn records_locked() -> Box<dyn FnOnce()> {
    begin_epoch();
    let (mut slots, mut left_behind) = (SLOTS.lock(), LEFT_BEHIND.lock());
    let current = get_ident();
    Box::new(move || {
        nobody_sleeps();
        let mine = slots.remove(&current);
        let others = mem::take(&mut *slots).into_iter();
        left_behind.extend(others);
        slots.extend(mine.map(|slot| {
            slot.thread.has_forked();
            (current, slot)
        }));
        ARE_ANY.store(!left_behind.is_empty(), Ordering::Relaxed);
    })
}

/// Takes the threads that are left behind out of the queues, before the child of a fork starts its first thread.
///
/// The queue node of a thread is in its own memory, and the C library gives that memory to the next thread.
/// This is not done at the fork, because a queue that was locked at that moment stays locked, and most children start no thread.
#[inline]
pub fn leave_queues() {
    if ARE_ANY.load(Ordering::Relaxed) {
        leave_all();
    }
}

#[cold]
fn leave_all() {
    let left_behind = mem::take(&mut *LEFT_BEHIND.lock());
    ARE_ANY.store(false, Ordering::Relaxed);
    for (ident, slot) in left_behind {
        take_out_of_queues(&slot, ident);
    }
}

/// Takes the thread `ident`, which owns `slot`, out of its queue, if it is in one.
pub(super) fn take_out_of_queues(slot: &Slot, ident: NonZeroU64) {
    // It is in one of them, unless the fork happened while it was being moved.
    for key in slot.listed() {
        unpark_thread(key, number::word_of(ident), Token::RETRY);
    }
}
