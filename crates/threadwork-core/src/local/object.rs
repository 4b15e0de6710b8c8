//! A value for each thread, as an object.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use super::{lazy_values::LazyValues, local_ref::LocalRef, value::Using};
use crate::error::AccessError;

/// A value of its own for each thread that asks.
///
/// It is an object: it can be a `static`, a local variable, or a field of a struct of which there are many.
/// The first use in a thread makes that thread's value with the function that the object was made with.
/// A value is dropped when its thread ends or when the object is dropped, whichever is first, and no thread ever sees the value of another one
/// but through [`iter`](Self::iter). It works alike in the main thread, in threads of this library and in those that others have started.
///
/// A `Local` of a [`Cell`](std::cell::Cell) or a [`RefCell`](std::cell::RefCell) has the methods of what is inside, as `std`'s `LocalKey` has.
/// A value has to be `Send`: whoever drops the object drops the values of all threads.
///
/// # When a thread ends
///
/// Its values are dropped, the youngest first, before a join returns. While this goes on, those that are left can be used, but no new ones are made:
/// [`try_with`](Self::try_with) gives an [`AccessError`]. A panic of such a drop is reported by the panic hook, and the others are dropped still.
///
/// # In an allocator
///
/// To make a value takes memory, so a global allocator cannot use one; `std::thread_local!` with `const` can.
///
/// # Differences from Python
///
/// * It holds one value of one type, not attributes; what it starts with is computed by a function, as in a subclass with `__init__`.
/// * The object's end drops the values of all threads, as Python's does once they are collected.
/// * [`inheritable`](Self::inheritable), [`iter`](Self::iter) and [`remove`](Self::remove) have no counterpart there.
///
/// # Differences from `std::thread_local!`
///
/// * There can be any number of objects, made at run time, and each is passed about by reference.
/// * A value that panics in its drop does not end the program.
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

// As `LocalKey`: what a panic leaves half done is seen by its own thread, which knows of it.
impl<T, F: UnwindSafe> UnwindSafe for Local<T, F> {}
impl<T, F: RefUnwindSafe> RefUnwindSafe for Local<T, F> {}

impl<T: Send + 'static, F: Fn() -> T> Local<T, F> {
    /// An object whose values are made by `init`, each at the first use in its thread.
    ///
    /// If `init` panics, there is no value, and the next use calls it again. It must not use the same object.
    #[must_use]
    pub const fn new(init: F) -> Local<T, F> {
        Local { values: LazyValues::new(None), init }
    }

    /// An object of whose values a new thread gets one that `inherit` computes from that of the thread that starts it.
    ///
    /// This goes for threads that this library starts. If the starting thread has no value, nothing is passed on, and `init` makes one when it is needed.
    /// `inherit` runs within the start, in the thread that calls it; if it panics, the panic leaves the start,
    /// and the thread is not started, and can be. It is a function, or a closure that captures nothing.
    ///
    /// The new thread has all that it inherits before any code of others runs there. If an object is gone by then, so is what was computed for it:
    /// that is dropped right after, in the new thread, and may use the values of the others. A panic of that is reported by the panic hook, and nobody else's.
    ///
    /// # Differences from Python
    ///
    /// * Python has a `Context` for this, of which a thread gets a copy when it is started. Java has `InheritableThreadLocal`.
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

    /// Calls `f` with this thread's value, which is made if there is none.
    ///
    /// Calls may be nested, also of the same object.
    ///
    /// # Panics
    ///
    /// In a thread whose values are dropped already ([`try_with`](Self::try_with) does not panic there),
    /// and if the function that makes the value needs the value itself.
    #[inline]
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        match self.values.find() {
            Some(value) => f(&value),
            None => f(&self.make().expect(GONE)),
        }
    }

    /// Calls `f` with this thread's value, which is made if there is none.
    ///
    /// # Errors
    ///
    /// If the values of this thread are dropped already, or are being dropped and there is none of this object.
    ///
    /// # Panics
    ///
    /// If the function that makes the value needs the value itself.
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
    ///     // At the end `DEPTH` goes first, as the younger one.
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
    /// Drops this thread's value, so that the next use makes a new one; false if there is none.
    ///
    /// A value in use, by a [`with`](Self::with) that goes on, is dropped when that ends.
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

    /// The values of all threads that have one at this moment, in the order of the numbers of the threads.
    ///
    /// What it gives stays there until it is dropped: a value whose thread ends meanwhile is dropped after that.
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
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = LocalRef<'_, T>> + ExactSizeIterator
    where
        T: Sync,
    {
        let values = self.values.look(|by_thread| by_thread.values().cloned().collect::<Vec<_>>());
        let values = values.unwrap_or_default().into_iter();
        values.map(|value| LocalRef::new(value))
    }
}

impl<T, F> Local<T, F> {
    /// How many threads have a value at this moment.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.look(|by_thread| by_thread.len()).unwrap_or(0)
    }

    /// Whether no thread has a value at this moment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a panic says where values are gone.
pub(super) const GONE: &str =
    "the values of this thread are dropped already; use `try_with` in destructors";

impl<T: Default + Send + 'static> Default for Local<T> {
    /// One whose values are made by `T::default`.
    fn default() -> Self {
        Local::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for Local<T, F> {
    /// Shows this thread's value, and does not make one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Local");
        match self.values.find() {
            Some(value) => debug.field("value", &&*value),
            None => debug.field("value", &format_args!("<none>")),
        };
        debug.field("len", &self.len()).finish_non_exhaustive()
    }
}
