//! The door: the one module that blocks a thread.
//!
//! A blocked thread stands in the queue of a [`Key`], which is the address of the object that it waits for.
//! Its place there is the record of the wait ([`Subject`]), so every blocking operation comes through here and is seen while it blocks.
//!
//! # Contract of the callbacks
//!
//! `validate`, `gave_up`, `filter` and `token` run while the queue is locked.
//! They come from this crate only, and each is a few loads and read-modify-writes of the object's word:
//! they do not unwind, do not call the door again, and run no user code.
//! This contract makes the functions here safe to call. Every new primitive has to keep it.
//!
//! # Why the address is enough
//!
//! A key is compared and never dereferenced. An event, a latch, a barrier, a semaphore or a condition stores its word and then wakes threads
//! by key alone, so its next owner may free the object between the two steps ([`Kept`](crate::floor::Kept) says what else that takes).
//! A lock is borrowed by its release until the release returns.
//!
//! The price is that a wake-up may reach a thread that waits for a newer object at the same address: every wait is a loop around its own
//! condition.
//!
//! Scenarios "the lock that is freed by its next owner" and "the address that somebody else has now" in docs/architecture.md.
//!
//! # Twins
//!
//! Under `--cfg threadwork_loom` the same queues run over the floor of the model. Only the reading of records is left out.

mod key;
mod subject;
mod label;
mod observer;
mod reads;
mod bucket;
mod queue;
mod waits;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(threadwork_loom)]
pub use self::bucket::n_parked;
pub(crate) use self::{
    bucket::{Filter, Found, Parked, Parking, Requeue, Signal, Sort, Ticket, Token, Until},
    key::Key,
    label::Label,
    queue::{
        Few, HandOver, LastingWatch, TaskPlace, Watched, look_before, park, spin_before,
        unpark_all, unpark_filter, unpark_one, unpark_requeue, watch_any, with_locked,
    },
    reads::{note_of_read, note_of_upgradable, reads_begin, reads_end, reads_here},
    subject::{Holder, NextLock},
    waits::{Claim, DRAIN},
};
pub use self::{
    bucket::{IDLE, be_helper, is_helper},
    observer::{Observer, Waited, observe, stop_observing},
    queue::blocked_elsewhere,
    subject::{Subject, WaitKind},
    waits::{Fill, Waiter, Waiting, WaitingThread, waits},
};
#[cfg(not(threadwork_loom))]
pub use self::{
    bucket::{be_idle, go_on_as},
    queue::{ends_of_waits, native_ids_in_waits},
};
