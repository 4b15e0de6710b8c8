//! The library's own threads that no builder made.

use std::{io, num::NonZeroU64, thread};

use threadwork_sync::{
    Lock, LockGuard, get_ident,
    internal::{
        door::{IDLE, be_helper},
        lock::own_lock,
        os::native_id_of_started,
    },
};

use super::{
    fork::look_after,
    idle::idle,
    part::{LockPart, Part, hold},
};

/// One of the library's own threads that no builder made: it is not in the registry.
#[derive(Clone, Copy, Debug)]
pub struct Helper {
    /// The name that it was started with.
    pub name: &'static str,
    /// Its number.
    pub ident: NonZeroU64,
    /// Its number in the operating system, where that is known.
    pub native_id: Option<u64>,
}

/// Those that are running.
static HELPERS: Lock<Vec<Helper>> = own_lock("the library's own threads", Vec::new());

/// In the child of a fork there are none.
static LOCKED: LockPart = || hold(&HELPERS, Vec::clear);

/// Returns the library's own threads that run and that no builder made, and those that wait for a thread to run.
#[must_use]
pub fn helpers() -> Vec<Helper> {
    let mut helpers = running().clone();
    let idle = idle().into_iter();
    helpers.extend(idle.map(|(ident, native_id)| Helper { name: IDLE, ident, native_id }));
    helpers
}

fn running() -> LockGuard<'static, Vec<Helper>> {
    look_after(Part::Helpers, &LOCKED);
    HELPERS.acquire()
}

/// Starts a thread of the library's own. It is not in the registry, and reports list it apart from the program's threads.
///
/// # Errors
///
/// Returns an error if the operating system refuses to start it.
pub fn start_helper(name: &'static str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn(thread::Builder::new(), name, run)
}

/// Starts a thread of the library's own with a stack of `bytes`.
pub(crate) fn spawn_with_stack(
    name: &'static str,
    bytes: usize,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    spawn(thread::Builder::new().stack_size(bytes), name, run)
}

fn spawn(
    builder: thread::Builder,
    name: &'static str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let run = move || {
        be_helper(name);
        let _here = Here::enter(name);
        run();
    };
    builder.name(name.to_owned()).spawn(run).map(drop)
}

/// The current thread is among those that run.
struct Here(NonZeroU64);

impl Here {
    fn enter(name: &'static str) -> Here {
        let ident = get_ident();
        running().push(Helper { name, ident, native_id: native_id_of_started() });
        Here(ident)
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        running().retain(|it| it.ident != self.0);
    }
}
