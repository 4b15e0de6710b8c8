//! A gate that is closed while the process forks: no thread is inside the lock of an object then, so the child finds all these locks free.
//!
//! There are many objects, and a forking thread cannot know them all. So a thread passes the gate before it takes an object's lock,
//! and the forking thread closes the gate and waits until no other thread is inside.
//! The gate is for rare operations: it is a single word, which every passing thread modifies.
//!
//! Scenario "the lock that the forking thread does not hold" in docs/architecture.md.

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

/// The number of threads inside, and the flag [`CLOSED`].
static GATE: AtomicUsize = AtomicUsize::new(0);

/// A thread forks: threads that are not inside yet have to wait.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Held by the thread that closed the gate; threads that arrive meanwhile wait for it.
static FORKING: Mutex<()> = Mutex::new(());

thread_local! {
    /// How many times the current thread has entered the gate without leaving it.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Keeps the current thread inside the gate until it is dropped.
///
/// A thread inside must not run user code, and may wait only for other threads that are inside: the process cannot fork meanwhile.
/// Locks that are held across a fork come after the gate: a thread that holds one must not enter the gate.
#[derive(Debug)]
#[must_use = "the thread leaves the gate when this is dropped"]
pub struct Inside(PhantomData<*const ()>);

/// Enters the gate; waits there while the process forks.
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

/// The gate, closed by the current thread, which is inside. Dropping it opens the gate.
struct Closed {
    _inside: Inside,
    _forking: MutexGuard<'static, ()>,
}

impl Drop for Closed {
    fn drop(&mut self) {
        GATE.fetch_and(!CLOSED, Ordering::Release);
    }
}

/// Closes the gate while the current thread forks. The parent opens it by dropping the returned function, the child by calling it.
#[must_use]
pub fn objects_locked() -> Box<dyn FnOnce()> {
    // A thread that is already inside is not counted again. That happens only if a signal handler forks.
    let inside = (DEPTH.get() > 0).then(inside);
    let forking = FORKING.lock();
    let inside = inside.unwrap_or_else(|| {
        GATE.fetch_add(1, Ordering::Relaxed);
        DEPTH.set(1);
        Inside(PhantomData)
    });
    GATE.fetch_or(CLOSED, Ordering::Relaxed);
    // The threads inside leave soon, and those that arrive now step back.
    while GATE.load(Ordering::Acquire) != CLOSED | 1 {
        thread::yield_now();
    }
    let closed = Closed { _inside: inside, _forking: forking };
    Box::new(move || {
        // A thread that does not exist in the child may have been arriving, and counted, at the moment of the fork.
        GATE.store(CLOSED | 1, Ordering::Relaxed);
        drop(closed);
    })
}

#[cfg(test)]
mod tests;
