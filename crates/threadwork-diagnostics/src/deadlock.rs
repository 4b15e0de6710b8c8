//! Threads that wait for each other in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;
use threadwork_core::sync::{WaitKind, Waiting, waits};

use crate::names::Names;

/// Threads that wait for each other in a circle: none goes on unless one of them gives up, by a timeout or a stop.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// # use threadwork_core::sync::{Lock, Wait};
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// What `kind` is called in a sentence.
    #[serde(skip)]
    what: &'static str,
}

/// The deadlocks there are right now: through locks, re-entrant locks, read-write locks that are being written, and joins.
///
/// Nobody is stopped, neither by the search nor by what it finds: a timeout or a stop can still resolve a deadlock.
/// What is reported was so at one moment, when all its threads were blocked at once; a deadlock with a timed wait may be over by now.
/// A read-write lock does not know its readers, so a circle through one of them is not seen.
#[must_use]
pub fn find_deadlocks() -> Vec<Deadlock> {
    let before = waits();
    if circles(&before).is_empty() {
        return Vec::new();
    }
    find_in(&before, &waits(), &Names::now())
}

/// The circles that are the same in two readings of the records, one after the other.
///
/// Each of their waits went on from before the end of the first reading until after the beginning of the second, so that they all went on
/// at once in between; and a thread that is blocked all the time neither acquires nor releases what it holds.
pub(crate) fn find_in(before: &[Waiting], after: &[Waiting], names: &Names) -> Vec<Deadlock> {
    let goes_on = |it: &&Waiting| {
        let place = after.binary_search_by_key(&it.ident, |it| it.ident);
        place.is_ok_and(|place| after[place] == **it)
    };
    let same: Vec<_> = before.iter().filter(goes_on).cloned().collect();
    let report = |circle: Vec<&Waiting>| Deadlock {
        edges: circle.into_iter().map(|it| DeadlockEdge::new(it, names)).collect(),
    };
    circles(&same).into_iter().map(report).collect()
}

/// Who is in a circle. A thread waits for one thing, which one thread holds: whoever follows that comes to an end, or into a circle.
fn circles(waits: &[Waiting]) -> Vec<Vec<&Waiting>> {
    let by_ident: BTreeMap<_, _> = waits.iter().map(|it| (it.ident, it)).collect();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in waits {
        let mut path: Vec<&Waiting> = Vec::new();
        let mut next = Some(start);
        while let Some(it) = next.filter(|it| seen.insert(it.ident)) {
            path.push(it);
            next = it.holder.and_then(|holder| by_ident.get(&holder).copied());
        }
        // It has come to where it was before on this very path, or on an earlier one.
        let back = next.and_then(|it| path.iter().position(|on_path| on_path.ident == it.ident));
        if let Some(back) = back {
            let mut circle = path.split_off(back);
            let first = (0..circle.len()).min_by_key(|place| circle[*place].ident);
            circle.rotate_left(first.unwrap_or(0));
            circles.push(circle);
        }
    }
    circles
}

impl DeadlockEdge {
    fn new(waiting: &Waiting, names: &Names) -> DeadlockEdge {
        let holder = waiting.holder.unwrap_or(waiting.ident);
        DeadlockEdge {
            waiter: names.of(waiting.ident),
            waiter_ident: waiting.ident.get(),
            kind: format!("{:?}", waiting.kind),
            object: waiting.name.map(str::to_owned),
            address: waiting.address,
            location: waiting.location.to_string(),
            holder: names.of(holder),
            holder_ident: holder.get(),
            what: match waiting.kind {
                WaitKind::RLock => "re-entrant lock",
                WaitKind::RwLock => "read-write lock",
                WaitKind::Join => "end",
                _ => "lock",
            },
        }
    }
}

impl fmt::Display for DeadlockEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DeadlockEdge { waiter, waiter_ident, what, location, holder, holder_ident, .. } = self;
        write!(f, "'{waiter}' (#{waiter_ident}) waits at {location} for the {what} ")?;
        if self.kind == "Join" {
            return write!(f, "of '{holder}' (#{holder_ident})");
        }
        match &self.object {
            Some(object) => write!(f, "'{object}'")?,
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
