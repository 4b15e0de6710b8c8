//! First in, first out.

use std::{collections::VecDeque, mem};

use crate::queue::store::Store;

/// Items in the order in which they were put.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
#[derive(Debug)]
pub struct Fifo<T>(VecDeque<T>);

impl<T> Fifo<T> {
    pub(in crate::queue) const fn new() -> Fifo<T> {
        Fifo(VecDeque::new())
    }
}

impl<T> Store for Fifo<T> {
    type Item = T;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn push(&mut self, item: &mut Option<T>) {
        if let Some(item) = item.take() {
            self.0.push_back(item);
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    fn take_all(&mut self) -> Vec<T> {
        mem::take(&mut self.0).into()
    }
}
