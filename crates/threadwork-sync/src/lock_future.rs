//! Acquiring a lock as a task of an async program.

use std::panic::Location;

use crate::{
    awaiting::{Awaited, future},
    door::{Holder, Key, Subject, TaskPlace, WaitKind},
    forms::Else,
    lock::{
        Lock, LockGuard,
        probe::{self, Since},
    },
    number,
};

/// The wait of a task for a lock.
struct Acquire<'a, T: ?Sized> {
    lock: &'a Lock<T>,
    location: &'static Location<'static>,
    /// When the first attempt failed, for observers.
    since: Option<Since>,
}

impl<'a, T: ?Sized> Awaited for Acquire<'a, T> {
    type Got = LockGuard<'a, T>;

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<LockGuard<'a, T>> {
        let (raw, me) = (self.lock.raw(), number::current_word());
        if !raw.take_for_task(me) {
            self.since.get_or_insert_with(probe::since);
            return None;
        }
        let probed = || raw.probed(WaitKind::Lock);
        match self.since {
            None => probe::acquired_free(probed, self.location, Else::Wait),
            Some(since) => probe::acquired(probed, self.location, since),
        }
        Some(self.lock.acquired())
    }

    fn key(&self) -> Key {
        self.lock.raw().key()
    }

    fn subject(&self) -> Subject {
        Subject {
            kind: WaitKind::Lock,
            name: self.lock.name(),
            holder: Holder::InWord,
            location: self.location,
        }
    }

    fn announce(&self) -> bool {
        self.lock.raw().mark_parked()
    }

    fn must_wait(&self) -> bool {
        self.lock.raw().must_wait()
    }

    fn has_left(&self, was_last: bool) {
        self.lock.raw().left_queue(was_last);
    }

    fn pass_on(&self) {
        self.lock.raw().pass_on();
    }
}

future! {
    /// The future of [`Lock::acquire_async`].
    LockAcquire<'a, T [?Sized]> of Acquire<'a, T> => LockGuard<'a, T>;
}

impl<T: ?Sized> Lock<T> {
    /// Acquires the lock, as a task of an async program.
    ///
    /// The task acquires the lock when it is polled, for the thread that polls it: [`holder`](Self::holder) is that thread, and the
    /// guard stays there. So a task that holds the guard across an `await` is not `Send`, and an executor with several threads refuses
    /// it. A task that does so on one thread makes every other task of that thread deadlock that *blocks* for the lock.
    ///
    /// A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    ///
    /// # Fairness
    ///
    /// A release wakes the tasks that have waited longest, and a woken task tries: it may be overtaken, even at a
    /// [fair](Self::is_fair) lock, which is handed to threads only. It keeps its place in the queue. A task that was woken and is neither
    /// polled nor dropped does not hold up threads, but tasks that came later, until the next release.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let Poll::Ready(it) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
    /// #         panic!("the lock is free")
    /// #     };
    /// #     it
    /// # }
    /// use threadwork::Lock;
    ///
    /// static TOTAL: Lock<u32> = Lock::new(0);
    ///
    /// async fn count() -> u32 {
    ///     let mut total = TOTAL.acquire_async().await;
    ///     *total += 1;
    ///     *total
    /// }
    ///
    /// assert_eq!(block_on(count()), 1);
    /// ```
    ///
    /// A task that may be polled by several threads cannot keep the guard while it waits for something else:
    ///
    /// ```compile_fail
    /// # use threadwork_sync as threadwork;
    /// # fn spawn(task: impl Future + Send) {}
    /// use threadwork::{Event, Lock};
    ///
    /// static TOTAL: Lock<u32> = Lock::new(0);
    /// static READY: Event = Event::new();
    ///
    /// spawn(async {
    ///     let guard = TOTAL.acquire_async().await;
    ///     READY.wait_async().await;
    ///     drop(guard);
    /// });
    /// ```
    #[track_caller]
    pub fn acquire_async(&self) -> LockAcquire<'_, T> {
        LockAcquire::of(Acquire { lock: self, location: Location::caller(), since: None })
    }
}
