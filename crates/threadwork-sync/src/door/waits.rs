//! The list of blocked threads: their records, read together with the queues.

mod claim;
mod waiting;
#[cfg(not(threadwork_loom))]
mod holder;
#[cfg(not(threadwork_loom))]
mod reading;

pub(crate) use self::claim::{Claim, DRAIN};
pub use self::waiting::{Fill, Waiter, Waiting, WaitingThread};

/// Returns which thread waits for what right now, in order of the threads' numbers.
///
/// Only threads that are really blocked in this library are listed. Reading stops no thread, and the list is not a consistent snapshot: a
/// listed thread may have continued since. A thread that waits on a [`Condition`](crate::Condition) is listed with the condition until it
/// is notified. After that it waits for the lock and is listed with the lock, with the line and the time at which it began to wait.
///
/// A thread that waits for any of several objects is listed once for each of them, in order of the call ([`Waiter::AnyOf`]).
/// A waiting task of an async program is listed with the thread that polled it last, which it does not block ([`Waiter::Task`]).
/// So [`WaitingThread::waiter`] says which of the elements are threads that cannot go on.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Lock, WaitKind, get_ident, waits};
///
/// static ORDERS: Lock<u32> = Lock::named("orders", 0);
///
/// let guard = ORDERS.acquire();
/// std::thread::scope(|scope| {
///     scope.spawn(|| *ORDERS.acquire() += 1);
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("orders")) {
///             break it;
///         }
///     };
///     assert_eq!(waiting.kind, WaitKind::Lock);
///     assert_eq!(waiting.name, Some("orders"));
///     assert_eq!(waiting.holder, Some(get_ident()));
///     drop(guard);
/// });
/// ```
#[must_use]
pub fn waits() -> Vec<Waiting> {
    #[cfg(not(threadwork_loom))]
    return reading::all();
    // Models leave no records.
    #[cfg(threadwork_loom)]
    Vec::new()
}
