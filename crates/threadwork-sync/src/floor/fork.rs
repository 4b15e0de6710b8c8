//! What is done before and after the process forks.
//!
//! Only the forking thread exists in the child. The others may have held locks or have been in the middle of a change at that moment.
//! Whoever has something process-wide describes as a [`Part`] what a fork does to it, and calls [`Part::look_after`] before each use.
//! Before a fork the gate is closed first, and it is known from the start of the process. A part that has something to do before a fork
//! is made known by threads inside the gate: so a fork either knows it, or is over before it is used.
//! A part that only changes in the child is found there if any thread has begun to use it.
//!
//! Scenario "the waiters that are not there" in docs/architecture.md.
#![expect(unsafe_code, reason = "parts are found through pointers")]

use std::{
    cell::Cell,
    mem::ManuallyDrop,
    process, ptr,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering},
};

use crate::{
    floor::at_work::AtWork,
    os::process::{HeldSignals, at_fork},
};

/// A part of the library that has to be looked after when the process forks.
#[derive(Debug)]
pub struct Part {
    place: Place,
    before: fn(),
    in_parent: fn(),
    in_child: fn(),
    /// Whether all later forks look after the part.
    is_known: AtomicBool,
}

/// The place of a part in the order in which the parts are visited after a fork. Before it they are visited in the opposite order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Sleepers,
    Queues,
    /// The locks of the crate above, which may wake those who wait for them.
    Above,
    /// Closed while all others are visited.
    Gate,
}

/// The parts that forks know.
static PARTS: [AtomicPtr<Part>; 4] = [const { AtomicPtr::new(ptr::null_mut()) }; 4];

/// The number of the process whose parts are clean. There may be two handlers for the same fork, and only the first may clean the child:
/// another handler may have started threads before the second.
static CLEAN: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// The signals that the current thread holds back while it forks: one that is sent to the child at once waits until the child knows that
    /// it is a child. Never dropped, so a thread can fork while it drops its thread-local values.
    static HELD_SIGNALS: Cell<ManuallyDrop<Option<HeldSignals>>> =
        const { Cell::new(ManuallyDrop::new(None)) };
}

fn take_held_signals() -> Option<HeldSignals> {
    ManuallyDrop::into_inner(HELD_SIGNALS.take())
}

impl Part {
    /// Creates a part. Before a fork `before` is called, and after it `in_parent` or `in_child`; there may be two calls of the first two.
    pub(crate) const fn new(place: Place, before: fn(), in_parent: fn(), in_child: fn()) -> Part {
        Part { place, before, in_parent, in_child, is_known: AtomicBool::new(false) }
    }

    /// Creates the part of the crate above.
    #[must_use]
    pub const fn above(before: fn(), in_parent: fn(), in_child: fn()) -> Part {
        Part::new(Place::Above, before, in_parent, in_child)
    }

    /// Creates a part that only changes in the child.
    pub(crate) const fn of_child(place: Place, in_child: fn()) -> Part {
        Part::new(place, || (), || (), in_child)
    }

    /// Sees to it that forks look after the part. Costs a load.
    #[inline]
    pub fn look_after(&'static self) {
        if !self.is_known.load(Ordering::Acquire) {
            self.begin_to_look_after();
        }
    }

    #[cold]
    fn begin_to_look_after(&'static self) {
        PARTS[self.place as usize].store(ptr::from_ref(self).cast_mut(), Ordering::Release);
        watch();
        self.is_known.store(true, Ordering::Release);
    }
}

/// Registers the handlers of a fork.
fn watch() {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    // The gate registers them before `main`. Where nothing runs so early, threads that come here at the same time all register them. If one
    // waited for another, it would wait for ever in the child of a fork at this moment; if it went on, such a child might not be cleaned.
    if !IS_WATCHED.load(Ordering::Acquire) {
        at_fork(before, in_parent, in_child);
        IS_WATCHED.store(true, Ordering::Release);
    }
}

/// Returns the known parts. Each is looked up when it is reached.
fn parts() -> impl DoubleEndedIterator<Item = &'static Part> {
    PARTS.iter().filter_map(|part| {
        // SAFETY: null, or a part that is never freed.
        unsafe { part.load(Ordering::Acquire).as_ref() }
    })
}

extern "C" fn before() {
    let signals = take_held_signals().unwrap_or_else(HeldSignals::new);
    HELD_SIGNALS.set(ManuallyDrop::new(Some(signals)));
    CLEAN.store(0, Ordering::Relaxed);
    parts().rev().for_each(|it| (it.before)());
}

extern "C" fn in_parent() {
    parts().for_each(|it| (it.in_parent)());
    drop(take_held_signals());
}

extern "C" fn in_child() {
    // A signal handler may fork while the thread has a bucket locked. Then the child is cleaned once the thread has unlocked it.
    AtWork::at_the_end(|| {
        let here = process::id();
        if CLEAN.swap(here, Ordering::Relaxed) != here {
            parts().for_each(|it| (it.in_child)());
        }
    });
    drop(take_held_signals());
}
