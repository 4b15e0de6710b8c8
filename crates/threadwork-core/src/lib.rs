//! Threads as objects, for Threadwork: [`Runnable`], [`Thread`], [`MyThread`], and the registry of all threads.
//!
//! ```
//! # use threadwork_core as threadwork;
//! use threadwork::{MyThread, Runnable, Thread};
//!
//! struct Countdown(u32);
//!
//! impl Runnable for Countdown {
//!     fn run(&mut self) {
//!         while self.0 > 0 {
//!             self.0 -= 1;
//!         }
//!     }
//! }
//!
//! let countdown = Thread::new(Countdown(3));
//! let sum = MyThread::with_args(|a: u32, b: u32| a + b, (1, 2));
//! countdown.start()?;
//! sum.start()?;
//! countdown.join()?;
//! assert_eq!(countdown.runnable().unwrap().0, 0);
//! assert_eq!(sum.wait_result()?, &3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! * [`Runnable`]: what a thread runs. [`Prototype`]: a runnable that can be run more than once. [`Call`]: a function with its arguments.
//! * [`Thread`] owns its runnable and gives it back. [`MyThread`] keeps the return value of its function.
//!   [`ThreadHandle`] can be cloned and sent to other threads, and has the methods of a thread's life.
//! * [`Task`]: a result that is on its way, whatever the function.
//! * [`Executor`]: a number of threads that run jobs one after the other, each with a [`Task`].
//! * [`Timer`]: calls a function later, or periodically, in a thread of its own.
//! * [`Builder`]: name, daemon flag, stack size, group, stop token, handlers of panics and failures, verbosity, and whether operating system
//!   threads are used again.
//! * [`current_thread`], [`main_thread`], [`enumerate`], [`active_count`]: the threads that exist.
//! * [`as_completed`]: threads and tasks in the order in which they end. [`wait`](wait()): until the first has ended, has failed, or all have ended.
//!   [`wait_any`](threadwork_sync::wait_any) takes threads and timers, too.
//! * [`ThreadGroup`]: threads that belong together. [`scope`](scope()): threads that borrow. [`Supervisor`]: threads that are restarted.
//! * [`sleep`], [`checkpoint`], [`stop_requested`], [`current_stop_token`]: how a thread learns that it should stop.
//! * [`set_excepthook`], [`set_failure_handler`], [`set_trace`], [`set_profile`], [`add_spawn_hook`]: functions that are called in every thread.
//! * [`faults`](faults()): the last panics and failures of threads, and how many there were.
//! * [`Local`]: a separate value for each thread. [`Context`], [`copy_context`]: what a thread inherits.
//! * [`main`](main()), [`Program`]: run a program and wait for its threads. [`at_exit`], [`exit`](exit()), [`request_exit`].
//!
//! # What a thread inherits
//!
//! * From the thread that builds it: the daemon flag, the group, and the stop token that the building thread was given, if any.
//!   The [`Builder`] can override each of them.
//! * From the thread that starts it: the values of [inheritable](Local::inheritable) locals, the current span and dispatcher of
//!   [`tracing`](https://docs.rs/tracing), and what spawn hooks hand over.
//!   To give it another span or dispatcher, start it inside that one. A [`Context`] keeps all of it but the hooks, for later starts, or is empty:
//!   [`Builder::context`].
//!
//! # After a fork
//!
//! Only the thread that called `fork(2)` survives in the child. It is the [`main_thread`] there and keeps its name and number.
//! All other threads have ended: they are not listed, groups do not count them, and joining them returns at once.
//! Pending timers have ended, too.
//!
//! What the other threads held stays held for ever: your own locks, and standard output. Of this library nothing stays held: its own locks
//! are released in the child, and its queues are empty and unlocked there, whatever the other threads were doing. So every object that no
//! other thread held can be used in the child.
//! A [`scope`](scope()) that the forking thread was inside waits for ever for those of its threads that were running, and for its jobs.
//!
//! So a child should do little more than replace itself with another program. It can start threads, as far as the C library and std allow that:
//! std takes a lock of its own while a thread begins and while it ends, and if another thread held it at the fork, the start of a thread in
//! the child hangs.
//! It does not listen for signals until it asks for that itself ([`Program::stop_on_signals`]).
//!
//! # Panics and errors
//!
//! A thread's panic is data: it is caught, reported by the process's panic hook where it happens, handed to the
//! [excepthook](set_excepthook), and given to every joiner as a [`Panic`]. By default it is printed once, by the panic hook.
//! Work that [can fail](Runnable::try_run) returns an error instead. That is a [`Failure`]: it is handed to the
//! [failure handler](set_failure_handler), which by default prints one line, and given to every joiner.
//! Where Python raises an exception, a function here returns a `Result` with a small error type whose message says what to do.
//! With `panic = "abort"` there is nothing to catch, and the first panic ends the program.
//!
//! The module [`events`] describes the [`tracing`](https://docs.rs/tracing) span and events of a thread.

#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod panic;
mod outcome;
mod work;
mod error;
mod process;
mod group;
mod local;
mod context;
mod life;
mod registry;
mod exit;
mod tell;
mod stop;
mod start;
mod thread;
mod task;
mod group_threads;
mod timer;
mod executor;
mod supervisor;
mod scope;
mod any;
mod program;

/// The interface for the other crates of Threadwork. It is not covered by any stability promise.
#[doc(hidden)]
pub mod internal {
    use threadwork_sync::internal::door::is_helper as is_unlisted_helper;

    pub use crate::program::listen;
    pub use crate::{
        executor::{ExecutorInfo, executors},
        process::{
            Helper, LockPart, Locked, Part, helpers, hold, look_after, start_helper,
            this_process as process,
        },
        registry::everyone,
        start::start_helper_with_stack,
        tell::faults::shortened,
    };
    use crate::{life::ThreadHandle, registry::current, thread::Builder};

    /// Returns a builder for a thread of the library's own that is in the registry. [`enumerate`](crate::enumerate) leaves it out.
    pub fn helper(name: &str) -> Builder {
        Builder::of_helper(name)
    }

    /// Returns `true` if the current thread is one of the library's own. It takes no lock and lists no thread.
    #[must_use]
    pub fn in_helper() -> bool {
        is_unlisted_helper() || current::with(is_helper).unwrap_or(false)
    }

    /// Returns `true` if the thread is one of the library's own.
    #[must_use]
    pub fn is_helper(thread: &ThreadHandle) -> bool {
        thread.life().is_helper()
    }
}

pub use crate::{
    any::{AsCompleted, Ends, ReturnWhen, Waited, as_completed, wait, wait_timeout, wait_with},
    context::{Context, copy_context},
    error::{
        AccessError, AtExitError, DaemonError, JoinError, NameError, Refusal, ResultError,
        StackSizeError, StartError, SubmitError,
    },
    executor::{Executor, ExecutorBuilder, JobBuilder, Map, MapBuilder, Schedule, WhenFull},
    exit::{at_exit, exit, request_exit},
    group::ThreadGroup,
    group_threads::JoinAllError,
    life::{ThreadHandle, ThreadJoin, ThreadState},
    local::{Local, LocalIter, LocalRef},
    outcome::{Failure, Outcome},
    panic::{Panic, PanicPlace},
    program::{Program, main},
    registry::{active_count, current_thread, enumerate, main_thread},
    scope::{Scope, ScopeBuilder, ScopeError, ScopedTask, ScopedThread, scope},
    start::{set_stack_size, stack_size},
    stop::{StopRequested, checkpoint, current_stop_token, sleep, stop_requested},
    supervisor::{
        AutoShutdown, ChildInfo, ChildSpec, ChildState, GaveUpError, Restart, Strategy, Supervisor,
        SupervisorError, SupervisorHandle, notify_ready,
    },
    task::{Task, TaskFuture, TaskWait},
    tell::{
        // A module, so its names are used with the prefix `events::`.
        events,
        excepthook::{PanicHandler, default_excepthook, excepthook, set_excepthook},
        failure_handler::{
            FailureHandler, default_failure_handler, failure_handler, set_failure_handler,
        },
        faults::{Fault, Faults, faults},
        hooks::{
            Moment, ProfileHook, Spent, TraceHook, add_spawn_hook, profile, set_profile,
            set_profile_all_threads, set_trace, set_trace_all_threads, trace,
        },
    },
    thread::{Builder, MyThread, ResultWait, Thread},
    timer::{Period, Timer, pending_timers},
    work::{Call, Callable, Ending, Fallible, Prototype, Runnable, WithArgs},
};

/// The programs of the package's page, which are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
