//! The floor of real programs.

use std::{
    cell::Cell,
    sync::{MutexGuard, PoisonError},
    time::Instant,
};

/// The word that holds the state of a primitive.
#[cfg(threadwork_noise)]
pub(crate) use crate::floor::noise::Word;
/// Shared ownership of an object with a [`Word`], whose drop the model has to order.
pub(crate) use std::sync::Arc;
#[cfg(not(threadwork_noise))]
pub(crate) use std::sync::atomic::AtomicUsize as Word;

/// Declares a constructor that is `const`, except in models, whose words cannot be created at compile time.
macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility const fn $($rest)*
    };
}
pub(crate) use const_new;

/// Declares a process-wide lock.
macro_rules! static_mutex {
    ($(#[$attribute:meta])* static $name:ident: Mutex<$type:ty> = $value:expr;) => {
        $(#[$attribute])* static $name: Mutex<$type> = $value;
    };
}
pub(crate) use static_mutex;

/// Declares items that models do not have.
macro_rules! real_only {
    ($($item:item)*) => { $($item)* };
}
pub(crate) use real_only;

thread_local! {
    static THREAD_WORD: Cell<usize> = const { Cell::new(0) };
}

/// Returns the word that names the current thread; zero until the thread has a number.
#[inline]
pub(crate) fn thread_word() -> usize {
    THREAD_WORD.get()
}

pub(crate) fn set_thread_word(word: usize) {
    THREAD_WORD.set(word);
}

/// Returns the current time of the monotonic clock.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns `true` if `instant` is not in the future.
pub(crate) fn is_past(instant: Instant) -> bool {
    instant <= now()
}

/// A lock for the few lists inside this crate. It is never held while user code runs or a thread waits.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
