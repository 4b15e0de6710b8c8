//! The functions that are called when a thread panics.

use std::sync::Arc;

use threadwork_sync::{Lock, LockGuard, internal::lock::own_lock};

use crate::{
    group::ThreadGroup,
    life::ThreadHandle,
    panic::{OnPanic, Panic, report, reported},
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
/// The process's own [panic hook](std::panic::set_hook) is called earlier, at the place of the panic, and prints its message as usual.
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

/// Prints one line to standard error: `Exception in thread NAME: MESSAGE (PLACE)`. Python's `threading.__excepthook__`.
///
/// # Differences from Python
///
/// * There is no traceback. The process's panic hook has already printed one at the panic, if it was told to (`RUST_BACKTRACE`).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// threadwork::set_excepthook(threadwork::default_excepthook);
/// ```
pub fn default_excepthook(thread: &ThreadHandle, panic: &Panic) {
    let place = panic.place().map(|place| format!(" ({place})")).unwrap_or_default();
    report(&format!("Exception in thread {}: {}{place}", thread.name(), panic.message()));
}

static LOCKED: LockPart = || hold(&HOOK, |_| ());

fn process_hook() -> LockGuard<'static, Option<PanicHandler>> {
    look_after(Part::Excepthook, &LOCKED);
    HOOK.acquire()
}

/// Wraps a handler for a thread or a group. It is always called in the thread that has panicked.
pub(crate) fn in_its_thread(
    handler: impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static,
) -> OnPanic {
    Arc::new(move |panic| _ = current::with(|thread| handler(thread, panic)))
}

/// Calls the panic handler for the current thread: its own, or its group's, or the hook of the process.
pub(crate) fn handle(thread: &ThreadHandle, panic: &Panic) {
    let life = thread.life();
    let of_group = || life.group().and_then(ThreadGroup::panic_handler);
    if let Some(own) = life.given.on_panic.clone().or_else(of_group) {
        reported("excepthook", move || own(panic));
    } else {
        let hook = excepthook();
        reported("excepthook", move || hook(thread, panic));
    }
}
