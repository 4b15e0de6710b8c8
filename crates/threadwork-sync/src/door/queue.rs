//! The queues in which blocked threads stand.

mod terms;
#[cfg(not(threadwork_loom))]
mod foreign;
#[cfg(not(threadwork_loom))]
mod real;
#[cfg(threadwork_loom)]
mod model;

use std::mem;

#[cfg(threadwork_loom)]
pub use self::model::{let_time_pass, n_parked};
#[cfg(threadwork_loom)]
pub(crate) use self::model::{park, unpark_filter, unpark_requeue};
#[cfg(not(threadwork_loom))]
pub(crate) use self::real::{park, unpark_filter, unpark_requeue};
pub(crate) use self::terms::{Filter, Found, Parked, Parking, Requeue, Ticket, Token};
use crate::door::Key;

/// Wakes the first thread of a queue. `token` runs with the queue locked, even if the queue is empty.
pub(crate) fn unpark_one(key: Key, token: impl FnOnce(Found) -> Token) -> Found {
    let mut chosen = false;
    let first = |_| if mem::replace(&mut chosen, true) { Filter::Stop } else { Filter::Wake };
    unpark_filter(key, first, token)
}

/// Wakes all threads of a queue and returns their number.
pub(crate) fn unpark_all(key: Key, token: Token) -> usize {
    unpark_filter(key, |_| Filter::Wake, |_| token).woken
}

/// Wakes the thread with the word `thread`, if it stands in the queue. Returns `true` if it did.
///
/// The check runs while the queue is locked, so it finds the thread if and only if it has not been woken yet.
///
/// Scenario "the stop that meets a wake-up" in docs/architecture.md.
pub(crate) fn unpark_thread(key: Key, thread: usize, token: Token) -> bool {
    let mut found = false;
    unpark_filter(
        key,
        |it| match (found, it.thread == thread) {
            (true, _) => Filter::Stop,
            (false, true) => {
                found = true;
                Filter::Wake
            }
            (false, false) => Filter::Skip,
        },
        |_| token,
    )
    .woken
        > 0
}
