//! The re-entrant lock that guards a value.
#![expect(unsafe_code, reason = "sharing the value needs no more than that it may be sent")]

use std::{fmt, marker::PhantomData, num::NonZeroU64, ops::Deref, time::Duration};

use crate::{
    error::WaitError,
    floor::const_new,
    forms::Blocking,
    lock::guarded::{constructors, guard, guarded_forms, released},
    wait::Wait,
};

mod raw;

pub use self::raw::RawRLock;

/// A value that one thread at a time may use, and that thread as often as it likes.
///
/// The holder may have several [guards](RLockGuard), so they give the value by shared reference;
/// what shall change goes into a `Cell` or a `RefCell`. A lock takes 40 bytes beside its value, a name included.
///
/// # Happens-before
///
/// What a thread did before its last guard ended is seen by the next thread that acquires the lock.
///
/// # Differences from Python
///
/// * It guards a value, and only the thread that acquired it can release it: the guard stays there.
///   [`RawRLock`] is Python's `RLock`.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::cell::RefCell;
/// use threadwork::RLock;
///
/// struct Account {
///     log: RLock<RefCell<Vec<&'static str>>>,
/// }
///
/// impl Account {
///     fn note(&self, text: &'static str) {
///         self.log.acquire().borrow_mut().push(text);
///     }
///
///     fn transfer(&self) {
///         let _both_or_none = self.log.acquire();
///         self.note("out");
///         self.note("in");
///     }
/// }
///
/// let account = Account { log: RLock::default() };
/// account.transfer();
/// assert_eq!(*account.log.acquire().borrow(), ["out", "in"]);
/// ```
///
/// A guard cannot go to another thread:
///
/// ```compile_fail,E0277
/// # use threadwork_sync as threadwork;
/// let lock = threadwork::RLock::new(0);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(guard));
/// });
/// ```
pub struct RLock<T: ?Sized> {
    raw: RawRLock,
    value: T,
}

// SAFETY: one thread at a time reaches the value, and only by shared reference, which needs `T: Send` and no more.
unsafe impl<T: ?Sized + Send> Sync for RLock<T> {}

constructors!(RLock, RawRLock);

impl<T> RLock<T> {
    /// A lock around `value` with the fairness and the name of `raw`.
    #[must_use]
    pub const fn from_raw(raw: RawRLock, value: T) -> RLock<T> {
        RLock { raw, value }
    }

    /// The value, by value: nobody else can have the lock.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: ?Sized> RLock<T> {
    /// The value, without acquiring: nobody else can have the lock.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Whether it is handed over in order of arrival.
    #[must_use]
    pub fn is_fair(&self) -> bool {
        self.raw.is_fair()
    }

    /// Whether somebody holds it; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    /// Whether the current thread holds it.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.raw.is_owned()
    }

    /// The number of the thread that holds it, or that ended while it did.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        self.raw.holder()
    }

    /// How many guards the current thread has.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.raw.depth()
    }

    guarded_forms! {
        RLockGuard, |lock| lock.raw;

        /// Acquires the lock, and waits for it as long as it takes unless the current thread is the holder.
        ///
        /// # Panics
        ///
        /// If the holder acquires it more often than can be counted.
        x: acquire;

        /// Acquires the lock if it is free or the current thread is the holder.
        ///
        /// # Panics
        ///
        /// As [`acquire`](Self::acquire).
        try_x: try_acquire;

        /// Acquires the lock within `timeout`.
        ///
        /// # Errors
        ///
        /// [`WaitError::TimedOut`].
        ///
        /// # Panics
        ///
        /// As [`acquire`](Self::acquire).
        x_timeout: acquire_timeout;

        /// Acquires the lock unless `wait` ends first.
        ///
        /// # Errors
        ///
        /// What ended the wait.
        ///
        /// # Panics
        ///
        /// As [`acquire`](Self::acquire).
        x_with: acquire_with;
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RLock<T> {
    /// Never blocks: a value that is in use elsewhere shows as `<locked>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RLock");
        debug
            .field("name", &self.name())
            .field("holder", &self.holder())
            .field("depth", &self.depth());
        match self.raw.peek() {
            Some(_peek) => debug.field("value", &&self.value),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

const_new! {
    /// A free lock for the library's own use: nobody is told of it, and it is in no statistics.
    #[must_use]
    pub const fn own_rlock<T>(name: &'static str, value: T) -> RLock<T> {
        RLock::from_raw(RawRLock::internal(name), value)
    }
}

guard! {
    /// The right to use the value of an [`RLock`]; the end of the holder's last one releases the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lock = threadwork::RLock::new(7);
    /// let outer = lock.acquire();
    /// let inner = lock.acquire();
    /// assert_eq!(lock.depth(), 2);
    /// drop(outer);
    /// assert_eq!(*inner, 7);
    /// assert!(lock.is_owned());
    /// ```
    RLockGuard of RLock;
    value: |lock| &lock.value;
    release: |lock| released(lock.raw.release_owned());
}

// SAFETY: sharing a guard shares `&T` and nothing else.
unsafe impl<T: ?Sized + Sync> Sync for RLockGuard<'_, T> {}

impl<T: ?Sized> RLockGuard<'_, T> {
    pub(crate) fn raw(&self) -> &RawRLock {
        &self.lock.raw
    }
}
