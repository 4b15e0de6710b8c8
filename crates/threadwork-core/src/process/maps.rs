//! How many threads the operating system can carry: each one needs memory maps.

use std::{
    fs,
    io::{BufRead, BufReader},
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};

use once_cell::race::OnceNonZeroUsize;
use threadwork_sync::{Lock, internal::lock::own_lock};

use super::{
    fork::look_after,
    part::{LockPart, Part, hold},
};
use crate::error::{MIN_STACK_SIZE, StartError};

#[cfg(test)]
mod tests;

/// Each thread of `std` has its stack, a guard page and a signal stack with another one.
const MAPS_PER_THREAD: usize = 4;

/// The last two of them it maps itself, before it gets as far as the runnable.
const MAPS_TO_COME: usize = 2;

/// For all else that the program maps meanwhile.
const SPARE_MAPS: usize = 1024;

/// Stacks of the smallest size that are kept for later.
const MANY_STACKS: usize = 40 * 1024 * 1024 / MIN_STACK_SIZE;

/// For how many more threads there is room.
static ROOM: Room = Room::new();

/// What is known of the room for threads since the memory maps were counted.
struct Room {
    /// How many more threads may be started until they are counted again.
    budget: AtomicUsize,
    /// How many threads may still give back what they have taken until then: there are always others who map something,
    /// which nobody knows meanwhile.
    returns: AtomicUsize,
}

impl Room {
    const fn new() -> Room {
        Room { budget: AtomicUsize::new(0), returns: AtomicUsize::new(0) }
    }

    /// There was room for so many when the maps were counted. Half of it is spare.
    fn set(&self, threads: usize) {
        // The C library keeps stacks of threads that are gone, though it may have no more use for them: forty megabytes at most,
        // unless it was told otherwise (glibc's nptl/nptl-stack.c), two maps each. The spare half has to be enough for that.
        let returns = if threads < 2 * MANY_STACKS { 0 } else { 2 * threads };
        self.returns.store(returns, Ordering::Relaxed);
        self.budget.store(threads / 2, Ordering::Relaxed);
    }

    /// For one more thread; false if the maps have to be counted first.
    fn take(&self) -> bool {
        one_less(&self.budget)
    }

    /// A thread is gone.
    fn give_back(&self) {
        if one_less(&self.returns) {
            self.budget.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// False if there is none left.
fn one_less(left: &AtomicUsize) -> bool {
    let one_less = |left: usize| left.checked_sub(1);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
}

/// Held by the thread that counts them.
static COUNTING: Lock<()> = own_lock("the count of memory maps", ());

static LOCKED: LockPart = || hold(&COUNTING, |_| ());

/// Takes memory maps for one more thread out of those that were counted; false if they have to be counted first.
pub(crate) fn take_maps() -> bool {
    ROOM.take()
}

/// Counts the memory maps, and takes those of one more thread if there is room for it.
///
/// `about_to_run` counts the threads that the operating system has started and that have not mapped everything yet.
/// Counting maps takes milliseconds where there are many, so the result serves until half of the room is used up.
pub(crate) fn count_maps(about_to_run: impl FnOnce() -> usize) -> Result<(), StartError> {
    look_after(Part::MemoryMaps, &LOCKED);
    let _counting = COUNTING.acquire();
    if ROOM.take() {
        return Ok(());
    }
    // Before the maps are read: the reading may miss what a thread maps meanwhile, and the thread may run by the end of it.
    let about_to_run = about_to_run();
    let (Some(limit), Some(maps)) = (max_maps(), maps_here()) else { return Ok(()) };
    let room = room(limit, maps, about_to_run);
    if room == 0 {
        return Err(StartError::TooManyThreads { maps, limit });
    }
    ROOM.set(room);
    Ok(())
}

/// The operating system's thread is gone, and what it has mapped, but for a stack that the C library may keep for the next.
pub(crate) fn give_maps_back() {
    ROOM.give_back();
}

/// For how many more threads there are maps.
fn room(limit: usize, maps: usize, about_to_run: usize) -> usize {
    let taken = maps + about_to_run * MAPS_TO_COME + SPARE_MAPS;
    limit.saturating_sub(taken) / MAPS_PER_THREAD
}

/// The most memory maps that a process may have (proc_sys_vm(5)); `None` where there is no such limit.
fn max_maps() -> Option<usize> {
    const NO_LIMIT: NonZeroUsize = NonZeroUsize::MAX;
    static MAX: OnceNonZeroUsize = OnceNonZeroUsize::new();
    let read = || fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok();
    let max = MAX.get_or_init(|| read().unwrap_or(NO_LIMIT));
    (max != NO_LIMIT).then_some(max.get())
}

/// How many there are.
fn maps_here() -> Option<usize> {
    let mut maps = BufReader::new(fs::File::open("/proc/self/maps").ok()?);
    let mut count = 0;
    while maps.skip_until(b'\n').ok()? > 0 {
        count += 1;
    }
    Some(count)
}
