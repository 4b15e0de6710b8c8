//! How a thread is started.

use std::{
    io, mem,
    num::NonZeroU64,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, JoinHandle},
};

use threadwork_sync::internal::number::{ReservedIdent, reserve_ident};

use super::{
    newborn::{Legacy, Newborn},
    room::check_maps,
    stack_size::stack_size,
};
use crate::{
    error::{NameError, StackSizeError, StartError},
    exit,
    group::ThreadGroup,
    life::{Life, OsThread, ThreadHandle, ThreadState},
    local,
    panic::watch_places,
    process::thread_builder,
    registry,
    tell::{
        events::Context,
        hooks::{self, SpawnCalls},
    },
};

#[cfg(test)]
mod tests;

/// What was done for a thread before it is started: a timer is started long before its thread.
pub(crate) struct Prepared {
    /// The number of the thread, if it has one already.
    pub(crate) reserved: Option<ReservedIdent>,
    /// What the spawn hooks have returned.
    pub(crate) calls: SpawnCalls,
}

/// Starts a thread that runs the runnable in its cell.
pub(crate) fn start_runnable(thread: &ThreadHandle) -> Result<(), StartError> {
    start(thread, None, |builder, newborn| {
        builder.spawn(move || newborn.live(|thread| thread.data.cell.run())).map(Some)
    })
}

/// Starts a thread: lists it, and has `spawn` make the operating system's, which is to call [`Newborn::live`].
///
/// The handle that `spawn` returns is what others join the operating system's thread by, if they are to.
pub(crate) fn start(
    thread: &ThreadHandle,
    prepared: Option<Prepared>,
    spawn: impl FnOnce(thread::Builder, Newborn) -> io::Result<Option<JoinHandle<()>>>,
) -> Result<(), StartError> {
    let life = thread.life();
    if prepared.is_none() && life.state() != ThreadState::New {
        return Err(StartError::AlreadyStarted);
    }
    let (name, started_as) = life.name_to_start_with();
    let stack_size = check(life, &name)?;
    watch_process(life.is_daemon());
    let before = life.ident();
    let (reserved, calls) = prepared.map_or((None, None), |it| (it.reserved, Some(it.calls)));
    let reserved = reserved.unwrap_or_else(reserve_ident);
    let ident = reserved.get();
    // User code, before anything is done that would have to be undone. If there is no thread after all,
    // the legacy is left here, and dropped where nothing is locked.
    let values = local::inherit();
    let calls = calls.unwrap_or_else(|| hooks::spawning(thread));
    let context = Context::of_thread(&name, ident, life.is_daemon());
    let legacy = Legacy { values, calls, context }.share();
    let newborn = Newborn { thread: thread.clone(), reserved, started_as, legacy: legacy.clone() };
    let mut builder = thread_builder().name(name);
    if stack_size > 0 {
        builder = builder.stack_size(stack_size);
    }

    // From here on nobody else can start it.
    if !thread.data.cell.lend() {
        return Err(StartError::AlreadyStarted);
    }
    // Whoever joins a thread that runs already waits for this lock until it is complete.
    let mut os_thread = life.os_thread.acquire();
    let mut unless_started = Undo { thread, ident, before, counted: None };
    if let Some(group) = life.group() {
        group.enter()?;
        unless_started.counted = Some(group);
    }
    life.begins();
    life.set_ident(Some(ident));
    registry::insert(ident, thread.clone());
    let join_handle = spawn(builder, newborn).map_err(StartError::Os)?;
    mem::forget(unless_started);
    life.set_started();
    *os_thread = join_handle.map(OsThread::new);
    Ok(())
}

/// Whether the thread can be started with this name; returns the size of its stack, zero for the default.
fn check(life: &Life, name: &str) -> Result<usize, StartError> {
    NameError::check(name)?;
    let own = life.given.stack_size;
    let stack_size = if own > 0 { own } else { stack_size() };
    StackSizeError::check(stack_size)?;
    check_maps()?;
    Ok(stack_size)
}

/// Has this library told of panics and, once there is somebody to wait for, of the end of the process.
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

/// Its drop undoes what was done for a thread that does not run after all.
struct Undo<'a> {
    thread: &'a ThreadHandle,
    ident: NonZeroU64,
    /// The number that the thread had before.
    before: Option<NonZeroU64>,
    /// The group in which it is counted.
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
