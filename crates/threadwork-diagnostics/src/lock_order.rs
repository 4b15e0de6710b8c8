//! In which order locks are acquired.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    num::NonZeroU32,
    panic::Location,
    sync::{Arc, MutexGuard},
};

use serde::Serialize;
use threadwork_sync::internal::{observe::LockTaken, panic::catch};

use crate::{
    lock_watch::{WATCH, once},
    timeline::mutex::Mutex,
    watched::Held,
};

#[cfg(test)]
mod tests;

/// Two locks, or more in a circle, are acquired in different orders at different places: two threads that do it at once may wait for each
/// other for ever. Nothing needs to have blocked to find that out.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_sync::Lock;
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
    /// For each lock those that were acquired while it was held, and how that was first.
    after: BTreeMap<Node, BTreeMap<Node, Step>>,
    /// For each lock without a name those before it in `after`.
    before: BTreeMap<NonZeroU32, BTreeSet<Node>>,
}

/// Locks of one name are one lock here; those without names go by their numbers, which are never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Named(&'static str),
    Nameless(NonZeroU32),
}

/// How a lock was acquired while another was held.
#[derive(Clone, Copy)]
struct Step {
    held: Use,
    acquired: Use,
}

/// An acquisition of a lock.
#[derive(Clone, Copy)]
struct Use {
    name: Option<&'static str>,
    address: usize,
    location: &'static Location<'static>,
}

static GRAPH: Mutex<Graph> =
    Mutex::new(Graph { handler: None, after: BTreeMap::new(), before: BTreeMap::new() });

thread_local! {
    /// What the current thread has found, and tells as soon as it holds no lock.
    static NEWS: RefCell<VecDeque<LockInversion>> = const { RefCell::new(VecDeque::new()) };
    /// Whether it is telling.
    static TELLS: Cell<bool> = const { Cell::new(false) };
}

/// From now on `handler` is told of each [`LockInversion`] once. For tests: it costs each acquisition under another lock a look into a table.
/// It needs the feature `lock_probe`.
///
/// It is told by the thread that acquires a lock in another order than before, as soon as that holds no lock that it has acquired since the watch began,
/// so the handler may acquire any lock. A thread that never comes to hold none tells nothing. If the handler panics, the thread goes on.
///
/// Locks of one name count as one lock, and to acquire two of one name is no order at all. A lock without a name is itself, wherever it is moved,
/// and forgotten when it is dropped. Who only tries to acquire a lock, also with a timeout of zero, does not wait, so that is no order;
/// what is acquired after it is.
pub fn watch_lock_order(handler: impl Fn(&LockInversion) + Send + Sync + 'static) {
    let handler: Handler = Arc::new(handler);
    let _old = once(|| GRAPH.lock().handler.replace(handler));
    WATCH.watch(&WATCH.order);
}

/// The current thread, which holds some locks, has acquired another one, for which it may have waited.
pub(crate) fn acquired(held: &[Held], taken: &LockTaken) {
    let Some(to) = node(taken.name, taken.id) else { return };
    let LockTaken { name, address, location, .. } = *taken;
    let acquired = Use { name, address, location };
    for it in held {
        let Held { name, address, location, .. } = *it;
        let step = Step { held: Use { name, address, location }, acquired };
        let found = node(name, Some(it.id)).filter(|from| *from != to).and_then(|from| {
            let mut graph = GRAPH.lock();
            graph.add(from, to, step)
        });
        if let Some(inversion) = found {
            // Nothing is told where the thread drops its thread-local values.
            let _ = NEWS.try_with(|news| news.borrow_mut().push_back(inversion));
        }
    }
}

fn node(name: Option<&'static str>, id: Option<NonZeroU32>) -> Option<Node> {
    name.map(Node::Named).or(id.map(Node::Nameless))
}

/// Whether the current thread has something to tell, and is not telling.
pub(crate) fn is_there_news() -> bool {
    !TELLS.get() && NEWS.try_with(|news| !news.borrow().is_empty()) == Ok(true)
}

/// Tells what the current thread has found. It holds no lock, and stands in no queue: here is user code.
#[cold]
pub(crate) fn tell() {
    TELLS.set(true);
    // What the handler itself is found to do is told after that.
    while let Some(inversion) = NEWS.with(|news| news.borrow_mut().pop_front()) {
        let Some(handler) = once(|| GRAPH.lock().handler.clone()).flatten() else { continue };
        // The process's panic hook has printed its message.
        let _ = catch(|| handler(&inversion));
    }
    TELLS.set(false);
}

/// A lock is gone.
pub(crate) fn forget(id: NonZeroU32) {
    GRAPH.lock().remove(id);
}

/// What is known of the order of locks, while the current thread forks.
pub(crate) struct Locked(#[expect(dead_code, reason = "it is held")] MutexGuard<'static, Graph>);

impl Locked {
    pub(crate) fn now() -> Locked {
        Locked(GRAPH.lock())
    }
}

impl Graph {
    /// Adds a step; if it closes a circle, that has to be reported.
    fn add(&mut self, from: Node, to: Node, step: Step) -> Option<LockInversion> {
        let after = self.after.entry(from).or_default();
        if after.contains_key(&to) {
            return None;
        }
        after.insert(to, step);
        if let Node::Nameless(id) = to {
            self.before.entry(id).or_default().insert(from);
        }
        let rest = self.way(to, from)?;
        let steps = std::iter::once(step).chain(rest).map(LockStep::new).collect();
        Some(LockInversion { steps })
    }

    /// The steps that lead from one lock to another, if any do.
    fn way(&self, from: Node, to: Node) -> Option<Vec<Step>> {
        let next = |node: &Node| self.after.get(node).into_iter().flatten();
        let mut seen = BTreeSet::new();
        let mut steps = Vec::new();
        // Where else it goes from each lock on the way. There may be many, so this does not take the stack of whoever acquires a lock.
        let mut way = vec![next(&from)];
        while let Some(others) = way.last_mut() {
            let Some((node, step)) = others.next() else {
                way.pop();
                steps.pop();
                continue;
            };
            if *node == to {
                steps.push(*step);
                return Some(steps);
            }
            if seen.insert(*node) {
                steps.push(*step);
                way.push(next(node));
            }
        }
        None
    }

    /// Removes a lock without a name, and the steps from it and to it.
    fn remove(&mut self, id: NonZeroU32) {
        let node = Node::Nameless(id);
        for from in self.before.remove(&id).into_iter().flatten() {
            let is_last = self.after.get_mut(&from).is_some_and(|after| {
                after.remove(&node);
                after.is_empty()
            });
            if is_last {
                self.after.remove(&from);
            }
        }
        for to in self.after.remove(&node).into_iter().flat_map(BTreeMap::into_keys) {
            if let Node::Nameless(to) = to
                && let Some(before) = self.before.get_mut(&to)
            {
                before.remove(&node);
            }
        }
    }
}

impl LockStep {
    fn new(Step { held, acquired }: Step) -> LockStep {
        LockStep {
            held: held.lock(),
            held_at: held.location.to_string(),
            acquired: acquired.lock(),
            acquired_at: acquired.location.to_string(),
        }
    }
}

impl Use {
    /// The name of the lock, or its address.
    fn lock(&self) -> String {
        self.name.map_or_else(|| format!("{:#x}", self.address), str::to_owned)
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
