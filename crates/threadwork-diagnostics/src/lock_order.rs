//! In which order locks are acquired.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    panic::Location,
    sync::Arc,
};

use serde::Serialize;
use threadwork_core::sync::{Lock, internal::LockTaken};

use crate::lock_watch::{Held, WATCH};

/// Two locks, or more in a circle, are acquired in different orders at different places: two threads that do it at once may wait for each
/// other for ever. Nothing needs to have blocked to find that out.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core::sync::Lock;
/// use std::sync::OnceLock;
///
/// static STOCK: Lock<u32> = Lock::named("stock", 0);
/// static ORDERS: Lock<u32> = Lock::named("orders", 0);
/// static SEEN: OnceLock<String> = OnceLock::new();
///
/// diagnostics::watch_lock_order(|inversion| _ = SEEN.set(inversion.to_string()));
/// {
///     let _stock = STOCK.acquire();
///     *ORDERS.acquire() += 1;
/// }
/// {
///     let _orders = ORDERS.acquire();
///     *STOCK.acquire() += 1;
/// }
/// assert!(SEEN.get().unwrap().starts_with("locks are acquired in different orders"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LockInversion {
    /// Each lock is acquired while that of the step before is held; the last leads back to the first.
    pub steps: Vec<LockStep>,
}

/// One lock that is acquired while another is held: a part of [`LockInversion`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LockStep {
    /// The name of the lock that is held, or its address.
    pub held: String,
    /// The line that has acquired it, as `file:line:column`.
    pub held_at: String,
    /// The name of the lock that is acquired, or its address.
    pub acquired: String,
    /// The line that acquires it.
    pub acquired_at: String,
}

type Handler = Arc<dyn Fn(&LockInversion) + Send + Sync>;

/// What is known of the order of locks.
struct Graph {
    handler: Option<Handler>,
    /// For each lock those that were acquired while it was held, and where that was first.
    after: BTreeMap<Node, BTreeMap<Node, Places>>,
}

/// Locks of one name are one lock here; those without names go by their addresses.
type Node = (Option<&'static str>, usize);

#[derive(Clone, Copy)]
struct Places {
    held_at: &'static Location<'static>,
    acquired_at: &'static Location<'static>,
}

static GRAPH: Lock<Graph> = Lock::new(Graph { handler: None, after: BTreeMap::new() });

/// From now on `handler` is told of each [`LockInversion`] once, by the thread that acquires a lock in another order than before. For tests:
/// it costs each acquisition under another lock a look into a table. It needs the feature `lock_probe`.
///
/// Locks of one name count as one lock, and to acquire two of one name is no order at all. A lock without a name that is freed, and another one that
/// is made at the same address, are taken for the same. A [`try_acquire`](Lock::try_acquire) counts too, although it cannot wait.
pub fn watch_lock_order(handler: impl Fn(&LockInversion) + Send + Sync + 'static) {
    let _old = GRAPH.acquire().handler.replace(Arc::new(handler));
    WATCH.watch(&WATCH.order);
}

fn node(name: Option<&'static str>, address: usize) -> Node {
    (name, if name.is_some() { 0 } else { address })
}

/// The current thread, which holds some locks, has acquired another one.
pub(crate) fn acquired(held: &[Held], taken: &LockTaken) {
    let to = node(taken.name, taken.address);
    for it in held {
        let from = node(it.name, it.address);
        let places = Places { held_at: it.location, acquired_at: taken.location };
        let found = (from != to).then(|| GRAPH.acquire().add(from, to, places)).flatten();
        if let Some((inversion, handler)) = found {
            handler(&inversion);
        }
    }
}

impl Graph {
    /// Adds a step; if it closes a circle, that has to be reported.
    fn add(&mut self, from: Node, to: Node, places: Places) -> Option<(LockInversion, Handler)> {
        let after = self.after.entry(from).or_default();
        if after.contains_key(&to) {
            return None;
        }
        after.insert(to, places);
        let mut path = vec![(from, to, places)];
        let closes = self.lead(to, from, &mut BTreeSet::new(), &mut path);
        let handler = self.handler.clone().filter(|_| closes)?;
        Some((LockInversion { steps: path.into_iter().map(LockStep::new).collect() }, handler))
    }

    /// Whether steps lead from one lock to another; they are appended to `path`.
    fn lead(
        &self,
        from: Node,
        to: Node,
        seen: &mut BTreeSet<Node>,
        path: &mut Vec<(Node, Node, Places)>,
    ) -> bool {
        for (next, places) in self.after.get(&from).into_iter().flatten() {
            path.push((from, *next, *places));
            if *next == to || (seen.insert(*next) && self.lead(*next, to, seen, path)) {
                return true;
            }
            path.pop();
        }
        false
    }
}

impl LockStep {
    fn new((held, acquired, places): (Node, Node, Places)) -> LockStep {
        let name =
            |(name, address): Node| name.map_or_else(|| format!("{address:#x}"), str::to_owned);
        LockStep {
            held: name(held),
            held_at: places.held_at.to_string(),
            acquired: name(acquired),
            acquired_at: places.acquired_at.to_string(),
        }
    }
}

impl fmt::Display for LockInversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("locks are acquired in different orders, which may end in a deadlock:")?;
        for LockStep { held, held_at, acquired, acquired_at } in &self.steps {
            write!(
                f,
                "\n  '{acquired}' at {acquired_at}, while '{held}' is held, acquired at {held_at}"
            )?;
        }
        Ok(())
    }
}
