//! The record of a blocked thread, which says what the thread waits for.
//!
//! Scenario "the record that is read while it is written" in docs/architecture.md.

#[cfg(threadwork_loom)]
mod model;
#[cfg(not(threadwork_loom))]
mod reads;
#[cfg(not(threadwork_loom))]
mod whose;
#[cfg(not(threadwork_loom))]
mod words;
#[cfg(not(threadwork_loom))]
mod slot;
#[cfg(not(threadwork_loom))]
mod slots;
#[cfg(not(threadwork_loom))]
mod trace;

#[cfg(threadwork_loom)]
pub use self::model::{blocked_elsewhere, ends_of_waits};
#[cfg(threadwork_loom)]
pub(crate) use self::model::{note_of_read, note_of_upgradable, reads_begin, reads_end};
#[cfg(not(threadwork_loom))]
pub(crate) use self::{
    reads::{ROOM, note_of_read, note_of_upgradable, reads_begin, reads_end},
    slot::Slot,
    slots::SLOTS,
    trace::Trace,
    words::{HeldBy, Seen, begin_epoch},
};
#[cfg(not(threadwork_loom))]
pub use self::{slots::ends_of_waits, trace::blocked_elsewhere, whose::be_helper};
#[cfg(all(test, not(threadwork_loom)))]
pub(crate) use self::{
    slots::{erase, write},
    words::KINDS,
};
