//! The key of a queue.

use std::ptr;

use crate::floor::Word;

/// Names a queue: the address of the word of the object that threads wait for.
///
/// So if a thread stands in a queue, there is a [`Word`] at the key's [address](Self::address).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(usize);

/// Set in the keys of queues whose wake-ups mean more than "look again". Words are aligned, so no address has this bit.
pub(crate) const EXACT: usize = 1;

/// Set in keys that name no queue: the thread is blocked by other means.
const ELSEWHERE: usize = 2;

impl Key {
    /// Returns the key of the object whose state is kept in `word`.
    ///
    /// The last wake-up of an older object at the same address may also wake threads of this queue.
    #[inline]
    pub(crate) fn of(word: &Word) -> Key {
        // A reader of records reads the word through its address.
        Key(ptr::from_ref(word).expose_provenance())
    }

    /// Returns the key of an object that only wakes threads while it is alive, so each wake-up in this queue means what it says.
    ///
    /// Scenario "the address that somebody else has now" in docs/architecture.md.
    #[inline]
    pub(crate) fn exact(word: &Word) -> Key {
        Key(Key::of(word).0 | EXACT)
    }

    /// Returns the key of something that a thread waits for outside of queues. The address is as aligned as a word.
    pub(crate) fn elsewhere(address: usize) -> Key {
        Key(address | ELSEWHERE)
    }

    /// Returns `true` if the key names a queue.
    pub(crate) fn is_of_queue(self) -> bool {
        self.0 & ELSEWHERE == 0
    }

    pub(crate) fn from_number(number: usize) -> Key {
        Key(number)
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// Returns the address of the word.
    pub(crate) fn address(self) -> usize {
        self.0 & !(EXACT | ELSEWHERE)
    }
}
