//! Putting items, of queues whose items are ready at once.

/// Declares the methods that put items, and those of tasks.
macro_rules! put_methods {
    ($queue:ident, $store:ident, [$($bound:tt)*]) => {
        impl<T> $queue<T> {
            const_new! {
                /// Creates a queue without a limit: a put never waits for room.
                ///
                /// # Examples
                ///
                /// ```
                /// # use threadwork_sync as threadwork;
                #[doc = concat!("use threadwork::", stringify!($queue), ";")]
                ///
                #[doc = concat!("static JOBS: ", stringify!($queue), "<u32> = ", stringify!($queue), "::new();")]
                ///
                /// JOBS.put(1)?;
                /// assert_eq!((JOBS.len(), JOBS.limit()), (1, None));
                /// # Ok::<(), threadwork::PutError<u32>>(())
                /// ```
                #[must_use]
                pub const fn new() -> $queue<T> {
                    $queue { engine: Engine::new($store::new(), NO_LIMIT) }
                }
            }

            const_new! {
                /// Creates a queue that has at most `limit` items: a put waits while there are so many.
                ///
                /// # Panics
                ///
                /// Panics if `limit` is zero. (Python takes that for no limit; here that is [`new`](Self::new).)
                ///
                /// # Examples
                ///
                /// ```
                /// # use threadwork_sync as threadwork;
                #[doc = concat!("use threadwork::{PutError, ", stringify!($queue), "};")]
                ///
                #[doc = concat!("let queue = ", stringify!($queue), "::bounded(1);")]
                /// queue.put(1)?;
                /// assert!(queue.is_full());
                /// assert_eq!(queue.try_put(2), Err(PutError::Full(2)));
                /// # Ok::<(), PutError<i32>>(())
                /// ```
                #[must_use]
                pub const fn bounded(limit: usize) -> $queue<T> {
                    $queue { engine: Engine::new($store::new(), limit) }
                }
            }

            /// Returns the largest possible number of items, or `None` if there is no limit.
            #[doc(alias = "maxsize")]
            #[must_use]
            pub const fn limit(&self) -> Option<usize> {
                self.engine.limit()
            }

            /// Returns `true` if a put would have to wait for room. This may have changed by the time the caller looks at the result.
            #[must_use]
            pub fn is_full(&self) -> bool {
                self.engine.is_full()
            }
        }

        /// Putting items.
        impl<T: $($bound)*> $queue<T> {
            /// Puts an item, blocking the current thread until there is room.
            ///
            /// # Errors
            ///
            /// Returns [`PutError::ShutDown`] with the item if the queue was shut down.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::bounded(1);")]
            /// queue.put("one")?;
            /// std::thread::scope(|scope| {
            ///     scope.spawn(|| queue.put("two"));
            ///     assert_eq!(queue.get(), Ok("one"));
            ///     assert_eq!(queue.get(), Ok("two"));
            /// });
            /// # Ok::<(), threadwork::PutError<&str>>(())
            /// ```
            #[inline]
            #[track_caller]
            pub fn put(&self, item: T) -> Result<(), PutError<T>> {
                self.engine.put(item, Location::caller())
            }

            /// Puts an item if there is room, without blocking.
            ///
            /// # Errors
            ///
            /// Returns the item, with [`PutError::Full`] if there is no room, or with [`PutError::ShutDown`] if the queue was shut down.
            #[doc(alias = "put_nowait")]
            #[inline]
            pub fn try_put(&self, item: T) -> Result<(), PutError<T>> {
                self.engine.try_put(item)
            }

            /// Puts an item, blocking the current thread for at most `timeout`.
            ///
            /// # Errors
            ///
            /// Returns the item, with [`PutError::TimedOut`] if the timeout expires first, or with [`PutError::ShutDown`] if the queue was
            /// shut down.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// use std::time::Duration;
            #[doc = concat!("use threadwork::{PutError, ", stringify!($queue), "};")]
            ///
            #[doc = concat!("let queue = ", stringify!($queue), "::bounded(1);")]
            /// queue.put(1)?;
            /// let refused = queue.put_timeout(2, Duration::from_millis(1));
            /// assert_eq!(refused, Err(PutError::TimedOut(2)));
            /// # Ok::<(), PutError<i32>>(())
            /// ```
            #[inline]
            #[track_caller]
            pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), PutError<T>> {
                self.engine.put_timeout(item, timeout, Location::caller())
            }

            /// Puts an item, blocking the current thread until there is room or `wait` ends.
            ///
            /// # Errors
            ///
            /// Returns the item, with [`PutError::TimedOut`] or [`PutError::Stopped`] if `wait` ends first, or with [`PutError::ShutDown`] if
            /// the queue was shut down.
            #[inline]
            #[track_caller]
            pub fn put_with(&self, item: T, wait: &Wait) -> Result<(), PutError<T>> {
                self.engine.put_with(item, wait, Location::caller())
            }

            /// Puts an item, as a task of an async program. The output is that of [`put`](Self::put).
            ///
            /// The item is put by a poll. A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait, and
            /// drops an item that was not put.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::{pin::pin, task::{Context, Poll, Waker}};
            /// use std::future::Future;
            ///
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::bounded(1);")]
            /// queue.put(1)?;
            /// let mut put = pin!(queue.put_async(2));
            /// # let mut context = Context::from_waker(Waker::noop());
            /// assert!(put.as_mut().poll(&mut context).is_pending());
            /// assert_eq!(queue.get()?, 1);
            /// assert_eq!(put.as_mut().poll(&mut context), Poll::Ready(Ok(())));
            /// assert_eq!(queue.get()?, 2);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn put_async(&self, item: T) -> QueuePut<'_, Self> {
                QueuePut::new(self, item, Location::caller())
            }

            /// Takes the next item, as a task of an async program. The output is that of [`get`](Self::get).
            ///
            /// The item is taken by the poll that returns it, so dropping the future loses nothing. A deadline or a stop comes from the
            /// combinators of the executor. A task is told of an item and tries: others may be faster, and it keeps its place until it
            /// succeeds.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::{pin::pin, task::{Context, Poll, Waker}};
            /// use std::future::Future;
            ///
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::new();")]
            /// let mut get = pin!(queue.get_async());
            /// # let mut context = Context::from_waker(Waker::noop());
            /// assert!(get.as_mut().poll(&mut context).is_pending());
            /// queue.put(1)?;
            /// assert_eq!(get.as_mut().poll(&mut context), Poll::Ready(Ok(1)));
            /// # Ok::<(), threadwork::PutError<i32>>(())
            /// ```
            #[track_caller]
            pub fn get_async(&self) -> QueueGet<'_, Self> {
                QueueGet::new(self, Location::caller())
            }
        }

        impl<T: $($bound)*> AnyQueue for $queue<T> {
            type Item = T;
            type Store = $store<T>;

            #[inline]
            fn engine(&self) -> &Engine<$store<T>> {
                &self.engine
            }

            #[inline]
            fn item(stored: T) -> T {
                stored
            }
        }
    };
}
pub(in crate::queue::kinds) use put_methods;
