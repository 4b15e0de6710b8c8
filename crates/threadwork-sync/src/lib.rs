//! Waiting, for Threadwork: locks, events and stop tokens that share one kind of wait.
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
//! * [`Lock`], [`RLock`] (re-entrant) and [`RwLock`] guard a value and hand out guards;
//!   [`RawLock`] and [`RawRLock`] guard nothing and are Python's.
//! * [`Condition`]: threads that hold a lock wait for news of what it guards. [`RawCondition`] comes with its lock.
//! * [`Event`]: any number of threads wait until it is set. [`Latch`]: until so many things have happened.
//! * [`Semaphore`], [`BoundedSemaphore`]: permits. [`Barrier`]: so many threads go on together.
//! * [`StopSource`], [`StopToken`], [`StopCallback`]: ask others to stop; a stop ends the waits that were given the token.
//! * [`Wait`]: how long a thread is willing to wait ([`Deadline`]) and for whose stop it watches.
//! * [`waits`]: who waits for what, since when, from which line, and who holds it.
//! * [`get_ident`], [`get_native_id`]: the numbers of the current thread.
//!
//! # One wait
//!
//! Whatever blocks takes the same forms: `x()` for ever, `try_x()` not at all, `x_timeout(Duration)`,
//! and `x_with(&Wait)`, which says whether the deadline or a stop ended it.
//! A timeout of zero polls; one too long for the clock is no timeout. The clock is monotonic.
//!
//! A wait that may end early returns a `Result`, and its error says what ended it: [`WaitError::TimedOut`], or what `x_with` can return besides.
//! That is so where a `bool` would do too: a lock has a guard to give, `?` passes the end of a wait on, and the compiler warns of a timeout that is forgotten.
//! An operation that can fail otherwise has an error of its own, which says the timeout too: [`BrokenBarrierError`], [`ConditionWaitError`], [`ArriveError`].
//! `try_x()` does not wait, so it returns an `Option` or a `bool`.
//!
//! A blocked thread leaves a [record](Waiting) that costs nothing to threads that do not block.
//!
//! A thread that blocks, or wakes others, may allocate, and goes through what is not re-entrant. So neither the global allocator
//! nor a signal handler may use what is here: a call that comes back in the middle of another one ends the process with a message.
//!
//! # Panics and errors
//!
//! Nothing poisons: a panic in a critical section releases the lock and goes on unwinding.
//! What Python raises is a `Result` with a small error type.
//! An argument that can never be right is refused at once, by an error value where the call can return one, else by a panic
//! that says the same: a barrier of no parties, an acquire of more permits than there can ever be, a release of none.

#![deny(unsafe_code)]
#![cfg_attr(threadwork_loom, expect(dead_code, reason = "models leave no records"))]

mod error;
mod payload;
mod floor;
mod os;
mod number;
mod door;
mod wait;
mod forms;
mod named;
mod lock;
mod mapped;
mod rlock;
mod rwlock;
mod guard;
mod condition;
mod semaphore;
mod event;
mod latch;
mod barrier;
#[doc(hidden)]
pub mod internal;

pub use crate::{
    barrier::{Barrier, BarrierWaitResult},
    condition::{Condition, HeldLock, RawCondition},
    door::{WaitKind, Waiting, WaitingThread, waits},
    error::{
        ArriveError, BrokenBarrierError, BrokenReason, ConditionWaitError, NotHolderError,
        ReleaseError, WaitError,
    },
    event::Event,
    guard::Guard,
    latch::Latch,
    lock::{Lock, LockGuard, RawLock},
    mapped::MappedLockGuard,
    number::get_ident,
    os::get_native_id,
    rlock::{RLock, RLockGuard, RawRLock},
    rwlock::{RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard},
    semaphore::{BoundedSemaphore, Semaphore, SemaphorePermit},
    wait::{Deadline, StopCallback, StopSource, StopToken, Wait},
};

floor::real_only! { pub use crate::lock::CurrentIdent; }
