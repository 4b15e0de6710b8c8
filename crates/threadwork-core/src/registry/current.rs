//! The current thread.

use std::{cell::OnceCell, thread};

use threadwork_sync::{StopToken, get_ident, get_native_id};

use super::{job, list};
use crate::{
    life::{Origin, ThreadHandle, ThreadState, next_number},
    panic::{note_places_here, reported},
    process::helpers,
};

thread_local! {
    static CURRENT: OnceCell<Current> = const { OnceCell::new() };
}

/// A thread's handle to itself. Its drop takes the thread off the registry; a foreign thread ends with it.
///
/// `None` only while it is dropped.
struct Current(Option<ThreadHandle>);

impl Current {
    fn get(&self) -> &ThreadHandle {
        self.0.as_ref().expect("the thread has not left")
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        let Some(thread) = self.0.take() else { return };
        note_places_here(false);
        let life = thread.life();
        life.leaves();
        match (life.given.origin, life.ident()) {
            // Thread-local values are dropped in the reverse order of their creation. This one is created first, so it is dropped last.
            (Origin::Here, Some(ident)) => {
                list::remove(ident);
                life.end.leaving.end();
            }
            (Origin::Foreign | Origin::Helper, Some(ident)) => {
                list::remove(ident);
                life.set_state(ThreadState::Finished);
            }
            _ => (),
        }
        // If this is the last handle, the thread's settings are dropped here, where a panic would end the program.
        reported("drop of a thread", || drop(thread));
    }
}

/// Returns the current thread.
///
/// A foreign thread (not started by this library) is named `Dummy-N` and is a daemon. It is listed from now on until it ends.
///
/// # Differences from Python
///
/// * A dummy is removed when its thread ends, as in Python since 3.13.
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
    let listed = CURRENT
        .try_with(|current| current.get_or_init(|| Current(Some(newly_seen()))).get().clone());
    // The value is already dropped: one of the last destructors of thread-local values calls this.
    listed.unwrap_or_else(|_| {
        let ident = get_ident();
        if list::is_main(ident) {
            list::main_thread()
        } else {
            list::find(ident).unwrap_or_else(unlisted)
        }
    })
}

/// Calls `f` with the current thread, if that was started by this library, is the main thread, or is listed. Lists no other thread.
pub(crate) fn with<R>(f: impl FnOnce(&ThreadHandle) -> R) -> Option<R> {
    let mut f = Some(f);
    let known = CURRENT.try_with(|current| {
        if current.get().is_none() && list::is_main(get_ident()) {
            let _ = current.set(Current(Some(list::main_thread())));
        }
        let known = current.get().map(Current::get)?;
        f.take().map(|f| f(known))
    });
    known.ok().flatten().or_else(|| {
        let f = f.take()?;
        list::is_main(get_ident()).then(|| f(&list::main_thread()))
    })
}

/// Returns the stop token of the job that the current thread runs, or else that of the thread, if it is known and so can be stopped.
pub(crate) fn stop_token() -> Option<StopToken> {
    job::stop_token(|| with(ThreadHandle::stop_token))
}

/// Returns `true` if the current thread was asked to stop, or the job that it runs.
pub(crate) fn stop_requested() -> bool {
    job::stop_requested() || with(ThreadHandle::stop_requested).unwrap_or(false)
}

/// Returns the name of the current thread, for what is told of its work. Lists no thread.
pub(crate) fn name() -> String {
    let name = with(ThreadHandle::name);
    name.or_else(|| thread::current().name().map(str::to_owned)).unwrap_or_default()
}

/// Sets the current thread's handle, in a thread that this library started, and calls `live`.
pub(crate) fn live_as(handle: ThreadHandle, live: impl FnOnce(&ThreadHandle)) {
    note_places_here(true);
    CURRENT.with(|current| {
        // If foreign code, such as an allocator, has already asked for the current thread here, the thread is listed as a foreign one, too.
        // Then this is a second handle, and it is dropped once `live` returns.
        let second = current.set(Current(Some(handle))).err();
        live(second.as_ref().or_else(|| current.get()).expect("the thread has a handle").get());
    });
}

#[cold]
fn newly_seen() -> ThreadHandle {
    let ident = get_ident();
    if list::is_main(ident) {
        let main = list::main_thread();
        main.life().set_native_id(get_native_id());
        return main;
    }
    let dummy = unlisted();
    list::insert(ident, dummy.clone());
    dummy
}

/// Creates a foreign thread that the registry does not list. It may be one of the library's own, which runs code of users.
fn unlisted() -> ThreadHandle {
    let ident = get_ident();
    let own = helpers().into_iter().find(|it| it.ident == ident);
    let (origin, name) = match own {
        Some(own) => (Origin::Helper, own.name.to_owned()),
        None => (Origin::Foreign, format!("Dummy-{}", next_number())),
    };
    let dummy = list::running(origin, name, ident);
    dummy.life().set_native_id(get_native_id());
    dummy
}
