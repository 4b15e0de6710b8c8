//! The order in which locks are acquired, and the reports of inversions.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Arc, MutexGuard},
};

use threadwork_sync::internal::{observe::LockTaken, panic::catch};

use super::{held::HeldLock, here::once};
use crate::mutex::Mutex;

mod inversion;
mod graph;

use self::graph::{Graph, Node, Step, Use};
pub use self::inversion::{LockInversion, LockStep};

pub(super) type Handler = Arc<dyn Fn(&LockInversion) + Send + Sync>;

/// The order of locks, and the handler of inversions.
struct Order {
    handler: Option<Handler>,
    graph: Graph,
}

static ORDER: Mutex<Order> = Mutex::new(Order { handler: None, graph: Graph::new() });

thread_local! {
    /// Inversions that the current thread has found and not yet reported. It reports them as soon as it holds no lock.
    static UNREPORTED: RefCell<VecDeque<LockInversion>> = const { RefCell::new(VecDeque::new()) };
    /// Whether it is reporting.
    static IS_REPORTING: Cell<bool> = const { Cell::new(false) };
}

/// Replaces the handler.
pub(super) fn set_handler(handler: Handler) {
    let _old = once(|| ORDER.lock().handler.replace(handler));
}

/// The current thread holds the locks in `held` and has acquired another one by a call that may wait.
pub(super) fn acquired(held: &[HeldLock], taken: &LockTaken) {
    let Some(to) = node(taken.name, taken.id) else { return };
    let LockTaken { name, address, location, .. } = *taken;
    let acquired = Use { name, address, location };
    for it in held {
        let HeldLock { name, address, location, .. } = *it;
        let step = Step { held: Use { name, address, location }, acquired };
        let found = node(name, Some(it.id)).filter(|from| *from != to).and_then(|from| {
            let mut order = ORDER.lock();
            order.graph.add(from, to, step)
        });
        if let Some(inversion) = found {
            // Nothing is reported while the thread drops its thread-local values.
            let _ = UNREPORTED.try_with(|found| found.borrow_mut().push_back(inversion));
        }
    }
}

fn node(name: Option<&'static str>, id: Option<NonZeroU32>) -> Option<Node> {
    name.map(Node::Named).or(id.map(Node::Nameless))
}

/// Whether the current thread has something to report, and is not already reporting.
pub(super) fn is_report_due() -> bool {
    !IS_REPORTING.get() && UNREPORTED.try_with(|found| !found.borrow().is_empty()) == Ok(true)
}

/// Reports what the current thread has found. This calls user code, so the thread must hold no lock and stand in no queue.
#[cold]
pub(super) fn report() {
    IS_REPORTING.set(true);
    // Inversions found in the handler itself are reported after it returns.
    while let Some(inversion) = UNREPORTED.with(|found| found.borrow_mut().pop_front()) {
        let Some(handler) = once(|| ORDER.lock().handler.clone()).flatten() else { continue };
        // The process's panic hook has printed the message.
        let _ = catch(|| handler(&inversion));
    }
    IS_REPORTING.set(false);
}

/// A lock was dropped.
pub(super) fn forget(id: NonZeroU32) {
    ORDER.lock().graph.remove(id);
}

/// Keeps the order of locks locked while the current thread forks.
pub(super) struct OrderGuard(
    #[expect(dead_code, reason = "it is held")] MutexGuard<'static, Order>,
);

impl OrderGuard {
    pub(super) fn lock() -> OrderGuard {
        OrderGuard(ORDER.lock())
    }
}
