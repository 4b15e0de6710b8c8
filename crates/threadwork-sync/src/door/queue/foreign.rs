//! Who else uses the table of `parking_lot_core`: it has one for the whole process, and in it stand also the threads
//! that wait for the locks of `parking_lot` and of whoever else builds on it, each under the address of what it waits for.
//!
//! A thread of theirs may stand where an object of ours was that is gone, and the other way round. So our queues have numbers
//! which no object of theirs can have for an address.

use parking_lot_core::ParkToken;

use crate::door::Key;

/// The number of a queue in the table.
///
/// With 64 bits it is inverted: its upper bits are set, and no process has memory there. That holds too where an address has a tag
/// in its highest byte: those are not the only ones.
///
/// With 32 bits memory may be anywhere, so the number is an address inside our word, one that nothing has which is aligned as a word.
/// It remains that what is not aligned can be there once our word is gone: see [`is_ours`].
#[inline]
pub(super) fn number(key: Key) -> usize {
    if cfg!(target_pointer_width = "64") { !key.number() } else { key.number() | INSIDE }
}

/// The queue with this number in the table.
#[inline]
pub(super) fn key(number: usize) -> Key {
    Key::from_number(if cfg!(target_pointer_width = "64") { !number } else { number & !INSIDE })
}

/// No queue has this bit of a key, and no address of a word.
const INSIDE: usize = 2;

/// Whether a thread that stands in one of our queues is ours. Ours give the address of something on their stack,
/// those of `parking_lot` a small number, and others can stand there with 32 bits only.
#[inline]
pub(super) fn is_ours(token: ParkToken) -> bool {
    const FIRST_PAGE: usize = 4096;
    cfg!(target_pointer_width = "64") || token.0 >= FIRST_PAGE
}

#[cfg(test)]
mod tests;
