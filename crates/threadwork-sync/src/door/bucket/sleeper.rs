//! The sleepers: what a thread needs to block, whatever it waits for.
//!
//! A sleeper is never freed, only used again by another thread. So a thread may wake a sleeper after it has returned from its wait:
//! such a wake-up reaches nobody, or a thread that looks again.
//!
//! Scenario "the wake-up that comes after the return" in docs/architecture.md.
#![expect(unsafe_code, reason = "what a blocked thread has noted is read by others")]

use std::{
    cell::{Cell, UnsafeCell},
    ptr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::{
    door::{
        bucket::lengths::Lengths,
        reads::{self, ROOM, Reads},
    },
    floor::{Moment, Sleep},
    number, os,
};

#[cfg(threadwork_loom)]
mod model;
#[cfg(not(threadwork_loom))]
mod pool;

#[cfg(threadwork_loom)]
pub(in crate::door) use self::model::mine;
#[cfg(not(threadwork_loom))]
pub(in crate::door) use self::pool::{all, mine};
#[cfg(not(threadwork_loom))]
pub use self::pool::{be_idle, go_on_as};

/// The name of an operating system thread of the library's own while it waits for a thread that it could run.
pub const IDLE: &str = "threadwork-idle";

thread_local! {
    static HELPER: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// Whether the operating system's thread is between two threads that it runs.
    static IS_IDLE: Cell<bool> = const { Cell::new(false) };
}

/// Declares that the current thread is one of the library's own and has this name. Must be called before the thread waits for anything.
pub fn be_helper(name: &'static str) {
    HELPER.set(Some(name));
}

/// Whether the current thread has declared that it is one of the library's own.
#[must_use]
pub fn is_helper() -> bool {
    HELPER.get().is_some() || IS_IDLE.get()
}

/// What a thread needs to block, and what is known of the thread whether it blocks or not.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Sleeper {
    pub(in crate::door) sleep: Sleep,
    /// The word of the thread that uses it; zero while no thread does.
    owner: AtomicUsize,
    /// The operating system's number of the thread plus one; zero where it is not known.
    native_id: AtomicUsize,
    /// When the last wait of the thread ended. It is to come while the thread is in a wait: the thread says so before it sleeps, and
    /// takes it back once it runs again.
    pub(in crate::door) ended: Moment,
    pub(in crate::door) lengths: Lengths,
    about: UnsafeCell<About>,
    /// Whether the operating system's thread is between two threads that it runs. Then its name is [`IDLE`].
    is_idle: AtomicBool,
}

/// What a record shows of its thread.
#[derive(Clone, Copy, Debug)]
struct About {
    /// The name of the thread, if it is one of the library's own.
    helper: Option<&'static str>,
    reads: *const Reads,
}

// SAFETY: all but `about` is atomic. `about` is written by `begin`, when no other thread reads it, and read as `about` says.
unsafe impl Sync for Sleeper {}

// SAFETY: it is not bound to a thread; the pointer is used only as `about` says.
unsafe impl Send for Sleeper {}

impl Sleeper {
    fn new() -> Sleeper {
        Sleeper {
            sleep: Sleep::new(),
            owner: AtomicUsize::new(0),
            native_id: AtomicUsize::new(0),
            ended: Moment::none(),
            lengths: Lengths::new(),
            about: UnsafeCell::new(About { helper: None, reads: ptr::null() }),
            is_idle: AtomicBool::new(false),
        }
    }

    /// Prepares the sleeper for the current thread.
    fn begin(&self) {
        let about = About { helper: HELPER.get(), reads: reads::mine() };
        // SAFETY: the sleeper is new or was given back, so no node of it is in a queue, and no other thread reads this.
        unsafe { self.about.get().write(about) };
        self.set_native_id(os::native_id_of_started());
        self.ended.clear();
        self.lengths.forget();
        self.is_of_current();
    }

    /// Notes which thread uses the sleeper: the one that the operating system's thread runs now.
    fn is_of_current(&self) {
        self.is_idle.store(IS_IDLE.get(), Ordering::Relaxed);
        self.owner.store(number::current_word(), Ordering::Release);
    }

    /// Returns the sleeper to which a pointer points, or `None` if it is null. The pointer comes from a reference to a sleeper.
    pub(in crate::door) fn at(pointer: *const Sleeper) -> Option<&'static Sleeper> {
        // SAFETY: sleepers are never freed.
        unsafe { pointer.as_ref() }
    }

    /// Returns the name of the thread, if it is one of the library's own.
    ///
    /// # Safety
    ///
    /// The bucket of a node of the thread is locked, and the node is in it: so the thread has not ended.
    pub(in crate::door) unsafe fn helper(&self) -> Option<&'static str> {
        if self.is_idle.load(Ordering::Relaxed) {
            return Some(IDLE);
        }
        // SAFETY: it was written before the thread entered the queue, and is not written before the thread has ended.
        unsafe { *self.about.get() }.helper
    }

    /// Returns the thread's notes about its reads, followed by zeros.
    ///
    /// # Safety
    ///
    /// As for [`helper`](Self::helper).
    pub(in crate::door) unsafe fn notes(&self) -> [usize; ROOM] {
        // SAFETY: as in `helper`.
        let about = unsafe { *self.about.get() };
        // SAFETY: null, or the notes of a thread that has not ended.
        let reads = unsafe { about.reads.as_ref() };
        reads.map_or([0; ROOM], Reads::notes)
    }

    /// Returns the word of the thread that uses the sleeper; zero if no thread does.
    pub(in crate::door) fn owner(&self) -> usize {
        self.owner.load(Ordering::Acquire)
    }

    fn set_native_id(&self, id: Option<u64>) {
        let id = id.and_then(|id| usize::try_from(id).ok()?.checked_add(1)).unwrap_or(0);
        self.native_id.store(id, Ordering::Relaxed);
    }

    /// Returns the operating system's number of the thread, where it is known.
    pub(crate) fn native_id(&self) -> Option<u64> {
        self.native_id.load(Ordering::Relaxed).checked_sub(1).map(|id| id as u64)
    }
}
