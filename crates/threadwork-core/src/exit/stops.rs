//! Stopping all threads.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use threadwork_sync::{Event, Lock, LockGuard, internal::lock::own_lock};

use super::pending::{stop_idle, stop_pending};
use crate::{
    panic::reported,
    process::{LockPart, Part, hold, look_after, start_helper, this_process},
    registry,
};

/// Whether all threads were asked to stop. A run of a repeating timer that was about to return may arm its timer again after that.
static STOPS: AtomicBool = AtomicBool::new(false);

/// If all threads were asked to stop, cancels the timers that were armed again since then.
pub(super) fn stop_stragglers() {
    if STOPS.load(Ordering::Relaxed) {
        stop_pending();
    }
}

/// Asks every thread to stop, and cancels the pending timers.
pub(crate) fn stop_all() {
    STOPS.store(true, Ordering::Relaxed);
    // Before the threads: a worker that is stopped alone is replaced.
    stop_idle();
    for thread in registry::enumerate() {
        reported("stop callback", || _ = thread.request_stop());
    }
    stop_pending();
}

/// Does [`stop_all`] in another thread, since a stop callback may block.
pub(crate) fn stop_all_elsewhere() {
    if start_helper("threadwork-stop", stop_all).is_err() {
        stop_all();
    }
}

/// The program that can be asked to stop; `None` once it was asked or has ended.
static RUNNING: Lock<Option<Running>> = own_lock("the program", None);

/// A running program.
struct Running {
    ended: Arc<Event>,
    /// Whether a signal stops it.
    hears_signals: bool,
    stop: Box<dyn FnOnce() + Send>,
}

static LOCKED: LockPart = || hold(&RUNNING, |_| ());

fn running() -> LockGuard<'static, Option<Running>> {
    look_after(Part::Program, &LOCKED);
    RUNNING.acquire()
}

/// Makes `stop` the way to ask the threads of this program to stop, once, until [`has_ended`]. No thread was asked to stop yet.
pub(crate) fn begin(ended: &Arc<Event>, hears_signals: bool, stop: impl FnOnce() + Send + 'static) {
    STOPS.store(false, Ordering::Relaxed);
    let program = Running { ended: Arc::clone(ended), hears_signals, stop: Box::new(stop) };
    let _before = running().replace(program);
    // Scenario "the exit that is requested" in docs/architecture.md.
    if requested_code().is_some() {
        stop_program(false);
    }
}

/// Asks the running program to stop, unless it was asked before. Returns `false` if there is none.
pub(crate) fn stop_program(by_signal: bool) -> bool {
    let program = running().take_if(|it| it.hears_signals || !by_signal);
    let found = program.is_some();
    if let Some(program) = program {
        (program.stop)();
    }
    found
}

/// Forgets a program that has ended: signals have their default effect again.
pub(crate) fn has_ended(ended: &Arc<Event>) {
    let _running = running().take_if(|it| Arc::ptr_eq(&it.ended, ended));
}

/// The exit code that was requested, in the low half, and in the high half the number of the process that requested it.
static CODE: AtomicU64 = AtomicU64::new(NO_CODE);

const NO_CODE: u64 = u64::MAX;

/// Requests an exit code for this process, and returns `true`, unless it already has one.
pub(super) fn request_code(code: i32) -> bool {
    let word = u64::from(this_process()) << u32::BITS | u64::from(code.cast_unsigned());
    let unless_requested = |before: u64| code_of(before).is_none().then_some(word);
    CODE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, unless_requested).is_ok()
}

/// Returns the exit code that was requested for this process.
pub(crate) fn requested_code() -> Option<i32> {
    code_of(CODE.load(Ordering::SeqCst))
}

fn code_of(word: u64) -> Option<i32> {
    let is_of_this_process = word != NO_CODE && word >> u32::BITS == u64::from(this_process());
    is_of_this_process.then_some((word as u32).cast_signed())
}
