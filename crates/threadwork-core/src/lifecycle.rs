//! How a thread is started, lives and ends.

use std::{
    num::NonZeroU64,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Instant,
};

use threadwork_sync::{
    get_native_id,
    internal::{adopt_ident, reserve_ident},
};
use tracing::Span;

use crate::{
    current,
    error::{NameError, StartError},
    events,
    handle::ThreadHandle,
    life::ThreadState,
    outcome::{Outcome, Panic},
    registry,
};

#[cfg(test)]
mod tests;

/// Python's limit; less is not enough to get as far as the runnable.
const MIN_STACK_SIZE: usize = 32 * 1024;

/// Starts a thread: lists it, lends it its runnable, and has the operating system run [`live`].
pub(crate) fn start(handle: &ThreadHandle) -> Result<(), StartError> {
    let life = handle.life();
    if life.state() != ThreadState::New {
        return Err(StartError::AlreadyStarted);
    }
    let name = life.name();
    NameError::check(&name)?;
    if (1..MIN_STACK_SIZE).contains(&life.stack_size) {
        return Err(StartError::StackTooSmall { size: life.stack_size, minimum: MIN_STACK_SIZE });
    }
    let ident = reserve_ident();
    let span = events::span(&name, ident, life.is_daemon());
    let mut builder = thread::Builder::new().name(name);
    if life.stack_size > 0 {
        builder = builder.stack_size(life.stack_size);
    }

    // From here on nobody else can start it.
    if !handle.shared.cell.lend() {
        return Err(StartError::AlreadyStarted);
    }
    // Whoever joins a thread that runs already waits for this lock until it is complete.
    let mut os_thread = life.os_thread.acquire();
    life.set_ident(Some(ident));
    registry::insert(ident, handle.clone());
    let unless_refused = Refused { thread: handle, ident };
    let thread = handle.clone();
    let join_handle = builder.spawn(move || live(&thread, ident, span)).map_err(StartError::Os)?;
    std::mem::forget(unless_refused);
    life.set_started();
    *os_thread = Some(join_handle);
    Ok(())
}

/// Its drop undoes what was done for a thread that does not run after all, also where a subscriber panics about the span that was for it.
struct Refused<'a> {
    thread: &'a ThreadHandle,
    ident: NonZeroU64,
}

impl Drop for Refused<'_> {
    fn drop(&mut self) {
        registry::remove(self.ident);
        self.thread.life().set_ident(None);
        self.thread.shared.cell.take_back();
    }
}

/// The life of a thread, in that thread.
fn live(thread: &ThreadHandle, ident: NonZeroU64, span: Span) {
    adopt_ident(ident);
    current::adopt(thread.clone());
    let life = thread.life();
    life.set_native_id(get_native_id());
    life.set_state(ThreadState::Running);

    // Neither the guard nor an unwinding drops the span too: two panics of a subscriber at once would end the program.
    let entered = unharmed(|| span.enter());
    let since = unharmed(events::are_wanted).unwrap_or(false).then(Instant::now);
    unharmed(|| events::started(thread, ident));
    let outcome = match thread.shared.cell.run() {
        Ok(()) => Outcome::Finished,
        Err(payload) => Outcome::Panicked(Panic::new(thread.name(), payload)),
    };
    unharmed(|| events::ended(thread, ident, since, &outcome));
    unharmed(|| drop(entered));
    unharmed(|| drop(span));

    registry::retire(ident, thread.clone());
    let state = match outcome {
        Outcome::Finished => ThreadState::Finished,
        Outcome::Panicked(_) => ThreadState::Panicked,
    };
    let first = life.outcome.set(outcome).is_ok();
    debug_assert!(first, "a thread ends once");
    life.set_state(state);
    life.ended.set();
}

/// Calls into a subscriber, whose panic is not the thread's: the panic hook has reported it.
fn unharmed<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f))
        .map_err(|payload| {
            // To drop it could panic again.
            std::mem::forget(payload);
        })
        .ok()
}
