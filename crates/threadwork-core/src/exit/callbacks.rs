//! What is called at the end of the program.

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

/// What is called at the end of the program, the last one first.
static CALLBACKS: Lock<Callbacks> =
    own_lock("the exit callbacks", Callbacks { left: Vec::new(), has_begun: false });

struct Callbacks {
    left: Vec<Box<dyn FnOnce() + Send>>,
    /// Whether the end has begun.
    has_begun: bool,
}

/// Held by the thread that calls them, which may call [`exit`](super::exit) in one of them.
static CALLING: RLock<()> = own_rlock("the calling of exit callbacks", ());

static LOCKED: LockPart = || hold(&CALLBACKS, |_| ());

fn callbacks() -> LockGuard<'static, Callbacks> {
    look_after(Part::ExitCallbacks, &LOCKED);
    CALLBACKS.acquire()
}

/// Has `f` called at the end, unless that has begun.
pub(super) fn add(f: impl FnOnce() + Send + 'static) -> Result<(), AtExitError> {
    let mut callbacks = callbacks();
    if callbacks.has_begun {
        return Err(AtExitError(()));
    }
    callbacks.left.push(Box::new(f));
    Ok(())
}

/// Calls what is left to be called. Nobody else does while the guard is there; there is none if another thread takes too long to do it.
pub(crate) fn call_back() -> Option<RLockGuard<'static, ()>> {
    // Not for ever: a callback of the other thread may wait for this one.
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
