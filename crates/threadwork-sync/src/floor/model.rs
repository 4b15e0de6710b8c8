//! The floor of models: words, locks and time that loom explores.

use std::{cell::Cell, ops::Deref, sync::PoisonError, time::Instant};

pub(crate) use loom::sync::Arc;
use loom::sync::{MutexGuard, atomic::AtomicUsize};

macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility fn $($rest)*
    };
}
pub(crate) use const_new;

macro_rules! static_mutex {
    ($(#[$attribute:meta])* static $name:ident: Mutex<$type:ty> = $value:expr;) => {
        loom::lazy_static! {
            $(#[$attribute])* static ref $name: Mutex<$type> = $value;
        }
    };
}
pub(crate) use static_mutex;

macro_rules! real_only {
    ($($item:item)*) => {};
}
pub(crate) use real_only;

loom::thread_local! {
    static THREAD_WORD: Cell<usize> = Cell::new(0);
}

pub(crate) fn thread_word() -> usize {
    THREAD_WORD.with(Cell::get)
}

pub(crate) fn set_thread_word(word: usize) {
    THREAD_WORD.with(|it| it.set(word));
}

pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Only the model decides when time passes.
pub(crate) fn is_past(_: Instant) -> bool {
    false
}

/// A word whose drop loom checks: a use that is not ordered before the drop is an error of the model.
#[derive(Debug)]
pub(crate) struct Word(AtomicUsize);

impl Word {
    pub(crate) fn new(value: usize) -> Word {
        Word(AtomicUsize::new(value))
    }
}

impl Deref for Word {
    type Target = AtomicUsize;

    fn deref(&self) -> &AtomicUsize {
        &self.0
    }
}

impl Drop for Word {
    fn drop(&mut self) {
        // An exclusive access: every use of the word must have happened before it.
        self.0.with_mut(|_| ());
    }
}

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Models do not fork.
#[derive(Debug)]
pub struct Inside;

/// Does nothing: models have no gate.
#[must_use]
pub fn inside() -> Inside {
    Inside
}

/// Does not spin, because spinning adds executions and finds nothing.
#[derive(Debug)]
pub(crate) struct Spin;

impl Spin {
    pub(crate) fn new() -> Spin {
        Spin
    }

    pub(crate) fn spin(&mut self) -> bool {
        false
    }
}

pub(crate) fn back_off() {}
