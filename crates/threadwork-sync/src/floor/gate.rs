//! A gate that is closed while the process forks: no thread is inside the lock of an object then, so the child finds all these locks free.
//!
//! There are many objects, and a forking thread cannot know them all. So a thread passes the gate before it takes an object's lock,
//! and the forking thread closes the gate and waits until no other thread is inside.
//! The gate is for rare operations: it is a single word, which every passing thread modifies.
//!
//! Scenario "the lock that the forking thread does not hold" in docs/architecture.md.
#![expect(
    unsafe_code,
    reason = "the child of a fork replaces a lock that nobody can release, and forks are watched before `main`"
)]

use std::{
    cell::Cell,
    marker::PhantomData,
    mem::ManuallyDrop,
    sync::{
        MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::floor::{
    fork::{Part, Place},
    real::Renewable,
};

/// The number of threads inside, and the flag [`CLOSED`].
static GATE: AtomicUsize = AtomicUsize::new(0);

/// A thread forks: threads that are not inside yet have to wait.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Held by the thread that closed the gate; threads that arrive meanwhile wait for it.
static FORKING: Renewable<()> = Renewable::new(());

/// Closes the gate during each fork, unless the forking thread has closed it already.
static PART: Part = Part::new(Place::Gate, close, open, open_in_child);

/// Called before `main`, while there are no other threads: a fork cannot have begun before it knows the gate.
///
/// The section lists functions that are called when the program is loaded, or the library that contains this.
#[cfg(all(unix, not(threadwork_portable)))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[used]
static AT_START: extern "C" fn() = at_start;

#[cfg(all(unix, not(threadwork_portable)))]
extern "C" fn at_start() {
    // An allocator may watch forks too, from its first allocation on. It must do so earlier: the gate allocates when it is closed, and the
    // one that watches first is called last before a fork.
    drop(std::hint::black_box(Box::new(0_u8)));
    PART.look_after();
}

/// A gate that the forking thread has closed.
type ClosedGate = Box<dyn FnOnce()>;

thread_local! {
    /// Whether the current thread has closed the gate.
    static IS_CLOSED_HERE: Cell<bool> = const { Cell::new(false) };

    /// The gate that [`close`] has closed. Never dropped, so a thread can fork while it drops its thread-local values.
    static CLOSED_HERE: Cell<ManuallyDrop<Option<ClosedGate>>> =
        const { Cell::new(ManuallyDrop::new(None)) };

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
        PART.look_after();
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
        IS_CLOSED_HERE.set(false);
        GATE.fetch_and(!CLOSED, Ordering::Release);
    }
}

/// Closes the gate while the current thread forks. The parent opens it by dropping the returned function, the child by calling it.
/// Does nothing if the current thread has closed it already.
#[must_use]
pub fn objects_locked() -> Box<dyn FnOnce()> {
    if IS_CLOSED_HERE.get() {
        return Box::new(|| ());
    }
    PART.look_after();
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
    IS_CLOSED_HERE.set(true);
    let closed = Closed { _inside: inside, _forking: forking };
    Box::new(move || {
        // A thread that does not exist in the child may have been arriving, and counted, at the moment of the fork.
        GATE.store(CLOSED | 1, Ordering::Relaxed);
        drop(closed);
    })
}

/// Returns `true` if a thread forks. For tests.
#[must_use]
pub fn is_closed() -> bool {
    GATE.load(Ordering::Relaxed) & CLOSED != 0
}

fn close() {
    if !IS_CLOSED_HERE.get() {
        CLOSED_HERE.set(ManuallyDrop::new(Some(objects_locked())));
    }
}

fn take_closed() -> Option<ClosedGate> {
    ManuallyDrop::into_inner(CLOSED_HERE.replace(ManuallyDrop::new(None)))
}

fn open() {
    drop(take_closed());
}

fn open_in_child() {
    if let Some(closed) = take_closed() {
        closed();
    } else if !IS_CLOSED_HERE.get() {
        // Another thread used the gate for the first time when the fork had already begun.
        // SAFETY: the child has no other thread, and this one has not closed the gate.
        unsafe { FORKING.renew(()) };
        GATE.store(DEPTH.get().min(1), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
