//! The functions that list threads.

use super::list::{self, main_thread};
use crate::life::ThreadHandle;

/// Returns the number of threads that are alive: the main thread, the threads that were started and have not ended,
/// and the foreign threads that have called [`current_thread`](crate::current_thread) and have not ended.
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
    1 + list::count_alive()
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
    let main = main_thread();
    let mut all = list::all(|_| true);
    all.insert(0, main);
    all
}
