//! A fence of two halves: the half that runs often costs nothing, and the half that runs seldom pays for both.
//!
//! Of two threads that each write a word and then read the other's, at least one must see what the other wrote. Usually both need a full
//! barrier in between. A [`heavy`] fence makes each running thread of the process execute one, so the other side needs the compiler's
//! order only: [`light`]. (D. Dice, H. Huang and M. Yang, "Asymmetric Dekker synchronization", 2001; the system call is Linux's
//! `membarrier`, "private expedited".)
//!
//! Scenario "the lock that is freed by a store" in docs/architecture.md.

use std::{
    sync::atomic::{AtomicU8, Ordering, compiler_fence},
    thread,
    time::{Duration, Instant},
};

/// The environment variable that turns these fences off, with the value `off`.
const SWITCH: &str = "THREADWORK_MEMBARRIER";

const UNKNOWN: u8 = 0;
const AVAILABLE: u8 = 1;
const MISSING: u8 = 2;

/// Whether the system offers the fence. Decided once.
static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Returns `true` if [`heavy`] is available.
pub(crate) fn is_asymmetric() -> bool {
    match STATE.load(Ordering::Relaxed) {
        UNKNOWN => decide(),
        state => state == AVAILABLE,
    }
}

#[cold]
fn decide() -> bool {
    let is_off = std::env::var_os(SWITCH).is_some_and(|it| it == "off");
    let state = if !is_off && system::register() { AVAILABLE } else { MISSING };
    let first = STATE.compare_exchange(UNKNOWN, state, Ordering::Relaxed, Ordering::Relaxed);
    first.map_or_else(|others| others, |_| state) == AVAILABLE
}

/// Keeps the compiler from moving memory accesses across this point. A [`heavy`] fence of another thread does the rest.
#[inline]
pub(crate) fn light() {
    compiler_fence(Ordering::SeqCst);
}

/// Executes a full barrier in each running thread of the process. Used only after [`is_asymmetric`] has returned `true`.
pub(crate) fn heavy() {
    if !system::barrier() {
        heavy_without_system();
    }
}

/// The system has begun to refuse the fence, for example because the process has restricted its system calls.
#[cold]
fn heavy_without_system() {
    if system::register() && system::barrier() {
        return;
    }
    // From now on no lock begins to rely on the fence.
    STATE.store(MISSING, Ordering::Relaxed);
    // Every store becomes visible within a finite time; on all known processors that is far less than this.
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(1) {
        thread::yield_now();
    }
}

#[cfg(all(target_os = "linux", not(any(miri, threadwork_portable))))]
mod system {
    use rustix::thread::{MembarrierCommand, MembarrierQuery, membarrier, membarrier_query};

    /// Announces that the process will use the barrier. The child of a fork inherits this.
    pub(super) fn register() -> bool {
        let known = membarrier_query().contains(MembarrierQuery::PRIVATE_EXPEDITED);
        known && membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
    }

    pub(super) fn barrier() -> bool {
        membarrier(MembarrierCommand::PrivateExpedited).is_ok()
    }
}

#[cfg(not(all(target_os = "linux", not(any(miri, threadwork_portable)))))]
mod system {
    pub(super) const fn register() -> bool {
        false
    }

    pub(super) const fn barrier() -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
