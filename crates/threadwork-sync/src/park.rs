//! The door: the one module that blocks a thread.
//!
//! A blocked thread stands in the queue of a [`Key`], the address of the object it waits for.
//! Nobody else in this crate names `parking_lot_core`, the clock or the model checker,
//! so whatever blocks goes through here and leaves a record ([`Subject`]) while it does.
//!
//! # Contract of the callbacks
//!
//! `validate`, `timed_out`, `filter` and `token` run while the queue is locked.
//! They come from this crate only, and each is a few loads and read-modify-writes of the object's word:
//! they do not unwind, do not come back through the door, and run no user code.
//! That is what makes these functions safe to call, and what every new primitive has to keep.
//!
//! # Why the address is enough
//!
//! A key is compared and never dereferenced. An event, a latch, a barrier, a semaphore or a condition stores its word and then wakes
//! by key alone, so the next owner may free the object between the two ([`Kept`] says what else that takes).
//! A lock is borrowed by its release until that returns. The price is that a wake-up may reach a thread
//! that waits for a newer object at the same address: every wait is a loop around its own condition.
//! It never reaches a thread that waits for an object of others who use `parking_lot_core` too, nor is one of ours woken by them:
//! the numbers of our queues in its table are no addresses.
//!
//! # Twins
//!
//! Under `--cfg threadwork_loom` the queues, the clock and the words come from a model
//! that explores all interleavings. Both twins offer the same names.
//! Under `--cfg threadwork_noise` the words of real programs let other threads run at random.

mod kept;
mod label;
#[cfg(not(threadwork_loom))]
mod at_work;
#[cfg(not(threadwork_loom))]
mod foreign;
#[cfg(not(threadwork_loom))]
mod gate;
#[cfg(not(threadwork_loom))]
mod record;
#[cfg(not(threadwork_loom))]
mod reads;
#[cfg(not(threadwork_loom))]
mod spin;
#[cfg(threadwork_noise)]
mod noise;

#[cfg(not(threadwork_loom))]
#[path = "park/real.rs"]
mod twin;
#[cfg(threadwork_loom)]
#[path = "park/model.rs"]
mod twin;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::{mem, ptr};

pub use self::twin::{Inside, blocked_elsewhere, ends_of_waits, inside};
pub(crate) use self::twin::{
    Mutex, Shared, Spin, Word, back_off, const_new, has_passed, now, park, reads_begin, reads_end,
    real_only, set_thread_word, static_mutex, thread_word, unpark_filter, unpark_requeue, waits,
};
#[cfg(not(threadwork_loom))]
pub use self::twin::{be_helper, leave_queues, objects_locked, records_locked};
#[cfg(threadwork_loom)]
pub use self::twin::{let_time_pass, n_parked};
pub(crate) use self::{kept::Kept, label::Label};
use crate::waiting::Subject;

/// Names a queue: the address of the word of what is waited for.
///
/// So where a thread stands in a queue, there is a [`Word`] at the key's [address](Self::address).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(usize);

/// Set in the keys of queues whose threads are told more than to look again. Words are aligned, so no address has it.
const EXACT: usize = 1;

/// Set in keys that name no queue: who waits there is blocked by other means.
const ELSEWHERE: usize = 2;

impl Key {
    /// The queue of the object whose state is kept in `word`.
    ///
    /// Its threads may also be woken by the last wake-up of an older object at the same address.
    #[inline]
    pub(crate) fn of(word: &Word) -> Key {
        // The record of a wait reads the word through its address.
        Key(ptr::from_ref(word).expose_provenance())
    }

    /// The queue of an object that only wakes threads while it is alive, so that each wake-up there means what it says.
    #[inline]
    pub(crate) fn exact(word: &Word) -> Key {
        Key(Key::of(word).0 | EXACT)
    }

    /// What is waited for by other means than a queue; it is as aligned as a word.
    #[cfg(not(threadwork_loom))]
    pub(crate) fn elsewhere(address: usize) -> Key {
        Key(address | ELSEWHERE)
    }

    /// Whether there is a queue.
    #[cfg(not(threadwork_loom))]
    pub(crate) fn is_of_queue(self) -> bool {
        self.0 & ELSEWHERE == 0
    }

    pub(crate) fn from_number(number: usize) -> Key {
        Key(number)
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// Where the word is.
    pub(crate) fn address(self) -> usize {
        self.0 & !(EXACT | ELSEWHERE)
    }
}

/// A thread in a queue, as those see it who go through the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The word of the thread.
    pub(crate) thread: usize,
    /// What it wants; the meaning is the object's.
    pub(crate) amount: usize,
}

/// Where and for what a thread waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parking<'a> {
    pub(crate) key: Key,
    pub(crate) amount: usize,
    pub(crate) subject: &'a Subject,
}

/// What a thread that is woken is told.
///
/// Each meaning has a number of its own, so that a wake-up that was meant for an older object
/// at the same address is never taken for something that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(usize);

impl Token {
    /// Look again; nobody else is left in the queue.
    pub(crate) const RETRY: Token = Token(0);
    /// Look again; others are left in the queue, and whoever gets this owes them a wake-up.
    pub(crate) const RETRY_MORE: Token = Token(1);
    /// The lock is yours already.
    pub(crate) const HANDED_OVER: Token = Token(2);
    /// A stop was requested.
    pub(crate) const STOPPED: Token = Token(3);
    /// What a [value](Self::value) is added to.
    const VALUE: usize = 4;

    /// Look again.
    pub(crate) fn retry(found: Found) -> Token {
        if found.more { Token::RETRY_MORE } else { Token::RETRY }
    }

    /// A number with a meaning of the object's own.
    pub(crate) fn value(value: usize) -> Token {
        Token(Token::VALUE + value)
    }

    /// The number of a token that was made from one.
    pub(crate) fn to_value(self) -> usize {
        self.0 - Token::VALUE
    }
}

/// How a call of [`park`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parked {
    /// Somebody took the thread out of the queue.
    Woken(Token),
    /// `validate` said no: the thread has not waited.
    Invalid,
    /// The deadline passed; nobody had taken the thread out of the queue before.
    TimedOut,
}

/// What a waking thread learns of the queue, while it is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Threads taken out of the queue.
    pub(crate) woken: usize,
    /// Threads moved to the other queue.
    pub(crate) requeued: usize,
    /// Whether others are left.
    pub(crate) more: bool,
}

/// What to do with one thread of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Wake it.
    Wake,
    /// Leave it.
    Skip,
    /// Leave it and all that stand behind it.
    Stop,
}

/// What to do with the threads of one queue when another may take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requeue {
    /// Leave them.
    Nothing,
    /// Move all.
    MoveAll,
    /// Move the first and leave the others.
    MoveOne,
}

/// Wakes the first thread of a queue; `token` runs with the queue locked, also if nobody stands there.
pub(crate) fn unpark_one(key: Key, token: impl FnOnce(Found) -> Token) -> Found {
    let mut chosen = false;
    let first = |_| if mem::replace(&mut chosen, true) { Filter::Stop } else { Filter::Wake };
    unpark_filter(key, first, token)
}

/// Wakes all threads of a queue and says how many there were.
pub(crate) fn unpark_all(key: Key, token: Token) -> usize {
    unpark_filter(key, |_| Filter::Wake, |_| token).woken
}

/// Wakes one thread of a queue, named by its word, if it stands there.
///
/// The check runs while the queue is locked, so it finds the thread exactly if nobody has woken it yet.
pub(crate) fn unpark_thread(key: Key, thread: usize, token: Token) -> bool {
    let mut found = false;
    unpark_filter(
        key,
        |it| match (found, it.thread == thread) {
            (true, _) => Filter::Stop,
            (false, true) => {
                found = true;
                Filter::Wake
            }
            (false, false) => Filter::Skip,
        },
        |_| token,
    )
    .woken
        > 0
}
