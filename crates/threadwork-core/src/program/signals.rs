//! The running program, which the next signal stops.

use std::sync::Arc;

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    low_level::emulate_default_handler,
};
use threadwork_sync::{Event, Lock, LockGuard, internal::lock::own_lock};

use super::listen::listen;
use crate::{
    panic::report,
    process::{LockPart, Part, hold, look_after},
};

/// The program that the next signal stops; `None` once it has been stopped or has ended.
static RUNNING: Lock<Option<Running>> = own_lock("the program", None);

struct Running {
    ended: Arc<Event>,
    stop: Box<dyn FnOnce() + Send>,
}

static LOCKED: LockPart = || hold(&RUNNING, |_| ());

fn running() -> LockGuard<'static, Option<Running>> {
    look_after(Part::Program, &LOCKED);
    RUNNING.acquire()
}

/// Makes the next signal call `stop`, unless the program has ended by then.
pub(super) fn watch(ended: &Arc<Event>, stop: impl FnOnce() + Send + 'static) {
    let _before = running().replace(Running { ended: Arc::clone(ended), stop: Box::new(stop) });
    let heard = |signal| {
        let running = running().take();
        match running {
            Some(running) => (running.stop)(),
            None => _ = emulate_default_handler(signal),
        }
    };
    if let Err(error) = listen("threadwork-signals", &[SIGINT, SIGTERM], heard) {
        report(&format!("threadwork: signals do not stop the threads ({error})"));
    }
}

/// Forgets a program that has ended: signals have their default effect again.
pub(super) fn forget(ended: &Arc<Event>) {
    let _running = running().take_if(|it| Arc::ptr_eq(&it.ended, ended));
}
