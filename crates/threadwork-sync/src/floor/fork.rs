//! What is done before and after the process forks.
//!
//! Only the forking thread exists in the child. The others may have held locks or have been in the middle of a change at that moment.
//! Whoever has something process-wide describes as a [`Part`] what a fork does to it, and calls [`Part::look_after`] before each use.
//! So a fork either knows the part, or no thread has begun to use it.
//!
//! Scenario "the waiters that are not there" in docs/architecture.md.
#![expect(unsafe_code, reason = "parts are found through pointers")]

use std::{
    process, ptr,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering},
};

use crate::{floor::at_work::AtWork, os};

/// A part of this crate that has to be looked after when the process forks.
pub(crate) struct Part {
    place: Place,
    before: fn(),
    in_parent: fn(),
    in_child: fn(),
    /// Whether all later forks look after the part.
    is_known: AtomicBool,
}

/// The place of a part in the order in which the parts are visited.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Sleepers,
    Queues,
    Gate,
}

/// The parts that forks know.
static PARTS: [AtomicPtr<Part>; 3] = [const { AtomicPtr::new(ptr::null_mut()) }; 3];

/// The number of the process whose parts are clean. There may be two handlers for the same fork, and only the first may clean the child:
/// another handler may have started threads before the second.
static CLEAN: AtomicU32 = AtomicU32::new(0);

impl Part {
    /// Creates a part. Before a fork `before` is called, and after it `in_parent` or `in_child`; there may be two calls of the first two.
    pub(crate) const fn new(place: Place, before: fn(), in_parent: fn(), in_child: fn()) -> Part {
        Part { place, before, in_parent, in_child, is_known: AtomicBool::new(false) }
    }

    /// Creates a part that only changes in the child.
    pub(crate) const fn of_child(place: Place, in_child: fn()) -> Part {
        Part::new(place, || (), || (), in_child)
    }

    /// Sees to it that forks look after the part. Costs a load.
    #[inline]
    pub(crate) fn look_after(&'static self) {
        if !self.is_known.load(Ordering::Acquire) {
            self.begin_to_look_after();
        }
    }

    #[cold]
    fn begin_to_look_after(&'static self) {
        PARTS[self.place as usize].store(ptr::from_ref(self).cast_mut(), Ordering::Release);
        clean_children();
        self.is_known.store(true, Ordering::Release);
    }
}

/// Sees to it that forks look after the parts of this crate, whenever these are first used.
///
/// The handlers of a fork run in order in the child: whoever needs this crate there registers its handler after calling this.
pub fn clean_children() {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    // Threads that come here at the same time all register the handlers. If one waited for another, it would wait for ever in the child
    // of a fork at this moment; if it went on, such a child might not be cleaned.
    if !IS_WATCHED.load(Ordering::Acquire) {
        os::at_fork(before, in_parent, in_child);
        IS_WATCHED.store(true, Ordering::Release);
    }
}

fn for_each(mut visit: impl FnMut(&Part)) {
    for part in &PARTS {
        // SAFETY: null, or a part that is never freed.
        let part = unsafe { part.load(Ordering::Acquire).as_ref() };
        part.into_iter().for_each(&mut visit);
    }
}

extern "C" fn before() {
    CLEAN.store(0, Ordering::Relaxed);
    for_each(|it| (it.before)());
}

extern "C" fn in_parent() {
    for_each(|it| (it.in_parent)());
}

extern "C" fn in_child() {
    // A signal handler may fork while the thread has a bucket locked. Then the child is cleaned once the thread has unlocked it.
    AtWork::at_the_end(|| {
        let here = process::id();
        if CLEAN.swap(here, Ordering::Relaxed) != here {
            for_each(|it| (it.in_child)());
        }
    });
}
