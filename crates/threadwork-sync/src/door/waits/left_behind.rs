//! The records of threads that are not there any more in the child of a fork.

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

/// What the threads that are left behind were blocked for, until they are out of the queues.
static LEFT_BEHIND: Mutex<Vec<(NonZeroU64, Arc<Slot>)>> = Mutex::new(Vec::new());

/// Whether there are any.
static ARE_ANY: AtomicBool = AtomicBool::new(false);

/// Keeps the records as they are while the current thread forks, and does not block.
///
/// To call what this returns, in the child, makes the current thread the only one with a record. To drop it, in the parent, does nothing more.
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

/// Takes threads that are left behind out of the queues, before the first thread is started in the child of a fork.
///
/// A thread stands in a queue with a part of its own memory, and the C library gives that to the next thread.
/// It is not done at the fork, because a queue that was locked at that moment stays locked, and most children need none.
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

/// Takes the thread `ident`, whose slot this is, out of the queue that it stands in, if it does.
pub(super) fn take_out_of_queues(slot: &Slot, ident: NonZeroU64) {
    // It stands in one of them, if it was not moved at that very moment.
    for key in slot.listed() {
        unpark_thread(key, number::word_of(ident), Token::RETRY);
    }
}
