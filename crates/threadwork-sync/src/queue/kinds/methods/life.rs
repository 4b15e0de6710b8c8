//! From the first item to the end.

/// Declares what a queue tells about itself, its tasks, and its end. `$put` puts a 1 into a queue.
macro_rules! life_methods {
    ($queue:ident, [$($bound:tt)*], $put:literal) => {
        impl<T> $queue<T> {
            named!(pub engine: "queue", "waits at");

            /// Returns the number of items that can be taken. This may have changed by the time the caller looks at the result.
            #[doc(alias = "qsize")]
            #[must_use]
            pub fn len(&self) -> usize {
                self.engine.len()
            }

            /// Returns `true` if there is no item to take. This may have changed by the time the caller looks at the result.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Returns `true` if the queue was shut down.
            #[must_use]
            pub fn is_shut_down(&self) -> bool {
                self.engine.is_shut_down()
            }
        }

        /// Tasks: the items that were put and not reported as done.
        impl<T: $($bound)*> $queue<T> {
            /// Reports that the work for an item is done, which ends the waits for [`join`](Self::join) if it was the last one.
            ///
            /// # Errors
            ///
            /// Returns an error if it was called once for each item that was put already. Nothing changes then.
            pub fn task_done(&self) -> Result<(), TaskDoneError> {
                self.engine.task_done()
            }

            /// Returns the number of items that were put and not reported as done.
            #[doc(alias = "unfinished_tasks")]
            #[must_use]
            pub fn unfinished(&self) -> usize {
                self.engine.unfinished()
            }

            /// Blocks the current thread until all items that were put are reported as [done](Self::task_done).
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::time::Duration;
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            /// std::thread::scope(|scope| {
            ///     scope.spawn(|| {
            ///         let item = queue.get().unwrap();
            ///         assert_eq!(item, 1);
            ///         queue.task_done().unwrap();
            ///     });
            ///     queue.join();
            ///     assert_eq!(queue.unfinished(), 0);
            /// });
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn join(&self) {
                let location = Location::caller();
                without_end(|wait| self.engine.join(wait, location));
            }

            /// Returns `true` if all items that were put are reported as done.
            #[must_use]
            pub fn try_join(&self) -> bool {
                self.unfinished() == 0
            }

            /// Blocks the current thread until all items that were put are reported as done, for at most `timeout`.
            ///
            /// # Errors
            ///
            /// Returns [`WaitError::TimedOut`] if the timeout expires first.
            #[track_caller]
            pub fn join_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
                self.join_with(&Wait::timeout(timeout))
            }

            /// Blocks the current thread until all items that were put are reported as done or `wait` ends.
            ///
            /// # Errors
            ///
            /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
            #[track_caller]
            pub fn join_with(&self, wait: &Wait) -> Result<(), WaitError> {
                self.engine.join(wait, Location::caller())
            }

            /// Waits until all items that were put are reported as done, as a task of an async program.
            ///
            /// The wait begins with this call, not with the first poll: once they were all done after it, later puts do not matter.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::{pin::pin, task::{Context, Poll, Waker}, time::Duration};
            /// use std::future::Future;
            ///
            #[doc = concat!("let queue = threadwork::", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            /// let mut join = pin!(queue.join_async());
            /// # let mut context = Context::from_waker(Waker::noop());
            /// assert!(join.as_mut().poll(&mut context).is_pending());
            /// queue.task_done()?;
            /// assert_eq!(join.as_mut().poll(&mut context), Poll::Ready(()));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn join_async(&self) -> QueueJoin<'_, Self> {
                QueueJoin::new(self, Location::caller())
            }
        }

        /// The end of a queue.
        impl<T: $($bound)*> $queue<T> {
            /// Shuts the queue down: puts are refused from now on, and gets once no item is left. Threads and tasks that wait in vain are woken.
            ///
            /// Python's `shutdown()`. Calling it again has no effect.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::time::Duration;
            #[doc = concat!("use threadwork::{GetError, ", stringify!($queue), "};")]
            ///
            #[doc = concat!("let queue = ", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            /// queue.shutdown();
            #[doc = concat!("assert!(", $put, ".is_err());")]
            /// assert_eq!(queue.get(), Ok(1));
            /// assert_eq!(queue.get(), Err(GetError::ShutDown));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn shutdown(&self) {
                self.engine.shutdown();
            }

            /// Shuts the queue down at once: puts and gets are refused from now on, and the items that are left are returned to the caller.
            ///
            /// Python's `shutdown(immediate=True)`. The items count as done, so the waits for [`join`](Self::join) end unless the work for
            /// others is still going on. It may follow a [`shutdown`](Self::shutdown).
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            /// # use std::time::Duration;
            #[doc = concat!("use threadwork::{GetError, ", stringify!($queue), "};")]
            ///
            #[doc = concat!("let queue = ", stringify!($queue), "::new();")]
            #[doc = concat!($put, "?;")]
            /// assert_eq!(queue.shutdown_now(), [1]);
            /// assert_eq!(queue.get(), Err(GetError::ShutDown));
            /// assert!(queue.try_join());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn shutdown_now(&self) -> Vec<T> {
                Self::items(self.engine.shutdown_now())
            }
        }

        impl<T: $($bound)*> $queue<T> {
            /// Makes a pair of the queue: a [sender](crate::Sender) and a [receiver](crate::Receiver), which shut it down when all of a
            /// side are gone. Both can be cloned.
            ///
            /// # Examples
            ///
            /// ```
            /// # use threadwork_sync as threadwork;
            #[doc = concat!("use threadwork::{GetError, ", stringify!($queue), "};")]
            ///
            #[doc = concat!("let (sender, receiver) = ", stringify!($queue), "::<u32>::new().split();")]
            /// drop(sender);
            /// assert_eq!(receiver.get(), Err(GetError::ShutDown));
            /// ```
            #[must_use]
            pub fn split(self) -> (Sender<Self>, Receiver<Self>) {
                split(self)
            }
        }

        impl<T> Default for $queue<T> {
            fn default() -> Self {
                $queue::new()
            }
        }

        impl<T> fmt::Debug for $queue<T> {
            /// Shows the queue, not its items. Never blocks.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.engine.show(stringify!($queue), f)
            }
        }

        // A panic leaves a queue as it was.
        impl<T> std::panic::UnwindSafe for $queue<T> {}
        impl<T> std::panic::RefUnwindSafe for $queue<T> {}
    };
}
pub(in crate::queue::kinds) use life_methods;
