//! The functions that list threads.

use super::list::{self, main_thread};
use crate::life::ThreadHandle;

/// Returns the number of the program's threads that are alive: the main thread, the threads that were started and have not ended,
/// and the foreign threads that have called [`current_thread`](crate::current_thread) and have not ended.
///
/// The library's own threads, which serve timers, signals, dumps and watchdogs, are not counted.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// # threadwork::current_thread();
/// let before = threadwork::active_count();
/// let thread = threadwork::Thread::new(|| ());
/// thread.start()?;
/// thread.join()?;
/// assert_eq!(threadwork::active_count(), before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn active_count() -> usize {
    1 + list::count_alive(is_the_programs)
}

/// Returns the threads that [`active_count`] counts, in order of their numbers: the main thread first.
///
/// # Differences from Python
///
/// None: threads that are not started or have ended are not listed, and the main thread always is.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Thread;
/// # use threadwork_sync::Event;
///
/// static GO: Event = Event::new();
///
/// let thread = Thread::builder().name("loop").build(|| GO.wait());
/// thread.start()?;
/// assert!(threadwork::enumerate().contains(&thread));
/// GO.set();
/// thread.join()?;
/// assert!(!threadwork::enumerate().contains(&thread));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn enumerate() -> Vec<ThreadHandle> {
    with_main(list::all(is_the_programs))
}

/// Returns the threads of [`enumerate`], and the library's own that are in the registry.
#[must_use]
pub fn everyone() -> Vec<ThreadHandle> {
    with_main(list::all(|_| true))
}

fn with_main(mut others: Vec<ThreadHandle>) -> Vec<ThreadHandle> {
    others.insert(0, main_thread());
    others
}

fn is_the_programs(thread: &ThreadHandle) -> bool {
    !thread.life().is_helper()
}
