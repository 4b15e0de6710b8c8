//! The number of threads that the process can carry: each one needs memory maps.

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};

use once_cell::race::OnceNonZeroUsize;
use threadwork_sync::{
    Lock,
    internal::{
        lock::own_lock,
        os::{max_memory_maps, memory_maps},
    },
};

use super::{
    fork::look_after,
    part::{LockPart, Part, hold},
};
use crate::error::{MIN_STACK_SIZE, StartError};

#[cfg(test)]
mod tests;

/// Each thread of `std` maps its stack with a guard page, and a signal stack with a guard page.
const MAPS_PER_THREAD: usize = 4;

/// A thread maps the last two itself, before it reaches its runnable.
const MAPS_TO_COME: usize = 2;

/// Spare maps for the rest of the program.
const SPARE_MAPS: usize = 1024;

/// How many stacks of the smallest size the C library keeps for reuse.
const MANY_STACKS: usize = 40 * 1024 * 1024 / MIN_STACK_SIZE;

/// The room for more threads.
static ROOM: Room = Room::new();

/// The room for threads, as far as it is known since the memory maps were last counted.
struct Room {
    /// How many more threads may be started before the maps are counted again.
    budget: AtomicUsize,
    /// How many ended threads may still give back their room before the maps are counted again.
    /// It is limited because other code maps memory too, and that shows only when the maps are counted.
    returns: AtomicUsize,
}

impl Room {
    const fn new() -> Room {
        Room { budget: AtomicUsize::new(0), returns: AtomicUsize::new(0) }
    }

    /// Records that there was room for `threads` when the maps were counted. Half of it is kept spare.
    fn set(&self, threads: usize) {
        // The C library keeps stacks of ended threads, even if it will not reuse them: at most forty megabytes,
        // unless configured otherwise (glibc's nptl/nptl-stack.c), with two maps each. The spare half must be enough for that.
        let returns = if threads < 2 * MANY_STACKS { 0 } else { 2 * threads };
        self.returns.store(returns, Ordering::Relaxed);
        self.budget.store(threads / 2, Ordering::Relaxed);
    }

    /// Takes the room of one more thread. Returns `false` if the maps must be counted first.
    fn take(&self) -> bool {
        one_less(&self.budget)
    }

    /// Gives back the room of a thread that is gone.
    fn give_back(&self) {
        if one_less(&self.returns) {
            self.budget.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Subtracts one. Returns `false` if there is none left.
fn one_less(left: &AtomicUsize) -> bool {
    let one_less = |left: usize| left.checked_sub(1);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
}

/// Held by the thread that counts the maps.
static COUNTING: Lock<()> = own_lock("the count of memory maps", ());

static LOCKED: LockPart = || hold(&COUNTING, |_| ());

/// Takes the memory maps of one more thread from those that were counted. Returns `false` if they must be counted first.
pub(crate) fn take_maps() -> bool {
    ROOM.take()
}

/// Counts the memory maps, and takes those of one more thread if there is room for it.
///
/// `about_to_run` returns the number of threads that the operating system has started and that have not mapped everything yet.
/// Counting takes milliseconds if there are many maps, so the result is used until half of the room is taken.
pub(crate) fn count_maps(about_to_run: impl FnOnce() -> usize) -> Result<(), StartError> {
    look_after(Part::MemoryMaps, &LOCKED);
    let _counting = COUNTING.acquire();
    if ROOM.take() {
        return Ok(());
    }
    // Called before the maps are read: the reading may miss what a thread maps meanwhile, and by its end the thread may already run.
    let about_to_run = about_to_run();
    let (Some(limit), Some(maps)) = (max_maps(), memory_maps()) else { return Ok(()) };
    let room = room(limit, maps, about_to_run);
    if room == 0 {
        return Err(StartError::TooManyThreads { maps, limit });
    }
    ROOM.set(room);
    Ok(())
}

/// Gives back the maps of an ended operating system thread. (The C library may keep its stack for the next thread.)
pub(crate) fn give_maps_back() {
    ROOM.give_back();
}

/// Returns the number of further threads for which there are maps.
fn room(limit: usize, maps: usize, about_to_run: usize) -> usize {
    let taken = maps + about_to_run * MAPS_TO_COME + SPARE_MAPS;
    limit.saturating_sub(taken) / MAPS_PER_THREAD
}

/// Returns the limit of memory maps per process, or `None` where none is known. It is read once.
fn max_maps() -> Option<usize> {
    const NO_LIMIT: NonZeroUsize = NonZeroUsize::MAX;
    static MAX: OnceNonZeroUsize = OnceNonZeroUsize::new();
    let read = || max_memory_maps().and_then(NonZeroUsize::new).unwrap_or(NO_LIMIT);
    let max = MAX.get_or_init(read);
    (max != NO_LIMIT).then_some(max.get())
}
