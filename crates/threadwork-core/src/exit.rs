//! The end of the program.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    process,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use once_cell::sync::OnceCell;
use threadwork_sync::{
    Lock, Wait, get_ident,
    internal::{exit_now, is_main_thread},
};

use crate::{
    error::AtExitError,
    excepthook::reported,
    handle::ThreadHandle,
    life::ThreadState,
    program::Program,
    registry::{self, main_thread},
    timer,
};

/// Runs `f`, then waits for every thread that is not a daemon, also for those started meanwhile, and returns what `f` has returned.
///
/// Put the whole of `main` into it, and the program ends as one in Python does: no thread is cut off but the daemons.
/// If `f` panics, the threads are waited for all the same, and then the panic goes on.
/// Threads that panic do not change how the program ends. What [`at_exit`] was given is called before the wait.
/// [`Program`] can do more: stop the threads on a signal, wait only for so long.
///
/// A program that does not use it is not cut off either, where the C library calls functions at the end of a process (Unix):
/// when `main` has returned, the threads that are not daemons are waited for. What is lost then is the rest of `main`'s own stack:
/// its result is known already, and its thread-local values are gone.
///
/// # Differences from Python
///
/// * Elsewhere than on Unix the end of `main` ends the program, and the threads with it, unless this is used.
///
/// # Panics
///
/// If `f` does.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use threadwork::Thread;
///
/// static DONE: AtomicBool = AtomicBool::new(false);
///
/// let code = threadwork::main(|| {
///     let thread = Thread::builder().daemon(false).build(|| DONE.store(true, Ordering::Relaxed));
///     thread.start().unwrap();
///     7
/// });
/// assert_eq!(code, 7);
/// assert!(DONE.load(Ordering::Relaxed));
/// ```
pub fn main<R>(f: impl FnOnce() -> R) -> R {
    Program::new().run(f)
}

/// What is called at the end of the program, the last one first; `None` once that has begun.
static CALLBACKS: Lock<Option<Vec<Callback>>> = Lock::named("the exit callbacks", Some(Vec::new()));

type Callback = Box<dyn FnOnce() + Send>;

/// Has `f` called at the end of the program, before threads are waited for; the last one registered is called first.
///
/// That is the place to tell threads that they shall come to an end. One that panics is reported, and the next is called.
/// They are called at the end of [`main`](main()), by [`exit`], or where neither is used, after `main` has returned (on Unix);
/// not if the process is killed, aborts, or is ended by a thread with [`process::exit`].
///
/// # Differences from Python
///
/// * There it is private (`threading._register_atexit`).
///
/// # Errors
///
/// If the end has begun.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::Thread;
/// # use threadwork_sync::Event;
///
/// static END: Event = Event::new();
///
/// threadwork::main(|| {
///     threadwork::at_exit(|| END.set()).unwrap();
///     Thread::builder().daemon(false).build(|| END.wait()).start().unwrap();
/// });
/// ```
pub fn at_exit(f: impl FnOnce() + Send + 'static) -> Result<(), AtExitError> {
    match &mut *CALLBACKS.acquire() {
        Some(callbacks) => callbacks.push(Box::new(f)),
        None => return Err(AtExitError(())),
    }
    watch();
    Ok(())
}

/// Calls what is to be called, once.
pub(crate) fn call_back() {
    let callbacks = CALLBACKS.acquire().take();
    for callback in callbacks.into_iter().flatten().rev() {
        reported("exit callback", callback);
    }
}

/// Whether the process is on its way out already, so that nobody waits for threads any more.
static EXITING: AtomicBool = AtomicBool::new(false);

/// Whether the main thread is in [`fallback`], inside the C library's `exit`.
static IN_FALLBACK: AtomicBool = AtomicBool::new(false);

/// Ends the program with `code`, from any thread: calls what [`at_exit`] was given, unless that has been called, and does not wait for threads.
///
/// Use it rather than [`process::exit`], which a thread may wait in for ever while the program is waiting for that very thread.
/// As there, no destructors run; standard output is flushed.
///
/// # Differences from Python
///
/// * `sys.exit` in a thread ends that thread alone; this is `os._exit` with exit callbacks.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// threadwork::main(|| {
///     let thread = threadwork::Thread::new(|| threadwork::exit(0));
///     thread.start().unwrap();
///     thread.join().unwrap();
///     unreachable!("the program has ended, with the code 0");
/// });
/// ```
pub fn exit(code: i32) -> ! {
    call_back();
    EXITING.store(true, Ordering::Relaxed);
    if IN_FALLBACK.load(Ordering::Acquire) {
        // The C library is at it already, in a thread that waits for the others; standard output has no buffer any more.
        exit_now(code);
    }
    process::exit(code)
}

/// The main thread is done with what it had to do; whoever joins it goes on.
pub(crate) fn main_has_ended() {
    if registry::is_main(get_ident()) {
        // There is no later moment that a joiner could see.
        let main = main_thread();
        main.life().set_state(ThreadState::Finished);
        main.life().ended.set();
    }
}

/// Waits until every thread that is not a daemon has ended, and no timer is pending that is none; otherwise returns the threads
/// that have not when `wait` ends.
pub(crate) fn join_threads(wait: &Wait) -> Result<(), Vec<ThreadHandle>> {
    let here = get_ident();
    let is_waited_for = |it: &ThreadHandle| !it.is_daemon() && it.ident() != Some(here);
    loop {
        // A timer that is not pending any more is among the threads; one that is armed by a thread that ends meanwhile shows in the census.
        let census = timer::census();
        registry::join_all(is_waited_for, wait).map_err(|(alive, _)| alive)?;
        if census.n_waited_for > 0 {
            if timer::join_pending(wait).is_err() {
                return Err(registry::all(is_waited_for));
            }
        } else if timer::census() == census {
            return Ok(());
        }
    }
}

/// From now on the end of `main` is not the end of threads that are no daemons.
pub(crate) fn watch() {
    static WATCHED: OnceCell<bool> = OnceCell::new();
    WATCHED.get_or_init(|| threadwork_sync::internal::at_exit(fallback));
}

/// How long a look at a thread that may hang is put off. Nothing is slower by it: a thread that ends is seen at once.
const PATIENCE: Duration = Duration::from_millis(50);

/// What the C library calls at the end of the process.
///
/// The program has used [`main`](main()), and there is nothing left to do; or it has not, and this does it.
extern "C" fn fallback() {
    // A thread that ends the process means it.
    if EXITING.load(Ordering::Relaxed) || !is_main_thread() {
        return;
    }
    IN_FALLBACK.store(true, Ordering::Release);
    // Nothing here panics but by mistake, and nothing may unwind out of here.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        call_back();
        main_has_ended();
        while join_threads(&Wait::timeout(PATIENCE)).is_err() {
            if registry::all(|_| true).iter().any(exits) {
                return;
            }
        }
    }));
}

/// Whether a thread has called [`process::exit`] while the main thread is in there: that suspends it for ever (`pause(2)`),
/// and whoever waits for it too. It wanted the process to end, so it does.
fn exits(thread: &ThreadHandle) -> bool {
    let Some(native_id) = thread.native_id() else { return false };
    let call =
        fs::read_to_string(format!("/proc/self/task/{native_id}/syscall")).unwrap_or_default();
    let mut words = call.split(' ');
    let number = words.next().and_then(|it| it.parse::<u32>().ok());
    if cfg!(target_arch = "x86_64") {
        number == Some(34)
    } else {
        // Where there is no such call the C library waits for no file for ever, by `ppoll`.
        cfg!(target_arch = "aarch64") && number == Some(73) && words.take(3).all(|it| it == "0x0")
    }
}
