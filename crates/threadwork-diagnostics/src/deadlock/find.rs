//! The search for deadlocks.

use threadwork_sync::{Waiting, waits};

use super::{circles::circles, report::Deadlock};
use crate::names::Names;

#[cfg(test)]
mod tests;

/// Finds the deadlocks that exist right now: through locks, re-entrant locks, read-write locks and joins.
///
/// Neither the search nor its result stops a thread: a timeout or a stop can still resolve a deadlock.
/// Each report was true at one moment, at which all its threads were blocked; a deadlock with a timed wait may be over when the report arrives.
/// Each deadlock is reported once, as one circle; threads that wait for many readers may be in several circles.
/// A thread that holds more than eight read-write locks for reading is not known as a reader of the later ones.
/// Any thread may release a [`RawLock`](threadwork_sync::RawLock): a circle through one is reported even if a thread outside the circle is about to release it.
#[must_use]
pub fn find_deadlocks() -> Vec<Deadlock> {
    find_after(&waits())
}

/// Confirms the circles in a first reading of the records by two more readings. There is nearly always no circle, and then the records are not read again.
pub(crate) fn find_after(first: &[Waiting]) -> Vec<Deadlock> {
    if circles(first).is_empty() {
        return Vec::new();
    }
    let (second, third) = (waits(), waits());
    find_in([first, &second, &third], &Names::now(&second))
}

/// The circles of the second of three readings of the records, counting only waits that are the same in all three readings.
///
/// A reading is not a consistent snapshot: it takes a while, and goes from thread to thread. But a wait that is in the first and in the third reading
/// lasted throughout the second, and a blocked thread neither acquires nor releases anything. So a thread held all through the second reading what that
/// reading says it holds, and the whole circle existed at any moment of it.
fn find_in(readings: [&[Waiting]; 3], names: &Names) -> Vec<Deadlock> {
    let [first, second, third] = readings;
    // Readers are not compared: only readers that are blocked themselves are known, and one that blocks later does not make this another wait.
    let key = |it: &Waiting| (it.since, it.kind, it.address, it.location, it.holder);
    let is_in = |reading: &[Waiting], it: &Waiting| {
        let place = reading.binary_search_by_key(&it.thread.ident, |it| it.thread.ident);
        place.is_ok_and(|place| key(&reading[place]) == key(it))
    };
    let goes_on = |it: &&Waiting| is_in(first, it) && is_in(third, it);
    let same: Vec<_> = second.iter().filter(goes_on).cloned().collect();
    circles(&same).into_iter().map(|circle| Deadlock::new(&circle, names)).collect()
}
