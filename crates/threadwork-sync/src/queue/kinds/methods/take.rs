//! Taking items.

/// Declares the methods that take items. `$put` puts a 1 into a queue.
macro_rules! take_methods {
    ($queue:ident, [$($bound:tt)*], $put:literal) => {
        /// Taking items.
        impl<T: $($bound)*> $queue<T> {
            /// Takes the next item, blocking the current thread until there is one.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::ShutDown`] if the queue was shut down and no item is left.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::time::Duration;
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            /// assert_eq!(queue.get()?, 1);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[inline]
            #[track_caller]
            pub fn get(&self) -> Result<T, GetError> {
                self.engine.get(One, Location::caller()).map(Self::item)
            }

            /// Takes the next item, if there is one, without blocking.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::Empty`] if there is none now, and [`GetError::ShutDown`] if there never will be.
            #[doc(alias = "get_nowait")]
            #[inline]
            pub fn try_get(&self) -> Result<T, GetError> {
                self.engine.try_get(One).map(Self::item)
            }

            /// Takes the next item, blocking the current thread for at most `timeout`.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::TimedOut`] if the timeout expires first, and [`GetError::ShutDown`] as [`get`](Self::get) does.
            #[inline]
            #[track_caller]
            pub fn get_timeout(&self, timeout: Duration) -> Result<T, GetError> {
                self.engine.get_timeout(One, timeout, Location::caller()).map(Self::item)
            }

            /// Takes the next item, blocking the current thread until there is one or `wait` ends.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::TimedOut`] or [`GetError::Stopped`] if `wait` ends first, and [`GetError::ShutDown`] as
            /// [`get`](Self::get) does.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            #[doc = concat!("use threadwork::{GetError, ", stringify!($queue), ", StopSource, Wait};")]
            ///
            #[doc = concat!("let (queue, stop) = (", stringify!($queue), "::<u32>::new(), StopSource::new());")]
            /// let wait = Wait::forever().or_stop(&stop.token());
            /// std::thread::scope(|scope| {
            ///     scope.spawn(|| stop.request_stop());
            ///     assert_eq!(queue.get_with(&wait), Err(GetError::Stopped));
            /// });
            /// ```
            #[inline]
            #[track_caller]
            pub fn get_with(&self, wait: &Wait) -> Result<T, GetError> {
                self.engine.get_with(One, wait, Location::caller()).map(Self::item)
            }

            /// Takes all items that are there, but at most `most`, blocking the current thread until there is at least one.
            ///
            /// That is faster than taking them one by one, because the queue is locked once. `most = 0` always succeeds at once.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::ShutDown`] as [`get`](Self::get) does.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::time::Duration;
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            #[doc = concat!($put, "?;")]
            #[doc = concat!($put, "?;")]
            /// assert_eq!(queue.get_many(2)?, [1, 1]);
            /// assert_eq!(queue.get_many(2)?, [1]);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get_many(&self, most: usize) -> Result<Vec<T>, GetError> {
                let Some(most) = NonZero::new(most) else { return Ok(Vec::new()) };
                self.engine.get(AtMost(most), Location::caller()).map(Self::items)
            }

            /// Takes all items that are there, but at most `most`, without blocking.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::Empty`] or [`GetError::ShutDown`] as [`try_get`](Self::try_get) does.
            pub fn try_get_many(&self, most: usize) -> Result<Vec<T>, GetError> {
                let Some(most) = NonZero::new(most) else { return Ok(Vec::new()) };
                self.engine.try_get(AtMost(most)).map(Self::items)
            }

            /// Takes all items that are there, but at most `most`, blocking the current thread for at most `timeout` until there is one.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`] as [`get_timeout`](Self::get_timeout) does.
            #[track_caller]
            pub fn get_many_timeout(
                &self,
                most: usize,
                timeout: Duration,
            ) -> Result<Vec<T>, GetError> {
                let Some(most) = NonZero::new(most) else { return Ok(Vec::new()) };
                self.engine.get_timeout(AtMost(most), timeout, Location::caller()).map(Self::items)
            }

            /// Takes all items that are there, but at most `most`, blocking the current thread until there is one or `wait` ends.
            ///
            /// # Errors
            ///
            /// Returns [`GetError::TimedOut`], [`GetError::Stopped`] or [`GetError::ShutDown`] as [`get_with`](Self::get_with) does.
            #[track_caller]
            pub fn get_many_with(&self, most: usize, wait: &Wait) -> Result<Vec<T>, GetError> {
                let Some(most) = NonZero::new(most) else { return Ok(Vec::new()) };
                self.engine.get_with(AtMost(most), wait, Location::caller()).map(Self::items)
            }

            /// Returns an iterator that takes items, and blocks the current thread while there is none. It ends when the queue was shut down
            /// and no item is left.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::time::Duration;
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            #[doc = concat!($put, "?;")]
            /// std::thread::scope(|scope| {
            ///     let sum = scope.spawn(|| queue.iter().sum::<i32>());
            ///     queue.shutdown();
            ///     assert_eq!(sum.join().unwrap(), 2);
            /// });
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn iter(&self) -> QueueIter<'_, Self> {
                QueueIter::new(self, Location::caller())
            }

            fn items(stored: Vec<<<Self as AnyQueue>::Store as Store>::Item>) -> Vec<T> {
                stored.into_iter().map(Self::item).collect()
            }
        }

        impl<'a, T: $($bound)*> IntoIterator for &'a $queue<T> {
            type Item = T;
            type IntoIter = QueueIter<'a, $queue<T>>;

            #[track_caller]
            fn into_iter(self) -> QueueIter<'a, $queue<T>> {
                self.iter()
            }
        }
    };
}
pub(in crate::queue::kinds) use take_methods;
