//! The callbacks that run at the end of the program.

use threadwork_sync::{
    Lock, LockGuard, RLock, RLockGuard,
    internal::lock::{own_lock, own_rlock},
};

use super::limited::A_SECOND;
use crate::{
    error::AtExitError,
    panic::reported,
    process::{LockPart, Part, hold, look_after},
};

/// The registered callbacks, which are called in reverse order.
static CALLBACKS: Lock<Callbacks> =
    own_lock("the exit callbacks", Callbacks { left: Vec::new(), has_begun: false });

struct Callbacks {
    left: Vec<Box<dyn FnOnce() + Send>>,
    /// Whether the end of the program has begun.
    has_begun: bool,
}

/// Held by the thread that calls the callbacks. It is re-entrant because a callback may call [`exit`](super::exit).
static CALLING: RLock<()> = own_rlock("the calling of exit callbacks", ());

static LOCKED: LockPart = || hold(&CALLBACKS, |_| ());

fn callbacks() -> LockGuard<'static, Callbacks> {
    look_after(Part::ExitCallbacks, &LOCKED);
    CALLBACKS.acquire()
}

/// Registers a callback, unless the end of the program has begun.
pub(super) fn add(f: impl FnOnce() + Send + 'static) -> Result<(), AtExitError> {
    let mut callbacks = callbacks();
    if callbacks.has_begun {
        return Err(AtExitError(()));
    }
    callbacks.left.push(Box::new(f));
    Ok(())
}

/// Calls the callbacks that are left.
///
/// While the returned guard is alive, no other thread calls any. Returns `None` if another thread is calling them and takes too long.
pub(crate) fn call_back() -> Option<RLockGuard<'static, ()>> {
    // With a timeout: a callback in the other thread may be waiting for this thread.
    let calling = CALLING.acquire_timeout(A_SECOND).ok()?;
    loop {
        let next = {
            let mut callbacks = callbacks();
            callbacks.has_begun = true;
            callbacks.left.pop()
        };
        let Some(callback) = next else { return Some(calling) };
        reported("exit callback", callback);
    }
}
