//! What is called when a thread panics.

use std::{
    cell::RefCell,
    io::{self, Write},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use threadwork_sync::{
    Lock,
    internal::{lock::own_lock, panic::catch},
};

use crate::{
    current,
    fork::{Locked, hold},
    group::ThreadGroup,
    handle::ThreadHandle,
    outcome::{Panic, PanicPlace, message_of},
};

/// What is called with a thread that has panicked, and the panic.
pub type PanicHandler = Arc<dyn Fn(&ThreadHandle, &Panic) + Send + Sync>;

/// The process-wide one. What is replaced is dropped after this is unlocked.
static HOOK: Lock<Option<PanicHandler>> = own_lock("the excepthook", None);

/// Sets what is called when a thread panics, in that thread, after its runnable has unwound: Python's `threading.excepthook = …`.
///
/// A handler of the thread ([`Builder::on_panic`](crate::Builder::on_panic)) or of its
/// [group](crate::ThreadGroup::set_panic_handler) goes before; this is the last resort. Unless it is set, [`default_excepthook`] is called.
/// The handler may take the payload, which joiners do not find any more then. If it panics, that is reported, and nothing else happens.
///
/// The process's own [panic hook](std::panic::set_hook) is called earlier, at the place of the panic, and prints its message as ever.
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
    let _old = HOOK.acquire().replace(Arc::new(hook));
}

/// What [`set_excepthook`] has set, or else [`default_excepthook`]: Python's `threading.excepthook`.
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
    let hook = HOOK.acquire().clone();
    hook.unwrap_or_else(|| Arc::new(default_excepthook))
}

/// Prints one line on standard error: `Exception in thread NAME: MESSAGE (PLACE)`. Python's `threading.__excepthook__`.
///
/// # Differences from Python
///
/// * There is no traceback: the process's panic hook has printed one where the panic was, if it was asked to (`RUST_BACKTRACE`).
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

/// Keeps others from the hook while the process forks.
pub(crate) fn locked() -> Locked {
    hold(&HOOK, |_| ())
}

/// Calls the handler that is responsible for the current thread, which has panicked.
pub(crate) fn handle(thread: &ThreadHandle, panic: &Panic) {
    let own = thread.life().on_panic.clone();
    let of_group = || thread.group().as_ref().and_then(ThreadGroup::panic_handler);
    let handler = own.or_else(of_group).unwrap_or_else(excepthook);
    reported("excepthook", move || handler(thread, panic));
}

/// Calls a function of the user's whose panic is reported, and is not the thread's.
pub(crate) fn reported(what: &str, f: impl FnOnce()) {
    if let Err(payload) = catch(f) {
        let message = message_of(payload.get());
        let place = take_place(message).map(|place| format!(" ({place})")).unwrap_or_default();
        report(&format!("Exception in threadwork {what}: {message}{place}"));
    }
}

/// Calls code of others whose panic is not the caller's: there is nothing to say but what the panic hook has said.
pub(crate) fn unharmed<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch(f).ok()
}

/// One line on standard error, where one can be written.
pub(crate) fn report(line: &str) {
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

thread_local! {
    /// Where the current thread has panicked last, and what it said.
    static PLACE: RefCell<Option<(PanicPlace, String)>> = const { RefCell::new(None) };
}

/// Where the current thread has panicked with this message, if that is known; once.
///
/// Another message is that of a panic that came from elsewhere, after one that was caught here.
pub(crate) fn take_place(message: &str) -> Option<PanicPlace> {
    let (place, said) = PLACE.try_with(RefCell::take).ok().flatten()?;
    (said == message).then_some(place)
}

/// Calls a function whose panic, if it is caught there, does not hide where this thread has panicked before.
pub(crate) fn keeping_place<R>(f: impl FnOnce() -> R) -> R {
    let before = PLACE.try_with(RefCell::take).ok().flatten();
    let returned = f();
    let _ = PLACE.try_with(|it| it.replace(before));
    returned
}

/// From now on the places of panics in this library's threads are known: only the process's panic hook is told them.
/// False if that could not be done yet.
pub(crate) fn watch_places() -> bool {
    static IS_BEGUN: AtomicBool = AtomicBool::new(false);
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    // A thread that panics may not change the hook; the next one that starts a thread does. Nor does anybody wait for one that is at it:
    // it may wait for a panic hook that forks, and in the child of another fork it is not there.
    if !IS_DONE.load(Ordering::Acquire)
        && !std::thread::panicking()
        && !IS_BEGUN.swap(true, Ordering::Relaxed)
    {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if current::is_ours()
                && let Some(place) = info.location()
            {
                let (file, line, column) = (place.file().to_owned(), place.line(), place.column());
                let place = PanicPlace { file, line, column };
                let message = message_of(info.payload()).to_owned();
                let _ = PLACE.try_with(|it| it.replace(Some((place, message))));
            }
            before(info);
        }));
        IS_DONE.store(true, Ordering::Release);
    }
    IS_DONE.load(Ordering::Acquire)
}
