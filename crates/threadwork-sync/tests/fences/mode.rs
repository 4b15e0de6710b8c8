//! How the locks of this process are freed.

use std::{
    panic,
    process::abort,
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{Lock, RawLock, internal::lock::is_freed_by_store};

/// The environment variable that turns the fence off.
pub(crate) const SWITCH: &str = "THREADWORK_MEMBARRIER";

/// Far longer than it takes until a lock may be freed by a store again.
const LONG: Duration = Duration::from_millis(50);

/// Lets a panic in any thread end the process: other threads may wait for that thread for ever.
pub(crate) fn end_at_panics() {
    panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        abort();
    }));
}

/// Returns `true` if the system offers the fence, whether or not the process has asked for it.
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
pub(crate) fn is_offered() -> bool {
    crate::system::is_known() && !cfg!(miri)
}

/// Returns `true` if the system offers the fence.
#[cfg(not(all(target_os = "linux", not(threadwork_portable))))]
pub(crate) fn is_offered() -> bool {
    false
}

/// Checks that locks are freed by a store in this process, or that none is.
#[track_caller]
pub(crate) fn check(by_store: bool) {
    let lock = Lock::new(());
    if by_store {
        become_store(&lock);
    } else {
        check_swaps(&lock);
    }
    check_swaps(&Lock::from_raw(RawLock::fair(), ()));
}

/// Releases the lock until it is freed by a store.
#[track_caller]
pub(crate) fn become_store<T>(lock: &Lock<T>) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !is_freed_by_store(lock) {
        drop(lock.acquire());
        assert!(Instant::now() < give_up, "the lock is still freed by a swap");
    }
}

/// Checks that the lock is freed by swaps, however long nobody waits for it.
#[track_caller]
pub(crate) fn check_swaps<T>(lock: &Lock<T>) {
    let until = Instant::now() + LONG;
    let mut releases = 0;
    while releases < 1_000 || Instant::now() < until {
        drop(lock.acquire());
        assert!(!is_freed_by_store(lock), "after {releases} releases");
        releases += 1;
        if releases > 1_000 {
            thread::yield_now();
        }
    }
}
