//! What is between the two ends of a queue: its items, in some order.

use std::time::Instant;

mod fifo;
mod lifo;
mod heap;
mod priority;
mod delay;

pub(super) use self::{
    delay::{Delay, Due},
    fifo::Fifo,
    lifo::Lifo,
    priority::Priority,
};

/// The items of a queue. The lock of the queue is held while it is used.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
pub trait Store {
    /// What is put and taken.
    type Item;

    /// Whether an item may be there and not be ready yet.
    const IS_TIMED: bool = false;

    /// Returns the number of items.
    fn len(&self) -> usize;

    /// Adds the item, which is there. If the code of the user that this runs panics, nothing has changed, and the item is still there.
    fn push(&mut self, item: &mut Option<Self::Item>);

    /// Takes the next item, if one is ready. If the code of the user that this runs panics, nothing has changed.
    fn pop(&mut self) -> Option<Self::Item>;

    /// Takes all items.
    fn take_all(&mut self) -> Vec<Self::Item>;

    /// Returns when the next item is ready. Only for stores that are timed.
    fn next_due(&self) -> Option<Instant> {
        None
    }
}
