//! The report of a deadlock.

use std::{fmt, time::Instant};

use serde::{Deserialize, Serialize};
use threadwork_sync::Waiting;

use crate::{
    blocked::is_same_thread,
    names::Names,
    places::place,
    words::{in_words, one_line},
};

/// Threads that wait for each other: none of them continues unless one gives up, by a timeout or a stop.
///
/// It is a circle. If a thread waits for any of several objects, it is a knot instead: that thread has an edge for each of the objects.
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
    /// Which thread waits for what. In a circle the holder of each edge is the waiter of the next one, and the holder of the last edge is the waiter of
    /// the first. The first waiter is the thread with the smallest number.
    ///
    /// In a knot, where [`any_of`](DeadlockEdge::any_of) is `true` for some edges, the waiters come in order of their numbers, those edges in order of
    /// the call. A holder that is no waiter here is in another deadlock, or waits for one.
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
    /// The kind of object it waits for: `Lock`, `RLock`, `RwLock`, `Join`, `Task`, or `QueuePut` for room in the backlog of an executor.
    pub kind: String,
    /// The name of the object, if it has one; for a task, of its executor.
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
    /// Whether this is one of several objects of which the thread waits for any.
    #[serde(default)]
    pub any_of: bool,
    /// When the wait began: it distinguishes two waits of one thread. It is lost when the report is read by another process.
    #[serde(skip)]
    pub(crate) since: Option<Instant>,
}

impl Deadlock {
    /// In each pair the second wait is that of the holder.
    pub(super) fn new(edges: &[(&Waiting, &Waiting)], names: &Names) -> Deadlock {
        let of_thread = |edges: &[(&Waiting, &Waiting)]| {
            let any_of = edges.len() > 1;
            let edge = |it: &(&Waiting, &Waiting)| DeadlockEdge::new(it.0, it.1, names);
            edges.iter().map(|it| DeadlockEdge { any_of, ..edge(it) }).collect::<Vec<_>>()
        };
        let threads = edges.chunk_by(|one, other| is_same_thread(one.0, other.0));
        Deadlock { edges: threads.flat_map(of_thread).collect() }
    }
}

impl DeadlockEdge {
    /// `next` is the wait of the holder.
    fn new(waiting: &Waiting, next: &Waiting, names: &Names) -> DeadlockEdge {
        DeadlockEdge {
            waiter: names.of(waiting.thread.ident),
            waiter_ident: waiting.thread.ident.get(),
            kind: format!("{:?}", waiting.kind),
            object: names.of_object(waiting),
            address: waiting.address,
            location: place(waiting.location),
            holder: names.of(next.thread.ident),
            holder_ident: next.thread.ident.get(),
            holder_location: place(next.location),
            any_of: false,
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
        if self.kind == "Task" {
            f.write_str("result of a task of executor ")?;
        } else {
            write!(f, "{} ", in_words(&self.kind))?;
        }
        match &self.object {
            Some(object) => write!(f, "'{}'", one_line(object))?,
            None => write!(f, "at {:#x}", self.address)?,
        }
        if self.kind == "Task" && waiter_ident == holder_ident {
            f.write_str(", for which it would have to be free itself")
        } else if self.kind == "Task" {
            write!(f, ", for which '{holder}' (#{holder_ident}) would have to be free")
        } else if waiter_ident == holder_ident {
            f.write_str(", which it holds itself")
        } else {
            write!(f, ", held by '{holder}' (#{holder_ident})")
        }
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let same =
            |one: &DeadlockEdge, other: &DeadlockEdge| one.waiter_ident == other.waiter_ident;
        match self.edges.chunk_by(same).count() {
            1 => f.write_str("deadlock of one thread with itself:")?,
            count => write!(f, "deadlock of {count} threads:")?,
        }
        for choices in self.edges.chunk_by(same) {
            let mut between = "";
            for edge in choices {
                write!(f, "{between}\n  {edge}")?;
                between = ", or";
            }
        }
        Ok(())
    }
}
