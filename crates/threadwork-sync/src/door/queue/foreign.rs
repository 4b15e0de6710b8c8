//! Keeps our threads apart from those of other users of `parking_lot_core`. It has one table for the whole process, which also contains
//! the threads that wait for locks of `parking_lot` and of other crates built on it, each under the address of its lock.
//!
//! Their threads may wait at an address where an object of ours was, and the other way round. So our queues have numbers
//! that cannot be the address of any of their objects (with 32 bits: of any that is aligned as a word).
//!
//! Scenario "the foreign neighbour in the table" in docs/architecture.md.

use parking_lot_core::ParkToken;

use crate::door::Key;

/// Returns the number of a queue in the table.
///
/// With 64 bits, it is the inverted key: its upper bits are set, and no process has memory there. This holds even if an address has a tag
/// in its highest byte, because the bits below the tag are set too.
///
/// With 32 bits, memory may be anywhere, so the number is an address inside our word, which no word-aligned object can have.
/// An object that is not aligned can still be there once our word is gone: see [`is_ours`].
#[inline]
pub(super) fn number(key: Key) -> usize {
    if cfg!(target_pointer_width = "64") { !key.number() } else { key.number() | INSIDE }
}

/// Returns the key of the queue with this number in the table.
#[inline]
pub(super) fn key(number: usize) -> Key {
    Key::from_number(if cfg!(target_pointer_width = "64") { !number } else { number & !INSIDE })
}

/// A bit that neither the key of a queue nor the address of a word has.
const INSIDE: usize = 2;

/// Returns `true` if a thread that stands in one of our queues is ours. Our threads give the address of something on their stacks,
/// those of `parking_lot` a small number. Only with 32 bits can other threads stand there at all.
#[inline]
pub(super) fn is_ours(token: ParkToken) -> bool {
    const FIRST_PAGE: usize = 4096;
    cfg!(target_pointer_width = "64") || token.0 >= FIRST_PAGE
}

#[cfg(test)]
mod tests;
