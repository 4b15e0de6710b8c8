//! How a program ends: `main`, and its settings.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{Event, Wait, internal::panic::catch};

use crate::{
    exit::{
        A_SECOND, at_most, begin, call_back, end, flush, has_ended, join_threads, main_has_ended,
        pending_threads, requested_code, stop_all, stop_all_elsewhere,
    },
    group_threads::names,
    life::ThreadHandle,
    panic::{report, reported},
    process::{start_helper, this_process},
    registry::{self, main_thread},
};

mod signals;

pub use self::signals::listen;

/// Configures how a program ends: a configurable [`main`](crate::main()).
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
#[derive(Clone)]
#[must_use = "a program does nothing until it runs"]
pub struct Program {
    stops_on_signals: bool,
    stops_at_end: bool,
    grace: Option<Duration>,
    code_if_cut_off: Option<i32>,
    before_cut_off: Option<BeforeCutOff>,
}

/// What is called with the threads that are cut off.
type BeforeCutOff = Arc<dyn Fn(&[ThreadHandle]) + Send + Sync>;

impl Program {
    /// Creates a program that waits for its threads for as long as they take.
    pub const fn new() -> Program {
        Program {
            stops_on_signals: false,
            stops_at_end: false,
            grace: None,
            code_if_cut_off: None,
            before_cut_off: None,
        }
    }

    /// Asks every thread to stop on SIGINT or SIGTERM, including the main thread and daemons.
    ///
    /// A second signal ends the process at once, as it would without this setting. The child of a fork does not listen:
    /// such a signal has its default effect there, unless the child runs a program of its own with this setting.
    ///
    /// Does nothing on systems without such signals (anything but Unix). [`request_exit`](crate::request_exit) does the same from inside.
    pub const fn stop_on_signals(mut self) -> Program {
        self.stops_on_signals = true;
        self
    }

    /// Asks every thread to stop when the closure has returned.
    pub const fn stop_at_end(mut self) -> Program {
        self.stops_at_end = true;
        self
    }

    /// Limits how long threads are waited for, after the closure has returned, a signal has arrived, or
    /// [an exit was requested](crate::request_exit), whichever is first.
    ///
    /// When the time is up, the threads that are still alive are named on standard error, and the process ends with
    /// [`code_if_cut_off`](Self::code_if_cut_off). If the closure has not returned, the [`at_exit`](crate::at_exit) callbacks
    /// first get the same time again, and at least a second. Otherwise they have already run, and the time begins after them.
    pub const fn wait_at_most(mut self, grace: Duration) -> Program {
        self.grace = Some(grace);
        self
    }

    /// Sets the exit code for when the time is up and threads are still alive. The default is the code that was
    /// [requested](crate::request_exit), or else 1.
    pub const fn code_if_cut_off(mut self, code: i32) -> Program {
        self.code_if_cut_off = Some(code);
        self
    }

    /// Sets a function that is called when the time is up, with the threads that are still alive, before the process ends.
    /// It gets a second.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// # use threadwork_core as threadwork;
    /// use std::{sync::Arc, time::Duration};
    /// use threadwork::{Program, Thread};
    /// # use threadwork_sync::Event;
    ///
    /// let gate = Arc::new(Event::new());
    /// let expected = "stuck".to_owned();
    /// Program::new()
    ///     .wait_at_most(Duration::from_millis(10))
    ///     .before_cut_off(move |late| {
    ///         assert_eq!(late[0].name(), expected);
    ///         # threadwork::exit(0);
    ///     })
    ///     .run(|| {
    ///         let stuck = Thread::builder().name("stuck").daemon(false).build(move || gate.wait());
    ///         stuck.start().unwrap();
    ///     });
    /// unreachable!("the process has ended");
    /// ```
    pub fn before_cut_off(
        mut self,
        f: impl Fn(&[ThreadHandle]) + Send + Sync + 'static,
    ) -> Program {
        self.before_cut_off = Some(Arc::new(f));
        self
    }

    /// Runs `f`, calls the [`at_exit`](crate::at_exit) callbacks, waits for every non-daemon thread, and returns the result of `f`.
    /// If [an exit was requested](crate::request_exit), ends the process instead.
    ///
    /// # Panics
    ///
    /// Panics if `f` panics; the threads are waited for first.
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        let ended = Arc::new(Event::new().named("the end of the program"));
        let (program, its_end) = (self.clone(), Arc::clone(&ended));
        begin(&ended, self.stops_on_signals, move || program.ask_to_stop(its_end));
        if self.stops_on_signals {
            signals::watch();
        }
        let returned = catch(f);
        drop(call_back());
        if self.stops_at_end {
            stop_all();
        }
        // Scenario "the main thread that waits for the others" in docs/architecture.md.
        main_has_ended();
        if let Err(late) = join_threads(&self.wait()) {
            self.cut_off(&late);
        }
        ended.set();
        has_ended(&ended);
        if let Some(code) = requested_code() {
            end(code);
        }
        returned.unwrap_or_else(|payload| payload.resume())
    }

    fn wait(&self) -> Wait {
        self.grace.map_or(Wait::forever(), Wait::timeout)
    }

    /// Asks all threads to stop, and ends the process if they do not.
    fn ask_to_stop(self, ended: Arc<Event>) {
        // In other threads, since the current one may have to listen for the next signal.
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
                    "threadwork: cannot enforce the time limit for the threads to end ({error})"
                ));
            }
        }
        stop_all_elsewhere();
    }

    /// Ends the process although these threads are alive. Each step has a time limit, since one of them may hold what it needs.
    fn cut_off(&self, late: &[ThreadHandle]) -> ! {
        /// The number of the process that is being ended, plus one.
        static CUT_OFF: AtomicU32 = AtomicU32::new(0);
        let process = this_process() + 1;
        if CUT_OFF.swap(process, Ordering::Relaxed) == process {
            // The time was up for the wait of the main thread and after a signal or a request at once.
            Event::new().wait();
        }
        let grace = self.grace.unwrap_or_default();
        let late = [late, &pending_threads()].concat();
        let message = format!("threadwork: not ended within {grace:?}: {}", names(&late));
        at_most(A_SECOND, move || report(&message));
        if let Some(f) = self.before_cut_off.clone() {
            at_most(A_SECOND, move || reported("`before_cut_off` function", || f(&late)));
        }
        at_most(grace.max(A_SECOND), || drop(call_back()));
        flush();
        end(self.code_if_cut_off.or_else(requested_code).unwrap_or(1))
    }
}

// A program only stores a function: it is called at the end, and its panics are caught.
impl UnwindSafe for Program {}
impl RefUnwindSafe for Program {}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("stops_on_signals", &self.stops_on_signals)
            .field("stops_at_end", &self.stops_at_end)
            .field("grace", &self.grace)
            .field("code_if_cut_off", &self.code_if_cut_off)
            .finish_non_exhaustive()
    }
}

impl Default for Program {
    fn default() -> Self {
        Program::new()
    }
}

/// Runs `f`, then waits for every non-daemon thread, including those started in the meantime, and returns the result of `f`.
///
/// Put the whole of `main` into it, and the program ends as it would in Python: only daemons are cut off.
/// If `f` panics, the threads are waited for first, and then the panic is resumed.
/// Threads that panic do not change how the program ends. The [`at_exit`](crate::at_exit) callbacks are called before the wait.
/// [`Program`] can do more: stop the threads on a signal, or limit the wait.
///
/// Threads of a program that does not use it are not cut off either, on systems where the C library calls functions at the end of a process
/// (Unix): the non-daemon threads are waited for after `main` has returned. By then `main`'s own stack is gone: its result is already
/// known, and its thread-local values are dropped. A thread that calls [`process::exit`](std::process::exit) at that point is suspended by
/// `std`. On Linux this is detected after a second at the latest, and the process ends with the code of `main`. So call
/// [`exit`](crate::exit()) instead.
///
/// # Differences from Python
///
/// * On systems other than Unix, the end of `main` ends the program and its threads, unless this function is used.
///
/// # Panics
///
/// Panics if `f` panics.
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
