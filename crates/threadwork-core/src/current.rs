//! The current thread.

use std::cell::OnceCell;

use threadwork_sync::{get_ident, get_native_id, internal::MAIN_IDENT};

use crate::{
    builder::next_number,
    handle::ThreadHandle,
    life::{Origin, ThreadState},
    registry,
};

thread_local! {
    static CURRENT: OnceCell<Current> = const { OnceCell::new() };
}

/// The handle that a thread has of itself. Its drop is the end of a thread of others.
struct Current(ThreadHandle);

impl Drop for Current {
    fn drop(&mut self) {
        let life = self.0.life();
        match (life.origin, life.ident()) {
            // Thread-local values are dropped in the reverse order of their making, and this is the first of its thread.
            (Origin::Here, _) => registry::left(&self.0),
            (Origin::Foreign, Some(ident)) => {
                registry::remove(ident);
                life.set_state(ThreadState::Finished);
            }
            _ => (),
        }
    }
}

/// The thread that calls this.
///
/// A thread that was not started by this library gets a name `Dummy-N`, is a daemon, and is listed from now on until it ends.
///
/// # Differences from Python
///
/// * A dummy vanishes when its thread ends, as in Python since 3.13.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, current_thread};
///
/// let thread = MyThread::new(|| current_thread());
/// thread.start()?;
/// assert_eq!(thread.wait_result()?, thread.handle());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn current_thread() -> ThreadHandle {
    let listed =
        CURRENT.try_with(|current| current.get_or_init(|| Current(somebody_elses())).0.clone());
    // The thread's last destructors run: those of its thread-local values.
    listed.unwrap_or_else(|_| registry::find(get_ident()).unwrap_or_else(unlisted))
}

/// Whether the current thread is a daemon. Does not list it if it was not.
pub(crate) fn is_daemon() -> bool {
    let known = CURRENT.try_with(|current| current.get().map(|it| it.0.is_daemon()));
    known.ok().flatten().unwrap_or_else(|| get_ident() != MAIN_IDENT)
}

/// Tells the current thread, which was started by this library, who it is.
pub(crate) fn adopt(handle: ThreadHandle) {
    let _ = CURRENT.try_with(|current| {
        let first = current.set(Current(handle)).is_ok();
        debug_assert!(first, "a thread is told before it runs anything");
    });
}

#[cold]
fn somebody_elses() -> ThreadHandle {
    let ident = get_ident();
    if ident == MAIN_IDENT {
        let main = registry::main_thread();
        main.life().set_native_id(get_native_id());
        return main;
    }
    let dummy = unlisted();
    registry::insert(ident, dummy.clone());
    dummy
}

/// A foreign thread that the registry does not list.
fn unlisted() -> ThreadHandle {
    let dummy = registry::running(Origin::Foreign, format!("Dummy-{}", next_number()), get_ident());
    dummy.life().set_native_id(get_native_id());
    dummy
}
