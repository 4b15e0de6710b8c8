//! How many threads the operating system can carry.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};

use once_cell::sync::OnceCell;
use threadwork_sync::{Lock, internal::lock::own_lock};

use crate::{
    error::{StackSizeError, StartError},
    fork::{self, Locked, hold},
    registry,
};

#[cfg(test)]
mod tests;

/// Python's limit; less is not enough to get as far as the runnable.
pub(crate) const MIN_STACK_SIZE: usize = 32 * 1024;

/// Zero for the default.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

/// The size of the stack in bytes of threads that are started from now on and were not given one of their own; 0 for the default, which is that of `std`.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::stack_size(), 0);
/// ```
#[must_use]
pub fn stack_size() -> usize {
    STACK_SIZE.load(Ordering::Relaxed)
}

/// Sets [`stack_size`], and returns what it was.
///
/// # Errors
///
/// If it is less than 32,768 bytes, and not 0. One that is too large is an error of [`start`](crate::Thread::start).
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::set_stack_size(256 * 1024)?, 0);
/// assert_eq!(threadwork::stack_size(), 256 * 1024);
/// assert_eq!(
///     threadwork::set_stack_size(4096).unwrap_err().to_string(),
///     "stack size of 4096 bytes is too small; ask for at least 32768, or 0 for the default",
/// );
/// # Ok::<(), threadwork::StackSizeError>(())
/// ```
pub fn set_stack_size(bytes: usize) -> Result<usize, StackSizeError> {
    StackSizeError::check(bytes)?;
    Ok(STACK_SIZE.swap(bytes, Ordering::Relaxed))
}

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

/// As [`start_helper`](fork::start_helper), with so many bytes of stack, and from anywhere: not where `std` might end the process for want
/// of memory maps.
///
/// # Errors
///
/// If the operating system refuses it, or would.
pub fn start_helper_with_stack(
    name: &'static str,
    bytes: usize,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    check_maps().map_err(io::Error::other)?;
    fork::spawn_helper(fork::thread_builder().stack_size(bytes), name, run)
}

/// Held by the thread that counts them.
static COUNTING: Lock<()> = own_lock("the count of memory maps", ());

/// Makes sure that there are memory maps for one more thread: at their limit `std` aborts the process (rust-lang/rust#78497).
///
/// To count them takes milliseconds where there are many, so it is done again only when there may be half of the threads more
/// that there was room for.
pub(crate) fn check_maps() -> Result<(), StartError> {
    if ROOM.take() {
        return Ok(());
    }
    let _counting = COUNTING.acquire();
    if ROOM.take() {
        return Ok(());
    }
    let (Some(limit), Some(maps)) = (max_maps(), count_maps()) else { return Ok(()) };
    let room = room(limit.get(), maps, registry::about_to_run());
    if room == 0 {
        return Err(StartError::TooManyThreads { maps, limit: limit.get() });
    }
    ROOM.set(room);
    Ok(())
}

/// The operating system's thread is gone, and what it has mapped, but for a stack that the C library may keep for the next.
pub(crate) fn thread_is_gone() {
    ROOM.give_back();
}

/// For how many more threads there are maps.
fn room(limit: usize, maps: usize, about_to_run: usize) -> usize {
    let taken = maps + about_to_run * MAPS_TO_COME + SPARE_MAPS;
    limit.saturating_sub(taken) / MAPS_PER_THREAD
}

/// Keeps others from counting while the process forks.
pub(crate) fn locked() -> Locked {
    hold(&COUNTING, |_| ())
}

/// The most memory maps that a process may have (proc_sys_vm(5)); `None` where there is no such limit.
fn max_maps() -> Option<NonZeroUsize> {
    static MAX: OnceCell<Option<NonZeroUsize>> = OnceCell::new();
    let read = || fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok();
    *MAX.get_or_init(read)
}

fn count_maps() -> Option<usize> {
    let mut maps = BufReader::new(fs::File::open("/proc/self/maps").ok()?);
    let mut count = 0;
    while maps.skip_until(b'\n').ok()? > 0 {
        count += 1;
    }
    Some(count)
}
