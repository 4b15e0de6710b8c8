//! The gate that a process closes while it forks: nobody is inside the lock of an object then, so the child finds all of them free.
//!
//! There are many objects, and a thread that forks cannot know them all. So whoever takes the lock of one goes through the gate first,
//! and the thread that forks closes it and waits until nobody is inside.
//! It is for what is done seldom: the gate is one word, which all who go through it change.

use std::{
    cell::Cell,
    marker::PhantomData,
    sync::{
        MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::floor::Mutex;

/// How many threads are inside, and [`CLOSED`].
static GATE: AtomicUsize = AtomicUsize::new(0);

/// Somebody forks: who is not inside yet has to wait.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Held by the thread that has closed the gate; who comes meanwhile waits for it.
static FORKING: Mutex<()> = Mutex::new(());

thread_local! {
    /// How often the current thread has gone in and not out.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The current thread is inside until this is dropped.
///
/// It may not run user code, nor block for longer than others are inside: the process is not forked meanwhile.
/// Locks that are held across a fork come after the gate: who holds one of those does not go in.
#[derive(Debug)]
#[must_use = "the thread is out again when this is dropped"]
pub struct Inside(PhantomData<*const ()>);

/// Goes through the gate, and waits there while the process forks.
pub fn inside() -> Inside {
    let depth = DEPTH.get();
    if depth == 0 {
        while GATE.fetch_add(1, Ordering::Acquire) & CLOSED != 0 {
            GATE.fetch_sub(1, Ordering::Relaxed);
            drop(FORKING.lock());
        }
    }
    DEPTH.set(depth + 1);
    Inside(PhantomData)
}

impl Drop for Inside {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            GATE.fetch_sub(1, Ordering::Release);
        }
    }
}

/// The gate, closed by the current thread, which is inside. Its drop opens it.
struct Closed {
    _inside: Inside,
    _forking: MutexGuard<'static, ()>,
}

impl Drop for Closed {
    fn drop(&mut self) {
        GATE.fetch_and(!CLOSED, Ordering::Release);
    }
}

/// Closes the gate while the current thread forks. To drop what this returns, in the parent, opens it; to call it does so in the child.
#[must_use]
pub fn objects_locked() -> Box<dyn FnOnce()> {
    // Not if it is inside already, which is only where the handler of a signal forks.
    let inside = (DEPTH.get() > 0).then(inside);
    let forking = FORKING.lock();
    let inside = inside.unwrap_or_else(|| {
        GATE.fetch_add(1, Ordering::Relaxed);
        DEPTH.set(1);
        Inside(PhantomData)
    });
    GATE.fetch_or(CLOSED, Ordering::Relaxed);
    // Others who are inside come out soon, and who comes now goes away again.
    while GATE.load(Ordering::Acquire) != CLOSED | 1 {
        thread::yield_now();
    }
    let closed = Closed { _inside: inside, _forking: forking };
    Box::new(move || {
        // Somebody may have come at that very moment who is not here.
        GATE.store(CLOSED | 1, Ordering::Relaxed);
        drop(closed);
    })
}

#[cfg(test)]
mod tests;
