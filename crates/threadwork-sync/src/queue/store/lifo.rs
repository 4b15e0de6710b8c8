//! Last in, first out.

use std::mem;

use crate::queue::store::Store;

/// Items of which the one that was put last is taken first.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
#[derive(Debug)]
pub struct Lifo<T>(Vec<T>);

impl<T> Lifo<T> {
    pub(in crate::queue) const fn new() -> Lifo<T> {
        Lifo(Vec::new())
    }
}

impl<T> Store for Lifo<T> {
    type Item = T;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn push(&mut self, item: &mut Option<T>) {
        self.0.extend(item.take());
    }

    #[inline]
    fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    fn take_all(&mut self) -> Vec<T> {
        let mut items = mem::take(&mut self.0);
        items.reverse();
        items
    }
}
