//! What all kinds of queues are.

use crate::queue::{engine::Engine, store::Store};

/// A queue of any kind: what the [sender](crate::Sender), the [receiver](crate::Receiver), the iterator and the futures have in common.
///
/// The trait cannot be implemented outside of this library.
#[expect(unnameable_types, reason = "only the objects of this crate implement it")]
pub trait AnyQueue {
    /// What is put and taken.
    type Item;

    /// Where the items are.
    #[doc(hidden)]
    type Store: Store;

    #[doc(hidden)]
    fn engine(&self) -> &Engine<Self::Store>;

    /// Returns the item in what the store has.
    #[doc(hidden)]
    fn item(stored: <Self::Store as Store>::Item) -> Self::Item;
}
