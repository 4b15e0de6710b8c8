//! Threads that wait for each other in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Instant,
};

use serde::{Deserialize, Serialize};
use threadwork_sync::{Waiting, waits};

use crate::names::{Names, in_words, one_line};

#[cfg(test)]
mod tests;

/// Threads that wait for each other in a circle: none goes on unless one of them gives up, by a timeout or a stop.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// # use threadwork_sync::{Lock, Wait};
/// use threadwork::Thread;
///
/// static ORDERS: Lock<u32> = Lock::named("orders", 0);
///
/// let thread = Thread::builder().name("clerk").build(|| {
///     let first = ORDERS.acquire();
///     let stopped = Wait::forever().or_stop(&threadwork::current_stop_token());
///     // Python's `threading` would hang here for good.
///     assert!(ORDERS.acquire_with(&stopped).is_err());
///     drop(first);
/// });
/// thread.start()?;
/// let deadlock = loop {
///     if let [deadlock] = &diagnostics::find_deadlocks()[..] {
///         break deadlock.clone();
///     }
/// };
/// assert_eq!(deadlock.edges[0].waiter, "clerk");
/// assert_eq!(deadlock.edges[0].object.as_deref(), Some("orders"));
/// assert!(deadlock.to_string().contains("which it holds itself"));
/// thread.request_stop();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deadlock {
    /// Who waits for what; the holder of each is the waiter of the next, and that of the last the waiter of the first.
    /// The first is the thread with the smallest number.
    pub edges: Vec<DeadlockEdge>,
}

/// One thread of a [`Deadlock`], and what it waits for.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// fn holders(deadlock: &diagnostics::Deadlock) -> Vec<&str> {
///     deadlock.edges.iter().map(|edge| &*edge.holder).collect()
/// }
/// # let _ = holders;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeadlockEdge {
    /// The name of the thread that waits.
    pub waiter: String,
    /// Its number.
    pub waiter_ident: u64,
    /// What kind of thing it waits for: `Lock`, `RLock`, `RwLock` or `Join`.
    pub kind: String,
    /// The name of that, if it was given one.
    pub object: Option<String>,
    /// Where that is.
    pub address: usize,
    /// The line that waits, as `file:line:column`.
    pub location: String,
    /// The name of the thread that holds it, or that is to end.
    pub holder: String,
    /// Its number.
    pub holder_ident: u64,
    /// The line in which that thread waits itself.
    pub holder_location: String,
    /// Tells one wait of a thread from another; nobody knows in another process.
    #[serde(skip)]
    pub(crate) since: Option<Instant>,
}

/// The deadlocks there are right now: through locks, re-entrant locks, read-write locks and joins.
///
/// Nobody is stopped, neither by the search nor by what it finds: a timeout or a stop can still resolve a deadlock.
/// What is reported was so at one moment, when all its threads were blocked at once; a deadlock with a timed wait may be over by now.
/// Each is reported once, as one circle; threads that wait for many readers may be in several.
/// A thread that reads under more than eight read-write locks at once is not known as a reader of the last ones.
/// A [`RawLock`](threadwork_sync::RawLock) may be released by anybody: where somebody outside the circle is going to do that, it is reported all the same.
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
        let place = reading.binary_search_by_key(&it.thread.ident, |it| it.thread.ident);
        place.is_ok_and(|place| key(&reading[place]) == key(it))
    };
    let goes_on = |it: &&Waiting| is_in(first, it) && is_in(third, it);
    let same: Vec<_> = second.iter().filter(goes_on).cloned().collect();
    circles(&same).into_iter().map(|circle| Deadlock::new(&circle, names)).collect()
}

/// Who is in a circle, found by following each thread to those that it waits for. That are several only where it waits for readers,
/// and then for all of them: one that is in a circle is enough.
fn circles(waits: &[Waiting]) -> Vec<Vec<&Waiting>> {
    let by_ident: BTreeMap<_, _> = waits.iter().map(|it| (it.thread.ident, it)).collect();
    let next = |it: &Waiting| {
        let threads = it.holder.iter().chain(&it.readers).copied().collect::<Vec<_>>();
        threads.into_iter().filter_map(|ident| by_ident.get(&ident).copied())
    };
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in waits {
        if !seen.insert(start.thread.ident) {
            continue;
        }
        // The way from `start`, and where else it leads from each step.
        let mut path = vec![(start, next(start))];
        while let Some((_, others)) = path.last_mut() {
            let Some(it) = others.next() else {
                path.pop();
                continue;
            };
            if seen.insert(it.thread.ident) {
                path.push((it, next(it)));
                continue;
            }
            // It has come to where it was before: on this way, or on an earlier one.
            if let Some(back) =
                path.iter().position(|(on_path, _)| on_path.thread.ident == it.thread.ident)
            {
                let mut circle: Vec<_> = path[back..].iter().map(|(it, _)| *it).collect();
                let first = (0..circle.len()).min_by_key(|place| circle[*place].thread.ident);
                circle.rotate_left(first.unwrap_or(0));
                circles.push(circle);
            }
        }
    }
    circles
}

impl Deadlock {
    fn new(circle: &[&Waiting], names: &Names) -> Deadlock {
        let next = circle.iter().cycle().skip(1);
        let edges = circle.iter().zip(next);
        Deadlock { edges: edges.map(|(it, next)| DeadlockEdge::new(it, next, names)).collect() }
    }
}

impl DeadlockEdge {
    /// `next` is what the holder waits for.
    fn new(waiting: &Waiting, next: &Waiting, names: &Names) -> DeadlockEdge {
        DeadlockEdge {
            waiter: names.of(waiting.thread.ident),
            waiter_ident: waiting.thread.ident.get(),
            kind: format!("{:?}", waiting.kind),
            object: waiting.name.map(str::to_owned),
            address: waiting.address,
            location: waiting.location.to_string(),
            holder: names.of(next.thread.ident),
            holder_ident: next.thread.ident.get(),
            holder_location: next.location.to_string(),
            since: Some(waiting.since),
        }
    }
}

impl fmt::Display for DeadlockEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DeadlockEdge { waiter_ident, holder_ident, .. } = self;
        let [waiter, holder, location] =
            [&self.waiter, &self.holder, &self.location].map(|it| one_line(it));
        write!(f, "'{waiter}' (#{waiter_ident}) waits at {location} for the ")?;
        if self.kind == "Join" {
            return write!(f, "end of '{holder}' (#{holder_ident})");
        }
        write!(f, "{} ", in_words(&self.kind))?;
        match &self.object {
            Some(object) => write!(f, "'{}'", one_line(object))?,
            None => write!(f, "at {:#x}", self.address)?,
        }
        if waiter_ident == holder_ident {
            f.write_str(", which it holds itself")
        } else {
            write!(f, ", held by '{holder}' (#{holder_ident})")
        }
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.edges[..] {
            [_] => f.write_str("deadlock of one thread with itself:")?,
            edges => write!(f, "deadlock of {} threads:", edges.len())?,
        }
        self.edges.iter().try_for_each(|edge| write!(f, "\n  {edge}"))
    }
}
