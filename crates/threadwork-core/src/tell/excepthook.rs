//! The functions that are called when a thread panics.

use std::sync::Arc;

use threadwork_sync::{Lock, LockGuard, internal::lock::own_lock};

use super::handling::nearest;
use crate::{
    life::ThreadHandle,
    panic::{Panic, report, reported},
    process::{LockPart, Part, hold, look_after},
    registry::current,
};

/// A function that is called with a thread that has panicked, and its panic.
pub type PanicHandler = Arc<dyn Fn(&ThreadHandle, &Panic) + Send + Sync>;

/// The hook of the process. A replaced hook is dropped after this is unlocked.
static HOOK: Lock<Option<PanicHandler>> = own_lock("the excepthook", None);

/// Sets the function that is called when a thread panics, in that thread, after its runnable has unwound: Python's
/// `threading.excepthook = …`.
///
/// A handler of the thread ([`Builder::on_panic`](crate::Builder::on_panic)) or of its
/// [group](crate::ThreadGroup::set_panic_handler) is called instead, if there is one. By default [`default_excepthook`] is called.
/// The hook may take the payload; then joiners do not find it. If the hook panics, that is reported and has no other effect.
///
/// # A panic is told once
///
/// The process's own [panic hook](std::panic::set_hook) is called earlier, at the place of the panic: it reports message, place and backtrace
/// as usual, and so does that of any crate for such reports. [`default_excepthook`] therefore prints only what the panic hook was not told.
/// A program that would rather have its reports printed here, with the present name of the thread, sets a panic hook that prints nothing, and
/// this hook.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::sync::OnceLock;
/// use threadwork::Thread;
///
/// static REPORT: OnceLock<String> = OnceLock::new();
///
/// threadwork::set_excepthook(|thread, panic| {
///     REPORT.set(format!("{}: {}", thread.name(), panic.message())).unwrap();
/// });
/// let thread = Thread::builder().name("parser").build(|| panic!("no input"));
/// thread.start()?;
/// thread.join().unwrap_err();
/// assert_eq!(REPORT.get().unwrap(), "parser: no input");
/// # Ok::<(), threadwork::StartError>(())
/// ```
pub fn set_excepthook(hook: impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static) {
    let _old = process_hook().replace(Arc::new(hook));
}

/// Returns the hook set with [`set_excepthook`], or else [`default_excepthook`]: Python's `threading.excepthook`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let before = threadwork::excepthook();
/// threadwork::set_excepthook(move |thread, panic| {
///     if thread.name() != "expected to fail" {
///         before(thread, panic);
///     }
/// });
/// ```
#[must_use]
pub fn excepthook() -> PanicHandler {
    let set = process_hook().clone();
    set.unwrap_or_else(|| Arc::new(default_excepthook))
}

/// Prints one line to standard error, `Exception in thread NAME: MESSAGE`, if the process's panic hook was not told of the panic: the thread
/// [resumed](std::panic::resume_unwind) a panic of another thread, for instance that of a [scope](crate::scope()). Python's
/// `threading.__excepthook__`.
///
/// It also prints it for a [recycled](crate::Builder::recycled) thread, whose name the panic hook does not know.
///
/// Of any other panic the panic hook has told already (see [`set_excepthook`]), and nothing is printed. A panic hook that the program has set
/// after the first thread was started hides from this library what it is told, so this line is printed as well.
///
/// # Differences from Python
///
/// * There is no traceback. The panic hook prints one at the panic, if it is told to (`RUST_BACKTRACE`).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// threadwork::set_excepthook(threadwork::default_excepthook);
/// ```
pub fn default_excepthook(thread: &ThreadHandle, panic: &Panic) {
    // Scenario "the panic that is told once" in docs/architecture.md.
    if panic.place().is_none() || current::is_recycled() {
        report(&format!("Exception in thread {}: {}", thread.name(), panic.message()));
    }
}

static LOCKED: LockPart = || hold(&HOOK, |_| ());

fn process_hook() -> LockGuard<'static, Option<PanicHandler>> {
    look_after(Part::Excepthook, &LOCKED);
    HOOK.acquire()
}

/// Calls the panic handler for the current thread: its own, or its group's, or the hook of the process.
pub(crate) fn handle(thread: &ThreadHandle, panic: &Panic) {
    if let Some(own) = nearest(thread, |it| it.on_panic.clone()) {
        reported("excepthook", move || own(panic));
    } else {
        let hook = excepthook();
        reported("excepthook", move || hook(thread, panic));
    }
}
