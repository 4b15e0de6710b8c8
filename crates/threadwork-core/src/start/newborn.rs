//! A new thread, from its first step to its end.

use std::{num::NonZeroU64, process::abort, sync::Arc};

use threadwork_sync::{
    Lock,
    internal::{
        door::go_on_as,
        lock::{guards_here, own_lock},
        number::{ReservedIdent, adopt_ident},
        os::native_id_of_started,
        panic::catch,
    },
};

use crate::{
    context::TraceContext,
    exit::{ESSENTIAL_CODE, request_exit},
    group::ThreadGroup,
    life::{Ran, Role, StartedAs, ThreadHandle, ThreadState},
    local::{self, InheritedValues},
    outcome::Outcome,
    panic::{Panic, report},
    registry::current,
    stop::has_only_stopped,
    tell::{
        events, excepthook, failure_handler, faults,
        hooks::{HookedRun, SpawnCalls},
    },
};

/// What a new thread inherits from the thread that starts it.
pub(super) struct Inheritance {
    pub(super) values: InheritedValues,
    pub(super) calls: SpawnCalls,
    pub(super) context: TraceContext,
}

/// An inheritance that starter and new thread share: the new thread takes it, or the starter drops it if there is no new thread.
/// `None` if there is nothing to inherit.
pub(super) type SharedInheritance = Option<Arc<Lock<Option<Inheritance>>>>;

impl Inheritance {
    pub(super) fn share(self) -> SharedInheritance {
        let is_nothing = self.values.is_empty() && self.calls.is_empty() && self.context.is_none();
        (!is_nothing).then(|| Arc::new(own_lock("the inheritance of a thread", Some(self))))
    }
}

/// A new thread on its way to the operating system's thread.
pub(super) struct Newborn {
    pub(super) thread: ThreadHandle,
    pub(super) reserved: ReservedIdent,
    pub(super) started_as: StartedAs,
    pub(super) inheritance: SharedInheritance,
}

impl Newborn {
    /// Lives the life of the thread, in that thread. `run` does its work.
    pub(super) fn live(self, run: impl FnOnce(&ThreadHandle) -> Ran) {
        let Newborn { thread, reserved, started_as, inheritance } = self;
        let ident = reserved.get();
        if catch(|| adopt_ident(reserved)).is_err() {
            // An allocator has used a lock of this library in this thread, and the panic hook has reported that.
            // There is no way to go on: a joiner of this thread would wait for ever.
            abort();
        }
        current::live_as(thread, |thread| {
            let outcome = lives(thread, ident, started_as, inheritance, run);
            ends(thread, outcome);
        });
    }

    /// Lives the life of the thread as [`live`](Self::live) does, in an operating system thread that is used again. Returns `false` if it
    /// must not be.
    ///
    /// All that ends with the thread ends here. So its joiners need not wait for more.
    pub(super) fn live_in_recycled(self, run: impl FnOnce(&ThreadHandle) -> Ran) -> bool {
        let Newborn { thread, reserved, started_as: _, inheritance } = self;
        go_on_as(&reserved);
        let mut n_kept = 0;
        current::live_in_recycled(thread, |thread| {
            thread.life().native.begins_here();
            let ident = reserved.get();
            let outcome = lives(thread, ident, StartedAs::OTHERWISE, inheritance, run);
            local::end_in_recycled();
            n_kept = guards_here();
            if n_kept > 0 {
                tell_of_kept_guards(thread, n_kept);
            }
            ends(thread, outcome);
        });
        n_kept == 0
    }
}

/// Lives the life of the thread until its run is over and told of.
fn lives(
    thread: &ThreadHandle,
    ident: NonZeroU64,
    started_as: StartedAs,
    inheritance: SharedInheritance,
    run: impl FnOnce(&ThreadHandle) -> Ran,
) -> Outcome {
    let inheritance = inheritance.and_then(|it| it.acquire().take());
    let (context, calls) = inheritance.map_or((None, SpawnCalls::default()), |it| {
        it.values.adopt();
        (Some(it.context), it.calls)
    });
    let life = thread.life();
    life.set_native_id(native_id_of_started());
    life.set_state(ThreadState::Running);
    life.arrived(started_as);

    let entered = context.as_ref().map(TraceContext::enter);
    calls.call();
    events::started(thread, ident);
    let hooks = HookedRun::begin(thread);
    let outcome = match run(thread) {
        Err(payload) => Outcome::Panicked(Panic::caught(thread.name(), payload)),
        Ok(Ok(())) if life.stop_requested() => Outcome::Stopped,
        Ok(Err(failure)) if has_only_stopped(&failure) => Outcome::Stopped,
        Ok(Err(failure)) => Outcome::Failed(failure.of_thread(thread.name())),
        Ok(Ok(())) => Outcome::Finished,
    };
    let elapsed = hooks.end(&outcome);
    tell_of_fault(thread, &outcome);
    events::ended(thread, ident, elapsed, &outcome);
    drop(entered);
    drop(context);
    outcome
}

/// Ends the life of the thread.
fn ends(thread: &ThreadHandle, outcome: Outcome) {
    let life = thread.life();
    life.group().into_iter().for_each(ThreadGroup::leave);
    if life.given.marks.role == Role::Essential {
        essential_has_ended(thread, &outcome);
    }
    life.ends(outcome);
}

/// Reports that a thread has ended and still holds locks. They are released when the operating system's thread ends, which drops its
/// `thread_local!` values.
#[cold]
fn tell_of_kept_guards(thread: &ThreadHandle, n_kept: usize) {
    let name = thread.name();
    report(&format!(
        "threadwork: recycled thread '{name}' has ended and still has guards of locks ({n_kept}); \
         do not keep one in a `thread_local!`: its operating system thread ends now and is not used again"
    ));
}

/// If the thread has panicked or failed, remembers that and calls the handler.
fn tell_of_fault(thread: &ThreadHandle, outcome: &Outcome) {
    match outcome {
        Outcome::Panicked(panic) => {
            faults::remember(thread, outcome);
            excepthook::handle(thread, panic);
        }
        Outcome::Failed(failure) => {
            faults::remember(thread, outcome);
            failure_handler::handle(thread, failure);
        }
        Outcome::Finished | Outcome::Stopped => (),
    }
}

/// Ends the program, unless the thread has ended well. Its joiners do not know its end yet.
fn essential_has_ended(thread: &ThreadHandle, outcome: &Outcome) {
    let how = match outcome {
        Outcome::Panicked(_) => "panicked",
        Outcome::Failed(_) => "failed",
        Outcome::Finished | Outcome::Stopped => return,
    };
    let name = thread.name();
    report(&format!(
        "threadwork: the program ends, since thread '{name}' is essential and has {how}"
    ));
    request_exit(ESSENTIAL_CODE);
}
