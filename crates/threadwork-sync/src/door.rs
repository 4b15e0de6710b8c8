//! The door: the one module that blocks a thread.
//!
//! A blocked thread stands in the queue of a [`Key`], the address of the object it waits for.
//! Nobody else in this crate names `parking_lot_core`, so whatever blocks goes through here and leaves a record ([`Subject`]) while it does.
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
//! by key alone, so the next owner may free the object between the two ([`Kept`](crate::floor::Kept) says what else that takes).
//! A lock is borrowed by its release until that returns. The price is that a wake-up may reach a thread
//! that waits for a newer object at the same address: every wait is a loop around its own condition.
//! It never reaches a thread that waits for an object of others who use `parking_lot_core` too, nor is one of ours woken by them:
//! the numbers of our queues in its table are no addresses.
//!
//! # Twins
//!
//! Under `--cfg threadwork_loom` the queues are those of a model, and no records are left. Both twins offer the same names.

mod key;
mod subject;
mod label;
mod observer;
mod record;
mod queue;
mod waits;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use self::key::EXACT;
#[cfg(threadwork_loom)]
pub use self::queue::{let_time_pass, n_parked};
pub(crate) use self::{
    key::Key,
    label::Label,
    queue::{
        Filter, Found, Parked, Parking, Requeue, Ticket, Token, park, unpark_all, unpark_filter,
        unpark_one, unpark_requeue, unpark_thread,
    },
    record::{note_of_read, note_of_upgradable, reads_begin, reads_end},
    subject::{Holder, NextLock},
    waits::{Claim, DRAIN},
};
pub use self::{
    observer::{Observer, Waited, observe, stop_observing},
    record::{blocked_elsewhere, ends_of_waits},
    subject::{Subject, WaitKind},
    waits::{Waiting, WaitingThread, waits},
};
#[cfg(not(threadwork_loom))]
pub use self::{
    record::be_helper,
    waits::{leave_queues, records_locked},
};
