//! What names a queue.

use std::ptr;

use crate::floor::Word;

/// Names a queue: the address of the word of what is waited for.
///
/// So where a thread stands in a queue, there is a [`Word`] at the key's [address](Self::address).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(usize);

/// Set in the keys of queues whose threads are told more than to look again. Words are aligned, so no address has it.
pub(crate) const EXACT: usize = 1;

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
