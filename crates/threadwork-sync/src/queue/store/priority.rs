//! The lowest first.

use crate::queue::store::{Store, heap::Heap};

/// Items of which the lowest is taken first. Compares them, which is code of the user.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
#[derive(Debug)]
pub struct Priority<T>(Heap<T>);

impl<T> Priority<T> {
    pub(in crate::queue) const fn new() -> Priority<T> {
        Priority(Heap::new())
    }
}

impl<T: Ord> Store for Priority<T> {
    type Item = T;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn push(&mut self, item: &mut Option<T>) {
        self.0.push(item);
    }

    fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    fn take_all(&mut self) -> Vec<T> {
        self.0.take_all()
    }
}
