//! The floor of real programs.
#![expect(unsafe_code, reason = "the child of a fork replaces locks that nobody can release")]

pub(crate) use std::sync::MutexGuard;
use std::{
    cell::{Cell, UnsafeCell},
    sync::PoisonError,
    time::Instant,
};

pub(crate) mod fence;
#[cfg(threadwork_noise)]
mod noise;

/// The word that holds the state of a primitive.
#[cfg(threadwork_noise)]
pub(crate) use self::noise::Byte;
#[cfg(threadwork_noise)]
pub use self::noise::Word;
/// Shared ownership of an object with a [`Word`], whose drop the model has to order.
pub use std::sync::Arc;
/// A small word beside it.
#[cfg(not(threadwork_noise))]
pub(crate) use std::sync::atomic::AtomicU8 as Byte;
#[cfg(not(threadwork_noise))]
pub use std::sync::atomic::AtomicUsize as Word;

/// Stores zero in the word of a lock that the current thread holds: the next holder sees what this one did before.
#[inline]
pub(crate) fn free_by_store(word: &Word) {
    word.store(0, std::sync::atomic::Ordering::Release);
}

/// Declares a constructor that is `const`, except in models, whose words cannot be created at compile time.
macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility const fn $($rest)*
    };
}
pub(crate) use const_new;

/// Declares a process-wide value.
macro_rules! process_wide {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        $(#[$attribute])* static $name: $type = $value;
    };
}
pub(crate) use process_wide;

/// The number of buckets of queues. With 64 bytes each they take 64 KiB, which the system provides when they are first used.
pub(crate) const BUCKETS: usize = 1024;

/// Creates all buckets.
macro_rules! buckets {
    ($bucket:expr) => {
        [const { $bucket }; crate::floor::BUCKETS]
    };
}
pub(crate) use buckets;

/// Returns the number of the bucket of a key (Fibonacci hashing: D. E. Knuth, "The Art of Computer Programming", volume 3, section 6.4).
#[inline]
pub(crate) fn bucket_of(key: usize) -> usize {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    ((key as u64).wrapping_mul(GOLDEN) >> (u64::BITS - BUCKETS.ilog2())) as usize
}

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
#[must_use]
#[inline]
pub fn now() -> Instant {
    Instant::now()
}

/// Returns `true` if `instant` is not in the future.
pub(crate) fn is_past(instant: Instant) -> bool {
    instant <= now()
}

/// A value that is protected by a lock outside of it.
#[derive(Debug)]
pub(crate) struct Protected<T>(UnsafeCell<T>);

impl<T> Protected<T> {
    pub(crate) const fn new(value: T) -> Self {
        Protected(UnsafeCell::new(value))
    }

    /// Returns the value.
    ///
    /// # Safety
    ///
    /// The current thread holds the lock, or no other thread knows of this; and there is no other reference to the value.
    #[inline]
    #[expect(clippy::mut_from_ref, reason = "the caller promises that there is no other reference")]
    pub(crate) unsafe fn get(&self) -> &mut T {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.0.get() }
    }
}

/// A lock for the few lists inside this crate. It is never held while user code runs or a thread waits.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(std::sync::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process-wide lock that the child of a fork replaces, because another thread may have held it.
pub(crate) struct Renewable<T>(UnsafeCell<Mutex<T>>);

// SAFETY: it gives out the inner lock by shared reference only, which is `Sync` for such a `T`.
unsafe impl<T: Send> Sync for Renewable<T> {}

impl<T> Renewable<T> {
    pub(crate) const fn new(value: T) -> Self {
        Renewable(UnsafeCell::new(Mutex::new(value)))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // SAFETY: only `renew` writes to the cell, while no thread uses it.
        let lock = unsafe { &*self.0.get() };
        lock.lock()
    }

    /// Replaces the lock by a free one. The old value is leaked, because another thread may have been changing it.
    ///
    /// # Safety
    ///
    /// The current thread is the only one of the process, and does not hold the lock.
    pub(crate) unsafe fn renew(&self, value: T) {
        // SAFETY: by the caller's promise, no thread uses the cell.
        unsafe { self.0.get().write(Mutex::new(value)) };
    }
}
