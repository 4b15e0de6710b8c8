//! What is left of the threads in a process that was forked.
//!
//! Only the thread that has forked goes on in the child, and is the main one there, under the name that it has.
//! The others have ended: they are not listed, and to join one returns at once. Timers that were pending do not fire,
//! and the end of the program does not wait for them. What the threads held stays held for ever, which is why a child of a process with threads should do little more than replace itself by another program (fork(2), pthread_atfork(3)).

use std::cell::RefCell;

use once_cell::sync::OnceCell;
use threadwork_sync::{get_ident, get_native_id, internal::at_fork};

use crate::{
    life::ThreadState,
    registry::{self, Locked},
    timer,
};

thread_local! {
    /// The registry and the timers, while the current thread forks.
    static LOCKED: RefCell<Option<(Locked, timer::Locked)>> = const { RefCell::new(None) };
}

/// From now on the child of a fork knows which threads it has.
pub(crate) fn watch() {
    static WATCHED: OnceCell<()> = OnceCell::new();
    WATCHED.get_or_init(|| at_fork(prepare, parent, child));
}

extern "C" fn prepare() {
    let _ = LOCKED.try_with(|it| it.replace(Some((Locked::now(), timer::Locked::now()))));
}

extern "C" fn parent() {
    let _ = LOCKED.try_with(RefCell::take);
}

extern "C" fn child() {
    let Ok(Some((locked, timers))) = LOCKED.try_with(RefCell::take) else { return };
    timers.forget();
    let gone = locked.keep(get_ident());
    for thread in &gone {
        // Their events stay as they are: to wake somebody would need queues that a thread which is not here any more may have locked.
        thread.life().set_state(ThreadState::Finished);
    }
    // Their drop is left out: it would drop what belongs to threads that never come to an end here.
    std::mem::forget(gone);
    registry::main_thread().life().set_native_id(get_native_id());
}
