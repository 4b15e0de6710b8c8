//! How much a call takes.

use std::num::NonZero;

use crate::queue::store::Store;

/// How much a call takes.
pub(in crate::queue) trait Take<S: Store>: Copy {
    type Taken;

    /// Takes at least one and at most `there` items; `None` if none is ready.
    fn take(self, store: &mut S, there: usize) -> Option<Self::Taken>;
}

/// Takes one item.
#[derive(Clone, Copy, Debug)]
pub(in crate::queue) struct One;

impl<S: Store> Take<S> for One {
    type Taken = S::Item;

    #[inline]
    fn take(self, store: &mut S, _: usize) -> Option<S::Item> {
        store.pop()
    }
}

/// Takes all that are there, up to a number.
#[derive(Clone, Copy, Debug)]
pub(in crate::queue) struct AtMost(pub(in crate::queue) NonZero<usize>);

impl<S: Store> Take<S> for AtMost {
    type Taken = Vec<S::Item>;

    fn take(self, store: &mut S, there: usize) -> Option<Vec<S::Item>> {
        let first = store.pop()?;
        let most = there.min(self.0.get());
        let mut items = Vec::with_capacity(most);
        items.push(first);
        items.extend((1..most).map_while(|_| store.pop()));
        Some(items)
    }
}
