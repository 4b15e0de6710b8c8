//! In which order locks are acquired.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Arc, MutexGuard},
};

use threadwork_core::sync::internal::{LockTaken, catch};

use super::{held::HeldLock, here::once};
use crate::mutex::Mutex;

mod inversion;
mod graph;

use self::graph::{Graph, Node, Step, Use};
pub use self::inversion::{LockInversion, LockStep};

pub(super) type Handler = Arc<dyn Fn(&LockInversion) + Send + Sync>;

/// What is known of the order of locks, and who is told of it.
struct Order {
    handler: Option<Handler>,
    graph: Graph,
}

static ORDER: Mutex<Order> = Mutex::new(Order { handler: None, graph: Graph::new() });

thread_local! {
    /// What the current thread has found, and tells as soon as it holds no lock.
    static NEWS: RefCell<VecDeque<LockInversion>> = const { RefCell::new(VecDeque::new()) };
    /// Whether it is telling.
    static TELLS: Cell<bool> = const { Cell::new(false) };
}

/// From now on this handler is told.
pub(super) fn set_handler(handler: Handler) {
    let _old = once(|| ORDER.lock().handler.replace(handler));
}

/// The current thread, which holds some locks, has acquired another one, for which it may have waited.
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
            // Nothing is told where the thread drops its thread-local values.
            let _ = NEWS.try_with(|news| news.borrow_mut().push_back(inversion));
        }
    }
}

fn node(name: Option<&'static str>, id: Option<NonZeroU32>) -> Option<Node> {
    name.map(Node::Named).or(id.map(Node::Nameless))
}

/// Whether the current thread has something to tell, and is not telling.
pub(super) fn is_there_news() -> bool {
    !TELLS.get() && NEWS.try_with(|news| !news.borrow().is_empty()) == Ok(true)
}

/// Tells what the current thread has found. It holds no lock, and stands in no queue: here is user code.
#[cold]
pub(super) fn tell() {
    TELLS.set(true);
    // What the handler itself is found to do is told after that.
    while let Some(inversion) = NEWS.with(|news| news.borrow_mut().pop_front()) {
        let Some(handler) = once(|| ORDER.lock().handler.clone()).flatten() else { continue };
        // The process's panic hook has printed its message.
        let _ = catch(|| handler(&inversion));
    }
    TELLS.set(false);
}

/// A lock is gone.
pub(super) fn forget(id: NonZeroU32) {
    ORDER.lock().graph.remove(id);
}

/// What is known of the order of locks, while the current thread forks.
pub(super) struct OrderGuard(
    #[expect(dead_code, reason = "it is held")] MutexGuard<'static, Order>,
);

impl OrderGuard {
    pub(super) fn lock() -> OrderGuard {
        OrderGuard(ORDER.lock())
    }
}
