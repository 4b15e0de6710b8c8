//! What is left of the threads in a process that was forked.
//!
//! Only the thread that has forked goes on in the child, and is the main one there, under the name that it has;
//! one that this library has not started is called `MainThread` from then on.
//! The others have ended: they are not listed, and to join one returns at once. Timers that were pending do not fire,
//! and the end of the program does not wait for them. What the threads held stays held for ever,
//! which is why a child of a process with threads should do little more than replace itself by another program (fork(2), pthread_atfork(3)).

use std::{
    cell::RefCell,
    io,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use once_cell::sync::OnceCell;
use threadwork_sync::{
    get_ident, get_native_id,
    internal::{at_fork, be_helper, families_locked, leave_queues, records_locked},
};

use crate::{
    excepthook, exit, hooks,
    life::{Origin, ThreadState, begin_time},
    limits,
    registry::{self, Locked},
    timer,
};

/// How many forks there are between the first process and this one.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// All that is process-wide, while the current thread forks, so that the child finds it whole and unlocked.
struct All {
    threads: Locked,
    timers: timer::Locked,
    others: [Release; 4],
    families: Release,
    records: Release,
}

thread_local! {
    static LOCKED: RefCell<Option<All>> = const { RefCell::new(None) };
}

/// A lock that is held while the current thread forks. To call it releases it in the child, where nobody waits for it;
/// to drop it does so in the parent.
pub(crate) type Release = Box<dyn FnOnce()>;

/// A number that no process has that this one was forked from.
pub(crate) fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// From now on the child of a fork knows which threads it has.
pub(crate) fn watch() {
    static WATCHED: OnceCell<()> = OnceCell::new();
    WATCHED.get_or_init(|| {
        begin_time();
        at_fork(prepare, parent, child);
    });
}

/// All threads of the operating system that this crate makes are made by this: in the child of a fork, the first one could otherwise
/// get the memory of one that still stands in a queue.
pub(crate) fn thread_builder() -> thread::Builder {
    leave_queues();
    thread::Builder::new()
}

/// Starts a thread of the library's own: it is not listed, and who looks for threads that wait for long leaves it out.
///
/// # Errors
///
/// If the operating system refuses it.
pub fn start_helper(name: &'static str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_helper(thread_builder(), name, run)
}

/// As [`start_helper`], with so many bytes of stack, and from anywhere: not where `std` might end the process for want of memory maps.
///
/// # Errors
///
/// If the operating system refuses it, or would.
pub fn start_helper_with_stack(
    name: &'static str,
    bytes: usize,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    limits::check_maps().map_err(io::Error::other)?;
    spawn_helper(thread_builder().stack_size(bytes), name, run)
}

fn spawn_helper(
    builder: thread::Builder,
    name: &'static str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let run = move || {
        be_helper(name);
        run();
    };
    builder.name(name.to_owned()).spawn(run).map(drop)
}

extern "C" fn prepare() {
    let _ = LOCKED.try_with(|it| {
        // Nobody acquires one of these while holding another, or the registry.
        let others = [limits::locked(), hooks::locked(), excepthook::locked(), exit::locked()];
        let (threads, timers) = (Locked::now(), timer::Locked::now());
        // Nothing else is acquired while it is held.
        let families = families_locked();
        // From here on this thread must not block.
        let records = records_locked();
        it.replace(Some(All { threads, timers, others, families, records }))
    });
}

extern "C" fn parent() {
    let _ = LOCKED.try_with(RefCell::take);
}

extern "C" fn child() {
    let Ok(Some(all)) = LOCKED.try_with(RefCell::take) else { return };
    (all.records)();
    (all.families)();
    all.others.into_iter().for_each(|release| release());
    all.timers.forget();
    PROCESS.fetch_add(1, Ordering::Relaxed);
    let gone = all.threads.keep(get_ident());
    for thread in gone.iter().filter(|it| !it.state().has_ended()) {
        // Their events stay as they are: to wake somebody would need queues that a thread which is not here any more may have locked.
        thread.life().set_state(ThreadState::Finished);
    }
    // Their drop is left out: it would drop what belongs to threads that never come to an end here.
    std::mem::forget(gone);
    let main = registry::main_thread();
    let life = main.life();
    life.set_native_id(get_native_id());
    if life.origin == Origin::Foreign {
        life.set_daemon(false);
        life.set_name("MainThread".to_owned());
    }
}
