//! A thread that is about to live, and its life.

use std::{process::abort, sync::Arc};

use threadwork_sync::{
    Lock,
    internal::{
        lock::own_lock,
        number::{ReservedIdent, adopt_ident},
        os::native_id_of_started,
        panic::{Payload, catch},
    },
};

use crate::{
    group::ThreadGroup,
    life::{StartedAs, ThreadHandle, ThreadState},
    local::InheritedValues,
    panic::{Outcome, Panic},
    registry::current,
    tell::{
        events::{self, Context},
        excepthook,
        hooks::{HookedRun, SpawnCalls},
    },
};

/// What a thread takes over from the one that starts it.
pub(super) struct Legacy {
    pub(super) values: InheritedValues,
    pub(super) calls: SpawnCalls,
    pub(super) context: Context,
}

/// Nothing, or what is taken by the new thread if there is one, and else dropped by the one that would have started it.
pub(super) type SharedLegacy = Option<Arc<Lock<Option<Legacy>>>>;

impl Legacy {
    pub(super) fn share(self) -> SharedLegacy {
        let is_nothing = self.values.is_empty() && self.calls.is_empty() && self.context.is_none();
        (!is_nothing).then(|| Arc::new(own_lock("the legacy of a thread", Some(self))))
    }
}

/// A thread that is about to live, on its way to the operating system's thread.
pub(crate) struct Newborn {
    pub(super) thread: ThreadHandle,
    pub(super) reserved: ReservedIdent,
    pub(super) started_as: StartedAs,
    pub(super) legacy: SharedLegacy,
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
            let hooks = HookedRun::begin(thread);
            let outcome = match run(thread) {
                Err(payload) => Outcome::Panicked(Panic::caught(thread.name(), payload)),
                Ok(()) if life.stop_requested() => Outcome::Stopped,
                Ok(()) => Outcome::Finished,
            };
            let elapsed = hooks.end(&outcome);
            if let Outcome::Panicked(panic) = &outcome {
                excepthook::handle(thread, panic);
            }
            events::ended(thread, ident, elapsed, &outcome);
            drop(entered);
            drop(context);

            life.group().into_iter().for_each(ThreadGroup::leave);
            life.end(outcome);
        });
    }
}
