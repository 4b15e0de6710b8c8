//! How a thread is started, lives and ends.

use std::{
    io,
    num::NonZeroU64,
    process::abort,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use threadwork_sync::{
    Lock,
    internal::{
        Payload, ReservedIdent, adopt_ident, catch, native_id_of_started, own_lock, reserve_ident,
    },
};

use super::{room::check_maps, stack_size::stack_size};
use crate::{
    current,
    error::{NameError, StackSizeError, StartError},
    events::{self, Context},
    excepthook, exit,
    group::ThreadGroup,
    hooks::{self, Run, SpawnCalls},
    life::{OsThread, StartedAs, ThreadHandle, ThreadState},
    local::{self, Inherited},
    panic::{Outcome, Panic, watch_places},
    process::thread_builder,
    registry,
};

#[cfg(test)]
mod tests;

/// Starts a thread that runs the runnable in its cell.
pub(crate) fn start(handle: &ThreadHandle) -> Result<(), StartError> {
    start_by(handle, |builder, newborn| {
        builder.spawn(move || newborn.live(|thread| thread.data.cell.run())).map(Some)
    })
}

/// Starts a thread: lists it, and has `spawn` make the operating system's, which is to call [`Newborn::live`].
///
/// The handle that `spawn` returns is what others join the operating system's thread by, if they are to.
pub(crate) fn start_by(
    handle: &ThreadHandle,
    spawn: impl FnOnce(thread::Builder, Newborn) -> io::Result<Option<JoinHandle<()>>>,
) -> Result<(), StartError> {
    if handle.life().state() != ThreadState::New {
        return Err(StartError::AlreadyStarted);
    }
    launch(handle, None, || hooks::spawning(handle), spawn)
}

/// As [`start_by`], for a thread that may have its number already, and that calls what `first` gives before anything else.
///
/// A timer is started long before its thread, and may have reserved a number.
pub(crate) fn launch(
    handle: &ThreadHandle,
    reserved: Option<ReservedIdent>,
    first: impl FnOnce() -> SpawnCalls,
    spawn: impl FnOnce(thread::Builder, Newborn) -> io::Result<Option<JoinHandle<()>>>,
) -> Result<(), StartError> {
    let life = handle.life();
    let (name, started_as) = life.name_to_start_with();
    NameError::check(&name)?;
    let stack_size = if life.given.stack_size > 0 { life.given.stack_size } else { stack_size() };
    StackSizeError::check(stack_size)?;
    check_maps()?;
    watch_process(life.is_daemon());
    let before = life.ident();
    let reserved = reserved.unwrap_or_else(reserve_ident);
    let ident = reserved.get();
    // User code, before anything is done that would have to be undone. If there is no thread after all,
    // the legacy is left here, and dropped where nothing is locked.
    let values = local::inherit();
    let calls = first();
    let context = Context::of_thread(&name, ident, life.is_daemon());
    let is_nothing = values.is_empty() && calls.is_empty() && context.is_none();
    let legacy = (!is_nothing).then(|| {
        Arc::new(own_lock("the legacy of a thread", Some(Legacy { values, calls, context })))
    });
    let newborn = Newborn { thread: handle.clone(), reserved, started_as, legacy: legacy.clone() };
    let mut builder = thread_builder().name(name);
    if stack_size > 0 {
        builder = builder.stack_size(stack_size);
    }

    life.group().map_or(Ok(()), ThreadGroup::enter)?;
    // From here on nobody else can start it.
    if !handle.data.cell.lend() {
        life.group().into_iter().for_each(ThreadGroup::leave);
        return Err(StartError::AlreadyStarted);
    }
    // Whoever joins a thread that runs already waits for this lock until it is complete.
    let mut os_thread = life.os_thread.acquire();
    life.begins();
    life.set_ident(Some(ident));
    registry::insert(ident, handle.clone());
    let unless_refused = Refused { thread: handle, ident, before };
    let join_handle = spawn(builder, newborn).map_err(StartError::Os)?;
    std::mem::forget(unless_refused);
    life.set_started();
    *os_thread = join_handle.map(OsThread::new);
    Ok(())
}

/// Has this library told of panics, of forks, and, once there is somebody to wait for, of the end of the process.
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
struct Refused<'a> {
    thread: &'a ThreadHandle,
    ident: NonZeroU64,
    /// The number that the thread had before.
    before: Option<NonZeroU64>,
}

impl Drop for Refused<'_> {
    fn drop(&mut self) {
        registry::remove(self.ident);
        let life = self.thread.life();
        life.was_refused();
        life.set_ident(self.before);
        life.group().into_iter().for_each(ThreadGroup::leave);
        self.thread.data.cell.take_back();
    }
}

/// What a thread takes over from the one that starts it.
struct Legacy {
    values: Inherited,
    calls: SpawnCalls,
    context: Context,
}

/// Nothing, or what is taken by the new thread if there is one, and else dropped by the one that would have started it.
type SharedLegacy = Option<Arc<Lock<Option<Legacy>>>>;

/// A thread that is about to live, on its way to the operating system's thread.
pub(crate) struct Newborn {
    thread: ThreadHandle,
    reserved: ReservedIdent,
    started_as: StartedAs,
    legacy: SharedLegacy,
}

impl Newborn {
    /// The life of a thread, in that thread; `run` is what it is for.
    pub(crate) fn live(self, run: impl FnOnce(&ThreadHandle) -> Result<(), Payload>) {
        let Newborn { thread, reserved, started_as, legacy } = self;
        let ident = reserved.get();
        if catch(|| adopt_ident(reserved)).is_err() {
            // An allocator has used a lock of this library, and the panic hook has said so. Whoever joins this thread would wait for ever.
            abort();
        }
        current::live_as(thread, |thread| {
            let legacy = legacy.and_then(|it| it.acquire().take());
            let (context, calls) = legacy.map_or((None, SpawnCalls::default()), |legacy| {
                legacy.values.adopt();
                (Some(legacy.context), legacy.calls)
            });
            let life = thread.life();
            life.set_native_id(native_id_of_started());
            life.arrived(started_as);
            life.set_state(ThreadState::Running);

            let entered = context.as_ref().map(Context::enter);
            calls.call();
            events::started(thread, ident);
            let hooks = Run::begin(thread);
            let outcome = match run(thread) {
                Err(payload) => Outcome::Panicked(Panic::caught(thread.name(), payload)),
                Ok(()) if life.stop_requested() => Outcome::Stopped,
                Ok(()) => Outcome::Finished,
            };
            let ran = hooks.end(&outcome);
            if let Outcome::Panicked(panic) = &outcome {
                excepthook::handle(thread, panic);
            }
            events::ended(thread, ident, ran, &outcome);
            drop(entered);
            drop(context);

            life.group().into_iter().for_each(ThreadGroup::leave);
            life.end(outcome);
        });
    }
}
