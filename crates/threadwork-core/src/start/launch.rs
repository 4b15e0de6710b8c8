//! The start of a thread.

use std::{
    mem,
    num::NonZeroU64,
    sync::atomic::{AtomicBool, Ordering},
};

use threadwork_sync::internal::number::{ReservedIdent, reserve_ident};

use super::{
    newborn::{Inheritance, Newborn},
    room::check_maps,
    spawn::{Spawn, Spawned},
    stack_size::stack_size,
};
use crate::{
    context::{Context, TraceContext},
    error::{NameError, StackSizeError, StartError},
    exit,
    group::ThreadGroup,
    life::{Life, OsThread, ThreadHandle, ThreadState},
    local,
    panic::watch_places,
    registry,
    tell::hooks::{self, SpawnCalls},
};

#[cfg(test)]
mod tests;

/// What was prepared before the start. A timer is started long before its thread, so its preparations are made then.
pub(crate) struct Prepared {
    /// The number of the thread, if it already has one.
    pub(crate) reserved: Option<ReservedIdent>,
    /// The functions that the spawn hooks returned.
    pub(crate) calls: SpawnCalls,
}

/// Starts a thread that runs the runnable in its cell.
pub(crate) fn start_runnable(thread: &ThreadHandle) -> Result<(), StartError> {
    start(thread, None, |spawn| spawn.run(|thread| thread.data.cell.run()))
}

/// Starts a thread: lists it in the registry, and calls `spawn` to have the operating system's thread run it.
pub(crate) fn start(
    thread: &ThreadHandle,
    prepared: Option<Prepared>,
    spawn: impl FnOnce(Spawn) -> Result<Spawned, StartError>,
) -> Result<(), StartError> {
    let life = thread.life();
    if prepared.is_none() && life.state() != ThreadState::New {
        return Err(StartError::AlreadyStarted);
    }
    let (name, started_as) = life.name_to_start_with();
    let stack_size = check(life, &name)?;
    let is_recycled = life.is_recycled();
    if !is_recycled {
        check_maps()?;
    }
    watch_process(life.is_daemon());
    let before = life.ident();
    let (reserved, calls) = prepared.map_or((None, None), |it| (it.reserved, Some(it.calls)));
    let reserved = reserved.unwrap_or_else(reserve_ident);
    let ident = reserved.get();
    // User code runs here, before anything is done that would have to be undone. If the thread is not started after all,
    // this function still holds the inheritance, and drops it with nothing locked.
    let inheritance = inheritance(thread, &name, ident, calls).share();
    let newborn =
        Newborn { thread: thread.clone(), reserved, started_as, inheritance: inheritance.clone() };
    let to_spawn = Spawn { name, stack_size, is_recycled, newborn };

    // From here on no other thread can start it.
    if !thread.data.cell.lend() {
        return Err(StartError::AlreadyStarted);
    }
    // The thread may run, and be joined, before its join handle is stored. A joiner waits for this lock.
    let mut os_thread = life.os_thread.acquire();
    let mut unless_started = Undo { thread, ident, before, counted: None };
    if let Some(group) = life.group() {
        group.enter()?;
        unless_started.counted = Some(group);
    }
    life.begins();
    life.set_ident(Some(ident));
    registry::insert(ident, thread.clone());
    let spawned = spawn(to_spawn)?;
    mem::forget(unless_started);
    life.set_started();
    *os_thread = spawned.0.map(OsThread::new);
    Ok(())
}

/// Returns what the thread inherits: from its context, or else from the current thread.
fn inheritance(
    thread: &ThreadHandle,
    name: &str,
    ident: NonZeroU64,
    calls: Option<SpawnCalls>,
) -> Inheritance {
    let life = thread.life();
    let given = life.given.at_start.context.as_ref();
    let values = given.map_or_else(local::inherit, Context::values);
    let calls = calls.unwrap_or_else(|| hooks::spawning(thread));
    let context = match given {
        Some(given) => given.of_thread(name, ident, life.is_daemon()),
        None => TraceContext::of_thread(name, ident, life.is_daemon()),
    };
    Inheritance { values, calls, context }
}

/// Checks that the thread can be started with this name, and returns its stack size: zero for the default.
fn check(life: &Life, name: &str) -> Result<usize, StartError> {
    NameError::check(name)?;
    let own = life.given.at_start.stack_size;
    let stack_size = if own > 0 { own } else { stack_size() };
    StackSizeError::check(stack_size)?;
    Ok(stack_size)
}

/// Installs the panic hook and, with the first thread that is not a daemon, what waits for threads at the end of the process.
fn watch_process(only_daemons: bool) {
    static ALL: AtomicBool = AtomicBool::new(false);
    if !ALL.load(Ordering::Acquire) {
        let places = watch_places();
        if !only_daemons {
            exit::watch();
        }
        ALL.store(places && !only_daemons, Ordering::Release);
    }
}

/// A guard that undoes a start that failed.
///
/// Scenario "the thread that is refused" in docs/architecture.md.
struct Undo<'a> {
    thread: &'a ThreadHandle,
    ident: NonZeroU64,
    /// The number that the thread had before.
    before: Option<NonZeroU64>,
    /// The group that counts the thread.
    counted: Option<&'a ThreadGroup>,
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        registry::remove(self.ident);
        let life = self.thread.life();
        life.was_refused();
        life.set_ident(self.before);
        self.counted.into_iter().for_each(ThreadGroup::leave);
        self.thread.data.cell.take_back();
    }
}
