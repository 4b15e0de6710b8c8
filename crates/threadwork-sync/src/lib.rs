//! Locks, events, stop tokens and other blocking primitives for Threadwork, which all share one kind of wait.
//!
//! ```
//! # use threadwork_sync as threadwork;
//! use std::time::Duration;
//! use threadwork::{Event, Lock, StopSource, Wait, WaitError};
//!
//! static READY: Event = Event::new();
//! static TOTAL: Lock<u32> = Lock::new(0);
//!
//! std::thread::scope(|scope| {
//!     scope.spawn(|| {
//!         *TOTAL.acquire() += 1;
//!         READY.set();
//!     });
//!     READY.wait();
//! });
//! assert_eq!(*TOTAL.acquire(), 1);
//!
//! let stop = StopSource::new();
//! stop.request_stop();
//! let never_set = Event::new();
//! let wait = Wait::timeout(Duration::from_secs(9)).or_stop(&stop.token());
//! assert_eq!(never_set.wait_with(&wait), Err(WaitError::Stopped));
//! ```
//!
//! # What is here
//!
//! * [`Lock`], [`RLock`] (re-entrant) and [`RwLock`] protect a value and return guards;
//!   [`RawLock`] and [`RawRLock`] protect no value and correspond to Python's locks.
//! * [`Condition`]: threads that hold a lock wait until they are notified of a change. [`RawCondition`] has its own lock.
//! * [`Event`]: any number of threads wait until it is set. [`Latch`]: threads wait until a given number of things have happened.
//! * [`Semaphore`], [`BoundedSemaphore`]: permits. [`Barrier`]: a fixed number of threads meet and then continue together.
//! * [`Queue`], [`LifoQueue`], [`PriorityQueue`], [`DelayQueue`]: threads put items, and others take them; [`Sender`] and [`Receiver`] are the ends of a queue.
//! * [`SerializeIterator`], [`ConcurrentTee`]: threads share one iterator, each item for one of them or for all.
//! * [`StopSource`], [`StopToken`], [`StopCallback`]: ask other threads to stop; a stop request ends the waits that were given the token.
//! * [`Wait`]: how long a thread is willing to wait ([`Deadline`]) and which stop request ends its wait.
//! * [`wait_any`]: waits until any of several objects ([`Waitable`]) is ready.
//! * [`waits`]: lists the blocked threads, with what each waits for, since when, from which line, and which thread holds it.
//! * [`get_ident`], [`get_native_id`]: the numbers of the current thread.
//!
//! # One wait
//!
//! Every blocking operation has the same forms: `x()` waits without a limit, `try_x()` does not wait,
//! `x_timeout(Duration)` waits at most that long, and `x_with(&Wait)` reports whether the deadline or a stop request ended the wait.
//! A timeout of zero polls; a timeout that is too long for the clock never expires. The clock is monotonic.
//!
//! A wait that may end early returns a `Result`. Its error says what ended the wait:
//! [`WaitError::TimedOut`], or for `x_with` also [`WaitError::Stopped`].
//! This holds even where a `bool` would do: a lock has a guard to return, `?` propagates the end of a wait,
//! and the compiler warns about a timeout that is ignored.
//! An operation that can also fail for other reasons has its own error type, which includes the timeout:
//! [`BrokenBarrierError`], [`ConditionWaitError`], [`ArriveError`], [`PutError`], [`GetError`].
//! `try_x()` does not wait, so it returns an `Option` or a `bool`, or the operation's own error if there is more to say.
//!
//! # Async
//!
//! A task of an async program waits by a fifth form, `x_async()`, under any executor: for an [`Event`], a [`Latch`], a [`Semaphore`], a [`Lock`],
//! both ends of a [`Queue`], or a stop ([`StopToken::stopped_async`]). A deadline, a stop, or the first of several futures comes from the executor's own combinators;
//! dropping a future ends its wait and leaves nothing behind. A task is woken and tries: it is never handed a lock or a permit.
//! It is polled by a thread, which then holds the lock, and the guard cannot leave that thread. [`RLock`] and [`RwLock`] have no async
//! form: they count the levels and the reads of threads, so they could not tell two tasks of one thread apart.
//!
//! # Records
//!
//! A blocked thread publishes a [record](Waiting) of its wait, which costs nothing to threads that do not block.
//!
//! A thread that blocks or wakes others may allocate, and the code that it runs is not re-entrant. So neither the global allocator
//! nor a signal handler may use this crate: a call that re-enters it in the middle of another call ends the process with a message.
//!
//! # Panics and errors
//!
//! Nothing is poisoned: a panic in a critical section releases the lock and continues to unwind.
//! Where Python raises an exception, a `Result` with a small error type is returned.
//! An argument that can never be valid is rejected at once: with an error value if the call can return one, otherwise with a panic
//! that says the same. Examples are a barrier for no parties, an acquire of more permits than there can ever be, and a release of no permits.

#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(threadwork_loom, expect(dead_code, reason = "models leave no records"))]

mod error;
mod payload;
mod os;
mod floor;
mod number;
mod door;
mod awaiting;
mod wait;
mod forms;
mod lock;
mod lock_future;
mod mapped;
mod rlock;
mod rwlock;
mod guard;
mod condition;
mod semaphore;
mod event;
mod latch;
mod barrier;
mod queue;
mod iter;
mod any;
#[doc(hidden)]
pub mod internal;

pub use crate::{
    any::{Waitable, wait_any},
    barrier::{Barrier, BarrierWaitResult},
    condition::{Condition, HeldLock, RawCondition},
    door::{Fill, WaitKind, Waiter, Waiting, WaitingThread, waits},
    error::{
        ArriveError, BrokenBarrierError, BrokenReason, ConditionWaitError, NotHolderError,
        ReleaseError, WaitError,
    },
    event::{Event, EventWait},
    guard::Guard,
    iter::{ConcurrentTee, SerializeIterator, concurrent_tee, synchronized_iterator},
    latch::{Latch, LatchWait},
    lock::{Lock, LockGuard, RawLock},
    lock_future::LockAcquire,
    mapped::MappedLockGuard,
    number::get_ident,
    os::get_native_id,
    queue::{
        DelayQueue, GetError, LifoQueue, PriorityQueue, PutError, Queue, QueueGet, QueueIter,
        QueueJoin, QueuePut, Receiver, Sender, TaskDoneError,
    },
    rlock::{RLock, RLockGuard, RawRLock},
    rwlock::{RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard},
    semaphore::{BoundedSemaphore, Semaphore, SemaphoreAcquire, SemaphorePermit},
    wait::{Deadline, StopCallback, StopSource, StopToken, StopWait, Wait},
};

floor::real_only! {
    #[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
    pub use crate::lock::CurrentIdent;
}

/// The programs of the package's page, which are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
