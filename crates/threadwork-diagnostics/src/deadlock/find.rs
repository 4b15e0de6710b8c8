//! The search for deadlocks.

use threadwork_core::sync::{Waiting, waits};

use super::{circles::circles, report::Deadlock};
use crate::names::Names;

#[cfg(test)]
mod tests;

/// The deadlocks there are right now: through locks, re-entrant locks, read-write locks and joins.
///
/// Nobody is stopped, neither by the search nor by what it finds: a timeout or a stop can still resolve a deadlock.
/// What is reported was so at one moment, when all its threads were blocked at once; a deadlock with a timed wait may be over by now.
/// Each is reported once, as one circle; threads that wait for many readers may be in several.
/// A thread that reads under more than eight read-write locks at once is not known as a reader of the last ones.
/// A [`RawLock`](threadwork_core::sync::RawLock) may be released by anybody: where somebody outside the circle is going to do that, it is reported all the same.
#[must_use]
pub fn find_deadlocks() -> Vec<Deadlock> {
    find_after(&waits())
}

/// The circles of a first reading of the records that are real ones. Where there are none, as nearly always, there is nothing more to do.
pub(crate) fn find_after(first: &[Waiting]) -> Vec<Deadlock> {
    if circles(first).is_empty() {
        return Vec::new();
    }
    let (second, third) = (waits(), waits());
    find_in([first, &second, &third], &Names::now(&second))
}

/// The circles of the second of three readings of the records, as far as their waits are the same in all three.
///
/// Each reading takes a while, and goes from thread to thread. But a wait that is in the first and in the third has gone on all through the second;
/// and a thread that is blocked neither acquires nor releases anything. So whatever the second reading says that it holds, it held all the time:
/// at any moment of the second reading all of it was true at once.
fn find_in(readings: [&[Waiting]; 3], names: &Names) -> Vec<Deadlock> {
    let [first, second, third] = readings;
    // The readers of a lock are those that wait themselves: whoever comes to wait does not make it another wait.
    let key = |it: &Waiting| (it.since, it.kind, it.address, it.location, it.holder);
    let is_in = |reading: &[Waiting], it: &Waiting| {
        let place = reading.binary_search_by_key(&it.ident, |it| it.ident);
        place.is_ok_and(|place| key(&reading[place]) == key(it))
    };
    let goes_on = |it: &&Waiting| is_in(first, it) && is_in(third, it);
    let same: Vec<_> = second.iter().filter(goes_on).cloned().collect();
    circles(&same).into_iter().map(|circle| Deadlock::new(&circle, names)).collect()
}
