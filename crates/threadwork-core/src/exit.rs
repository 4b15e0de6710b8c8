//! The end of the program.

use std::{
    io::{self, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use once_cell::sync::OnceCell;
use threadwork_sync::{
    Event, Lock, LockGuard, RLock, RLockGuard, Wait, get_ident,
    internal::{catch, exit_now, inside, is_in_exit, is_main_thread, own_lock, own_rlock},
};

use crate::{
    error::AtExitError,
    handle::ThreadHandle,
    life::ThreadState,
    panic::reported,
    process::{LockPart, Part, hold, look_after, start_helper},
    program::{Program, stop_stragglers},
    registry::{self, main_thread},
    timer,
};

#[cfg(target_os = "linux")]
mod suspended;

/// Elsewhere nobody is suspended, or nobody can tell.
#[cfg(not(target_os = "linux"))]
mod suspended {
    pub(super) fn is_anybody() -> bool {
        false
    }
}

/// Runs `f`, then waits for every thread that is not a daemon, also for those started meanwhile, and returns what `f` has returned.
///
/// Put the whole of `main` into it, and the program ends as one in Python does: no thread is cut off but the daemons.
/// If `f` panics, the threads are waited for all the same, and then the panic goes on.
/// Threads that panic do not change how the program ends. What [`at_exit`] was given is called before the wait.
/// [`Program`] can do more: stop the threads on a signal, wait only for so long.
///
/// A program that does not use it is not cut off either, where the C library calls functions at the end of a process (Unix):
/// when `main` has returned, the threads that are not daemons are waited for. What is lost then is the rest of `main`'s own stack:
/// its result is known already, and its thread-local values are gone. A thread that calls [`process::exit`] then is suspended by `std`; on Linux
/// that is seen after a second at the latest, and the process ends with the code of `main`. So it is better to call [`exit`].
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

/// What is called at the end of the program, the last one first.
static CALLBACKS: Lock<Callbacks> =
    own_lock("the exit callbacks", Callbacks { left: Vec::new(), has_begun: false });

struct Callbacks {
    left: Vec<Box<dyn FnOnce() + Send>>,
    /// Whether the end has begun.
    has_begun: bool,
}

/// Held by the thread that calls them, which may call [`exit`] in one of them.
static CALLING: RLock<()> = own_rlock("the calling of exit callbacks", ());

/// How long a thread that ends the program leaves another one to call them. It does not wait for ever, since a callback may wait for it.
const A_SECOND: Duration = Duration::from_secs(1);

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
    {
        let mut callbacks = callbacks();
        if callbacks.has_begun {
            return Err(AtExitError(()));
        }
        callbacks.left.push(Box::new(f));
    }
    watch();
    Ok(())
}

static LOCKED: LockPart = || hold(&CALLBACKS, |_| ());

fn callbacks() -> LockGuard<'static, Callbacks> {
    look_after(Part::ExitCallbacks, &LOCKED);
    CALLBACKS.acquire()
}

/// Calls what is left to be called. Nobody else does while the guard is there; there is none if another thread takes too long to do it.
pub(crate) fn call_back() -> Option<RLockGuard<'static, ()>> {
    let calling = CALLING.acquire_timeout(A_SECOND).ok()?;
    loop {
        let next = {
            let mut callbacks = callbacks();
            callbacks.has_begun = true;
            callbacks.left.pop()
        };
        let Some(callback) = next else { return Some(calling) };
        reported("exit callback", callback);
    }
}

/// Whether the process is on its way out already, so that nobody waits for threads any more.
static EXITING: AtomicBool = AtomicBool::new(false);

/// Whether the main thread is in [`fallback`], inside the C library's `exit`.
static IN_FALLBACK: AtomicBool = AtomicBool::new(false);

/// Ends the program with `code`, from any thread: calls what [`at_exit`] was given and has not been called, and does not wait for threads.
///
/// If another thread is calling that at this moment, it has a second to do so.
///
/// Use it rather than [`process::exit`], which a thread may wait in for ever while the program is waiting for that very thread,
/// and rather than C's `exit`. As there, no destructors run; standard output is flushed.
///
/// It may also be called where the process is ending already: in the drop of a thread-local value of the main thread, in a callback,
/// in what C's `atexit` was given. Then it ends at once, with this code, and what else was to be called by the C library is not.
/// (Where that has no unwind tables, as musl, `std` aborts the process in a function that was given to `atexit` after this library was used first.)
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
    // Of several threads that end the program the first does it: the others do not get past this while it is at it.
    std::mem::forget(call_back());
    end(code)
}

/// Ends the process.
pub(crate) fn end(code: i32) -> ! {
    // Both this thread and the main one write one of the two and then read the other: at least one of them sees what the other does.
    EXITING.store(true, Ordering::SeqCst);
    if IN_FALLBACK.load(Ordering::SeqCst) || is_in_exit() {
        // The C library is at it already, in a thread that waits for the others, or in this one.
        flush();
        exit_now(code);
    }
    process::exit(code)
}

/// Flushes standard output, unless somebody who does not end holds it.
pub(crate) fn flush() {
    at_most(A_SECOND, || _ = io::stdout().flush());
}

/// Calls `f` in a thread of its own, and leaves it alone if it takes longer.
pub(crate) fn at_most(time: Duration, f: impl Fn() + Send + Sync + 'static) {
    let shared = Arc::new((f, Event::new()));
    let other = Arc::clone(&shared);
    let call = move || {
        (other.0)();
        other.1.set();
    };
    match start_helper("threadwork-last", call) {
        Ok(()) => _ = shared.1.wait_timeout(time),
        Err(_) => (shared.0)(),
    }
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

/// Waits until every thread that is not a daemon has left, and no timer is pending that is none; otherwise returns the threads
/// that have not when `wait` ends.
pub(crate) fn join_threads(wait: &Wait) -> Result<(), Vec<ThreadHandle>> {
    let here = get_ident();
    let is_waited_for = |it: &ThreadHandle| !it.is_daemon() && it.ident() != Some(here);
    loop {
        // A timer that is not pending any more is among the threads; one that is armed by a thread that ends meanwhile shows in the census.
        let census = timer::census();
        registry::join_all(is_waited_for, wait).map_err(|(alive, _)| alive)?;
        let leaving = registry::leaving(is_waited_for);
        if !leaving.is_empty() {
            if wait.deadline().has_passed() {
                return Err(leaving);
            }
            // Threads of timers that have come and gone meanwhile.
            continue;
        }
        if census.n_waited_for > 0 {
            stop_stragglers();
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
    if WATCHED.get().is_some() {
        return;
    }
    let _inside = inside();
    WATCHED.get_or_init(|| threadwork_sync::internal::at_exit(fallback));
}

/// How long the first look at threads that may be suspended is put off; later ones take their time. Nothing is slower by it: a thread that ends
/// is seen at once.
const PATIENCE: Duration = Duration::from_millis(50);

/// What the C library calls at the end of the process.
///
/// The program has used [`main`](main()), and there is nothing left to do; or it has not, and this does it.
extern "C" fn fallback() {
    if !is_main_thread() {
        // A thread that ends the process means it.
        return;
    }
    IN_FALLBACK.store(true, Ordering::SeqCst);
    if EXITING.load(Ordering::SeqCst) {
        return;
    }
    // Nothing here panics but by mistake, and nothing may unwind out of here.
    let _ = catch(|| {
        drop(call_back());
        main_has_ended();
        let mut patience = PATIENCE;
        while join_threads(&Wait::timeout(patience)).is_err() {
            // Whoever has called `process::exit` wanted the process to end, so it does.
            if suspended::is_anybody() {
                break;
            }
            patience = (2 * patience).min(A_SECOND);
        }
        // A thread may have held it when `main` returned, so that nobody has flushed it.
        flush();
    });
}
