//! The search for deadlocks.

use threadwork_sync::{Waiting, waits};

use super::{graph::deadlocks, report::Deadlock};
use crate::{
    blocked::{blocked, choices, is_same_thread},
    executors::with_workers,
    names::Names,
};

#[cfg(test)]
mod tests;

/// Finds the deadlocks that exist right now: through locks, re-entrant locks, read-write locks, joins, and tasks of executors.
///
/// Neither the search nor its result stops a thread: a timeout or a stop can still resolve a deadlock.
/// Each report was true at one moment, at which all its threads were blocked; a deadlock with a timed wait may be over when the report arrives.
/// Each deadlock is reported once, as one circle; threads that wait for many readers may be in several circles.
/// A thread that waits for any of several objects is in a deadlock only if the holder of each of them is; an event, a latch, a semaphore, a timer or a
/// stop has no holder, so it is a way out. Tasks of an async program are left out.
/// A thread that waits for the result of a task waits for the thread that runs it, or for any worker of the executor as long as none does: if all workers wait
/// for tasks that are pending, they are in a deadlock.
/// A thread that holds more than eight read-write locks for reading is not known as a reader of the later ones.
/// Any thread may release a [`RawLock`](threadwork_sync::RawLock): a circle through one is reported even if a thread outside the circle is about to release it.
#[must_use]
pub fn find_deadlocks() -> Vec<Deadlock> {
    find_after(&waits())
}

/// Confirms the deadlocks in a first reading of the records by two more readings. There is nearly always none, and then the records are not read again.
pub(crate) fn find_after(first: &[Waiting]) -> Vec<Deadlock> {
    let first = with_workers(first);
    if deadlocks(blocked(&first)).is_empty() {
        return Vec::new();
    }
    let (second, third) = (with_workers(&waits()), with_workers(&waits()));
    find_in([&first, &second, &third], &Names::now(&second))
}

/// The deadlocks of the second of three readings of the records, counting only threads whose waits are the same in all three readings.
///
/// A reading is not a consistent snapshot: it takes a while, and goes from queue to queue. But a wait that is in the first and in the third reading
/// lasted throughout the second, and a blocked thread neither acquires nor releases anything. So a thread held all through the second reading what that
/// reading says it holds, and the whole deadlock existed at any moment of it. For the same reason the second reading has all objects of a wait for any
/// of several.
///
/// Scenario "the places that are read one by one" in docs/architecture.md.
fn find_in(readings: [&[Waiting]; 3], names: &Names) -> Vec<Deadlock> {
    let [first, second, third] = readings;
    // Readers are not compared: only readers that are blocked themselves are known, and one that blocks later does not make this another wait.
    let key = |it: &Waiting| (it.since, it.kind, it.address, it.location, it.holder);
    let is_in = |reading: &[Waiting], all: &[&Waiting]| {
        choices(reading, all[0].thread.ident).map(key).eq(all.iter().map(|it| key(it)))
    };
    let goes_on = |all: &&[&Waiting]| is_in(first, all) && is_in(third, all);
    let all: Vec<_> = blocked(second).collect();
    let same = all.chunk_by(|one, other| is_same_thread(one, other)).filter(goes_on);
    let found = deadlocks(same.flatten().copied());
    found.iter().map(|it| Deadlock::new(it, names)).collect()
}
