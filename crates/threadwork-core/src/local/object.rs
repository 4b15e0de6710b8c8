//! [`Local`]: an object with one value for each thread.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use super::{lazy_values::LazyValues, local_ref::LocalIter, value::Using};
use crate::error::AccessError;

/// Holds a separate value for each thread that uses it.
///
/// It is an object: it can be a `static`, a local variable, or a field of a struct with many instances.
/// The first use in a thread creates that thread's value, with the function that was passed to [`new`](Self::new).
/// A value is dropped when its thread ends or when the object is dropped, whichever is first. No thread sees the value of another thread
/// except through [`iter`](Self::iter). It works in the main thread, in threads of this library and in foreign threads.
///
/// A `Local` of a [`Cell`](std::cell::Cell) or a [`RefCell`](std::cell::RefCell) has the cell's methods, like `std`'s `LocalKey`.
/// A value must be `Send`: the thread that drops the object drops the values of all threads.
///
/// # When a thread ends
///
/// Its values are dropped, the youngest first, before a join returns. Meanwhile the remaining values can be used, but no new ones are
/// created: [`try_with`](Self::try_with) returns an [`AccessError`]. If such a drop panics, the panic hook reports it, and the other values
/// are still dropped.
///
/// # In an allocator
///
/// Creating a value allocates memory, so a global allocator cannot use a `Local`. It can use `std::thread_local!` with `const`.
///
/// # Differences from Python
///
/// * It holds one value of one type instead of attributes. A function computes the initial value, as in a subclass with `__init__`.
/// * Dropping the object drops the values of all threads; in Python this happens once they are collected.
/// * [`inheritable`](Self::inheritable), [`iter`](Self::iter) and [`remove`](Self::remove) have no counterpart in Python.
///
/// # Differences from `std::thread_local!`
///
/// * Any number of objects can be created at run time and passed around by reference.
/// * A value whose drop panics does not end the program.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::cell::Cell;
/// use threadwork::{Local, MyThread};
///
/// static CALLS: Local<Cell<u32>> = Local::new(|| Cell::new(0));
///
/// fn count() -> u32 {
///     CALLS.set(CALLS.get() + 1);
///     CALLS.get()
/// }
///
/// count();
/// assert_eq!(count(), 2);
/// let thread = MyThread::new(count);
/// thread.start()?;
/// assert_eq!(thread.wait_result()?, &1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// In a field, with a closure of any kind:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::cell::RefCell;
/// use threadwork::Local;
///
/// struct Parser<F> {
///     buffer: Local<RefCell<Vec<u8>>, F>,
/// }
///
/// let size = 100;
/// let parser = Parser { buffer: Local::new(move || RefCell::new(Vec::with_capacity(size))) };
/// parser.buffer.with_borrow_mut(|buffer| buffer.push(1));
/// assert!(parser.buffer.with_borrow(|buffer| buffer.capacity() >= 100));
/// ```
pub struct Local<T, F = fn() -> T> {
    pub(super) values: LazyValues<T>,
    init: F,
}

// Like `LocalKey`: a value that a panic left half-changed is seen only by its own thread, which knows of the panic.
impl<T, F: UnwindSafe> UnwindSafe for Local<T, F> {}
impl<T, F: RefUnwindSafe> RefUnwindSafe for Local<T, F> {}

impl<T: Send + 'static, F: Fn() -> T> Local<T, F> {
    /// Creates an object whose values are created by `init`, each at the first use in its thread.
    ///
    /// If `init` panics, there is no value, and the next use calls `init` again. It must not use the same object.
    #[must_use]
    pub const fn new(init: F) -> Local<T, F> {
        Local { values: LazyValues::new(None), init }
    }

    /// Creates an object whose value in a new thread is computed by `inherit` from the starting thread's value.
    ///
    /// This applies to threads that this library starts. If the starting thread has no value, nothing is inherited, and `init` creates a
    /// value at the first use. `inherit` runs during the start, in the thread that calls it. If it panics, the panic is passed on to that
    /// caller; the thread is not started, and can still be. `inherit` is a function, or a closure that captures nothing.
    ///
    /// The new thread has all its inherited values before any user code runs there. If an object has been dropped by then, the value
    /// computed for it is dropped right afterwards, in the new thread. That drop may use the other values. If it panics, the panic hook
    /// reports it, and it has no other effect.
    ///
    /// # Differences from Python
    ///
    /// * Python uses a `Context` for this; a thread gets a copy of it when it is started. Java has `InheritableThreadLocal`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Local, MyThread};
    ///
    /// static PATH: Local<String> =
    ///     Local::inheritable(|| "main".to_owned(), |parent| format!("{parent}/child"));
    ///
    /// assert_eq!(PATH.with(String::len), 4);
    /// let thread = MyThread::new(|| PATH.with(String::clone));
    /// thread.start()?;
    /// assert_eq!(thread.wait_result()?, "main/child");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn inheritable(init: F, inherit: fn(&T) -> T) -> Local<T, F> {
        Local { values: LazyValues::new(Some(inherit)), init }
    }

    /// Calls `f` with this thread's value. Creates the value if there is none.
    ///
    /// Calls may be nested, even for the same object.
    ///
    /// # Panics
    ///
    /// Panics if the values of this thread have been dropped, or are being dropped and this object has none
    /// ([`try_with`](Self::try_with) does not panic then), and if the function that creates the value uses the value itself.
    #[inline]
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        match self.values.find() {
            Some(value) => f(&value),
            None => f(&self.make().expect(GONE)),
        }
    }

    /// Calls `f` with this thread's value. Creates the value if there is none.
    ///
    /// # Errors
    ///
    /// Returns [`AccessError`] if the values of this thread have been dropped, or are being dropped and this object has none.
    ///
    /// # Panics
    ///
    /// Panics if the function that creates the value uses the value itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// # use threadwork_sync::Event;
    /// use threadwork::Local;
    ///
    /// static DEPTH: Local<u32> = Local::new(|| 7);
    /// # static DROPPED: Event = Event::new();
    ///
    /// struct Last;
    ///
    /// impl Drop for Last {
    ///     fn drop(&mut self) {
    ///         assert!(DEPTH.try_with(|_| ()).is_err());
    /// #       DROPPED.set();
    ///     }
    /// }
    ///
    /// static LAST: Local<Last> = Local::new(|| Last);
    ///
    /// std::thread::spawn(|| {
    ///     LAST.with(|_| ());
    ///     assert_eq!(DEPTH.try_with(|depth| *depth), Ok(7));
    ///     // At the end `DEPTH` is dropped first, because it is younger.
    /// })
    /// .join()
    /// .unwrap();
    /// # assert!(DROPPED.is_set());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_with<R>(&self, f: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        match self.values.find() {
            Some(value) => Ok(f(&value)),
            None => self.make().map(|value| f(&value)),
        }
    }

    #[cold]
    #[track_caller]
    fn make(&self) -> Result<Using<'_, T>, AccessError> {
        self.values.make(&self.init)
    }
}

impl<T: Send + 'static, F> Local<T, F> {
    /// Drops this thread's value, so that the next use creates a new one. Returns `false` if there is none.
    ///
    /// A value that is in use by a [`with`](Self::with) is dropped when that call ends.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::cell::Cell;
    ///
    /// let local = threadwork::Local::new(|| Cell::new(1));
    /// local.set(2);
    /// assert!(local.remove());
    /// assert_eq!(local.get(), 1);
    /// ```
    pub fn remove(&self) -> bool {
        self.values.remove()
    }

    /// Iterates over the values of all threads that have one at this moment, in order of the threads' numbers.
    ///
    /// The iterator and its items keep the values alive: if a value's thread ends in the meantime, the value is dropped after them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// # use threadwork_sync::Event;
    /// use threadwork::{Local, Thread};
    ///
    /// static HITS: Local<AtomicU32> = Local::new(|| AtomicU32::new(0));
    /// static COUNTED: Event = Event::new();
    /// static ENOUGH: Event = Event::new();
    ///
    /// let thread = Thread::new(|| {
    ///     HITS.with(|hits| hits.fetch_add(2, Ordering::Relaxed));
    ///     COUNTED.set();
    ///     ENOUGH.wait();
    /// });
    /// thread.start()?;
    /// COUNTED.wait();
    /// HITS.with(|hits| hits.fetch_add(1, Ordering::Relaxed));
    /// assert_eq!(HITS.iter().map(|hits| hits.load(Ordering::Relaxed)).sum::<u32>(), 3);
    /// ENOUGH.set();
    /// thread.join()?;
    /// assert_eq!(HITS.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> LocalIter<'_, T>
    where
        T: Sync,
    {
        let values = self.values.look(|by_thread| by_thread.values().cloned().collect());
        LocalIter::new(values.unwrap_or_default())
    }
}

impl<T, F> Local<T, F> {
    /// Returns the number of threads that have a value at this moment.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.look(|by_thread| by_thread.len()).unwrap_or(0)
    }

    /// Returns `true` if no thread has a value at this moment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The panic message for a use of a value after the thread's values were dropped.
pub(super) const GONE: &str =
    "the values of this thread have already been dropped; use `try_with` in destructors";

impl<T: Default + Send + 'static> Default for Local<T> {
    /// Creates an object whose values are created by `T::default`.
    fn default() -> Self {
        Local::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for Local<T, F> {
    /// Shows this thread's value. Does not create one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Local");
        match self.values.find() {
            Some(value) => debug.field("value", &&*value),
            None => debug.field("value", &format_args!("<none>")),
        };
        debug.field("len", &self.len()).finish_non_exhaustive()
    }
}
