//! Each item at its time.

use std::{cmp, time::Instant};

use crate::{
    floor,
    queue::store::{Store, heap::Heap},
    wait::Deadline,
};

/// Items that can be taken from their due time on, the earliest first.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
#[derive(Debug)]
pub struct Delay<T>(Heap<Due<T>>);

/// An item and when it is due.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
#[derive(Debug)]
pub struct Due<T> {
    pub(in crate::queue) at: Deadline,
    pub(in crate::queue) item: T,
}

impl<T> Due<T> {
    /// What is never due comes last.
    fn key(&self) -> (bool, Option<Instant>) {
        (self.at == Deadline::NEVER, self.at.instant())
    }
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Due<T>) -> bool {
        self.at == other.at
    }
}

impl<T> Eq for Due<T> {}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Due<T>) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Due<T> {
    fn cmp(&self, other: &Due<T>) -> cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<T> Delay<T> {
    pub(in crate::queue) const fn new() -> Delay<T> {
        Delay(Heap::new())
    }
}

impl<T> Store for Delay<T> {
    type Item = Due<T>;

    const IS_TIMED: bool = true;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn push(&mut self, item: &mut Option<Due<T>>) {
        self.0.push(item);
    }

    fn pop(&mut self) -> Option<Due<T>> {
        self.next_due().filter(|it| floor::is_past(*it)).and_then(|_| self.0.pop())
    }

    fn take_all(&mut self) -> Vec<Due<T>> {
        self.0.take_all()
    }

    fn next_due(&self) -> Option<Instant> {
        self.0.first()?.at.instant()
    }
}
