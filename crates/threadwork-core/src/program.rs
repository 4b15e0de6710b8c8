//! How a program ends.

use std::{sync::Arc, time::Duration};

use threadwork_sync::{Event, Wait, internal::panic::catch};

use crate::{
    exit::{
        A_SECOND, at_most, call_back, end, flush, forget_stops, join_threads, main_has_ended,
        pending_threads, stop_all,
    },
    group_threads::names,
    life::ThreadHandle,
    panic::{report, reported},
    process::start_helper,
    registry::{self, main_thread},
};

#[cfg(unix)]
mod listen;
#[cfg(unix)]
mod signals;

/// There are no signals.
#[cfg(not(unix))]
mod signals {
    use std::sync::Arc;

    use threadwork_sync::Event;

    pub(super) fn watch(_: &Arc<Event>, _: impl FnOnce() + Send + 'static) {}

    pub(super) fn forget(_: &Arc<Event>) {}
}

#[cfg(unix)]
pub use self::listen::listen;

/// How a program ends: [`main`](crate::main()) with a say in it.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::{process::ExitCode, time::Duration};
/// use threadwork::{Program, Thread};
///
/// fn main() -> ExitCode {
///     Program::new()
///         .stop_on_signals()
///         .stop_at_end()
///         .wait_at_most(Duration::from_secs(10))
///         .code_if_cut_off(75)
///         .run(|| {
///             let thread = Thread::builder()
///                 .daemon(false)
///                 .build(|| while threadwork::sleep(Duration::from_millis(5)).is_ok() {});
///             thread.start().unwrap();
///             ExitCode::SUCCESS
///         })
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a program does nothing until it runs"]
pub struct Program {
    stops_on_signals: bool,
    stops_at_end: bool,
    grace: Option<Duration>,
    code_if_cut_off: i32,
    before_cut_off: Option<fn(&[ThreadHandle])>,
}

impl Program {
    /// A program that waits for its threads for as long as they take.
    pub const fn new() -> Program {
        Program {
            stops_on_signals: false,
            stops_at_end: false,
            grace: None,
            code_if_cut_off: 1,
            before_cut_off: None,
        }
    }

    /// On SIGINT or SIGTERM every thread is asked to stop, the main one and daemons too. A second signal ends the process at once, as it would
    /// without this.
    ///
    /// In the child of a fork nobody listens: there such a signal does what it does by itself, unless the child runs a program of its own that asks for this.
    ///
    /// Does nothing where there are no such signals (anything but Unix).
    pub const fn stop_on_signals(self) -> Program {
        Program { stops_on_signals: true, ..self }
    }

    /// When the closure has returned, every thread is asked to stop.
    pub const fn stop_at_end(self) -> Program {
        Program { stops_at_end: true, ..self }
    }

    /// How long threads are waited for once the closure has returned, or a signal has come, whichever is first.
    /// When the time is up, the threads that are still alive are named on standard error, and the process ends with
    /// [`code_if_cut_off`](Self::code_if_cut_off). What [`at_exit`](crate::at_exit) was given has as much time again, and at least a second, if the closure has not returned.
    pub const fn wait_at_most(self, grace: Duration) -> Program {
        Program { grace: Some(grace), ..self }
    }

    /// The exit code where threads were not waited for any longer; 1 unless it is said.
    pub const fn code_if_cut_off(self, code: i32) -> Program {
        Program { code_if_cut_off: code, ..self }
    }

    /// Sets what is called where threads are not waited for any longer, with those that are still alive, before the process ends.
    pub const fn before_cut_off(self, f: fn(&[ThreadHandle])) -> Program {
        Program { before_cut_off: Some(f), ..self }
    }

    /// Runs `f`, calls what [`at_exit`](crate::at_exit) was given, waits for every thread that is not a daemon, and returns what `f` has returned.
    ///
    /// # Panics
    ///
    /// If `f` does; the threads are waited for all the same.
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        let ended = Arc::new(Event::new().named("the end of the program"));
        forget_stops();
        if self.stops_on_signals {
            let (program, its_end) = (self.clone(), Arc::clone(&ended));
            signals::watch(&ended, move || program.stop_by_signal(its_end));
        }
        let returned = catch(f);
        drop(call_back());
        if self.stops_at_end {
            stop_all();
        }
        main_has_ended();
        if let Err(late) = join_threads(&self.wait()) {
            self.cut_off(&late);
        }
        ended.set();
        signals::forget(&ended);
        returned.unwrap_or_else(|payload| payload.resume())
    }

    fn wait(&self) -> Wait {
        self.grace.map_or(Wait::forever(), Wait::timeout)
    }

    /// A signal has come: asks all threads to stop, and ends the process if they do not.
    fn stop_by_signal(self, ended: Arc<Event>) {
        // The thread that has been told of the signal listens for the next one.
        if let Some(grace) = self.grace {
            let enforce = move || {
                if ended.wait_timeout(grace).is_err() {
                    let mut late = registry::all(|it| !it.is_daemon());
                    late.extend(Some(main_thread()).filter(ThreadHandle::is_alive));
                    self.cut_off(&late);
                }
            };
            if let Err(error) = start_helper("threadwork-exit", enforce) {
                report(&format!(
                    "threadwork: cannot limit the time that the threads have to end ({error})"
                ));
            }
        }
        // A callback of a stop may block.
        if start_helper("threadwork-stop", stop_all).is_err() {
            stop_all();
        }
    }

    /// Ends the process although these threads are alive. Whatever this needs, one of them may hold.
    fn cut_off(&self, late: &[ThreadHandle]) -> ! {
        let grace = self.grace.unwrap_or_default();
        let late = [late, &pending_threads()].concat();
        let message = format!("threadwork: not ended within {grace:?}: {}", names(&late));
        at_most(A_SECOND, move || report(&message));
        if let Some(f) = self.before_cut_off {
            at_most(A_SECOND, move || reported("what is called before the cut-off", || f(&late)));
        }
        at_most(grace.max(A_SECOND), || drop(call_back()));
        flush();
        end(self.code_if_cut_off)
    }
}

impl Default for Program {
    fn default() -> Self {
        Program::new()
    }
}

/// Runs `f`, then waits for every thread that is not a daemon, also for those started meanwhile, and returns what `f` has returned.
///
/// Put the whole of `main` into it, and the program ends as one in Python does: no thread is cut off but the daemons.
/// If `f` panics, the threads are waited for all the same, and then the panic goes on.
/// Threads that panic do not change how the program ends. What [`at_exit`](crate::at_exit) was given is called before the wait.
/// [`Program`] can do more: stop the threads on a signal, wait only for so long.
///
/// A program that does not use it is not cut off either, where the C library calls functions at the end of a process (Unix):
/// when `main` has returned, the threads that are not daemons are waited for. What is lost then is the rest of `main`'s own stack:
/// its result is known already, and its thread-local values are gone. A thread that calls [`process::exit`](std::process::exit) then is suspended by `std`; on Linux
/// that is seen after a second at the latest, and the process ends with the code of `main`. So it is better to call [`exit`](crate::exit()).
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
