//! The report of a deadlock.

use std::{fmt, time::Instant};

use serde::{Deserialize, Serialize};
use threadwork_sync::Waiting;

use crate::{
    names::Names,
    words::{in_words, one_line},
};

/// Threads that wait for each other in a circle: none of them continues unless one gives up, by a timeout or a stop.
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
    /// Which thread waits for what. The holder of each edge is the waiter of the next one, and the holder of the last edge is the waiter of the first.
    /// The first waiter is the thread with the smallest number.
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
    /// The name of the waiting thread.
    pub waiter: String,
    /// The number of the waiting thread.
    pub waiter_ident: u64,
    /// The kind of object it waits for: `Lock`, `RLock`, `RwLock` or `Join`.
    pub kind: String,
    /// The name of the object, if it has one.
    pub object: Option<String>,
    /// The address of the object.
    pub address: usize,
    /// The source line that waits, as `file:line:column`.
    pub location: String,
    /// The name of the thread that holds the object; for a join, of the thread that is joined.
    pub holder: String,
    /// The number of that thread.
    pub holder_ident: u64,
    /// The source line at which that thread itself waits.
    pub holder_location: String,
    /// When the wait began: it distinguishes two waits of one thread. It is lost when the report is read by another process.
    #[serde(skip)]
    pub(crate) since: Option<Instant>,
}

impl Deadlock {
    pub(super) fn new(circle: &[&Waiting], names: &Names) -> Deadlock {
        let next = circle.iter().cycle().skip(1);
        let edges = circle.iter().zip(next);
        Deadlock { edges: edges.map(|(it, next)| DeadlockEdge::new(it, next, names)).collect() }
    }
}

impl DeadlockEdge {
    /// `next` is the wait of the holder.
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
