//! Threads as objects, for Threadwork: [`Runnable`], [`Thread`], [`MyThread`] and the registry of all threads.
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
//! * [`Runnable`]: what a thread runs. [`Prototype`]: what can be run again. [`Call`]: a function and its arguments.
//! * [`Thread`] owns its runnable and gives it back; [`MyThread`] keeps what its function returns;
//!   [`ThreadHandle`] is what can be cloned and sent about, and has the methods of a thread's life.
//! * [`Timer`]: a function that runs later, or again and again, in a thread of its own.
//! * [`Builder`]: name, daemon, stack size, group, stop token, panic handler, verbose.
//! * [`current_thread`], [`main_thread`], [`enumerate`], [`active_count`]: who is there.
//! * [`ThreadGroup`]: threads that belong together. [`scope`](scope()): threads that borrow. [`Supervisor`]: threads that are started again.
//! * [`sleep`], [`checkpoint`], [`stop_requested`], [`current_stop_token`]: how a thread learns that it shall stop.
//! * [`set_excepthook`], [`set_trace`], [`set_profile`], [`add_spawn_hook`]: what is called in every thread.
//! * [`Local`]: a value of its own for each thread.
//! * [`main`](main()), [`Program`]: run a program and wait for its threads. [`at_exit`], [`exit`](exit()).
//!
//! # What a thread inherits
//!
//! From the thread that builds it: whether it is a daemon, the group, and the stop token whose stop is also its own, if one was said.
//! The [`Builder`] can say otherwise. From the thread that starts it: the span and the dispatcher of [`tracing`]
//! (start it inside others to give it others), and what spawn hooks hand over.
//!
//! # After a fork
//!
//! In the child of `fork(2)` only the thread goes on that has called it, and it is [`main_thread`] there, under its own name and number.
//! The others have ended: they are not listed, no group counts them, and a join returns at once. So have the timers that were pending.
//! What the others held stays held for ever: locks of yours, standard output, and a queue of this library that one of them was in the middle
//! of blocking in, or of waking somebody from: what blocks in the child then can hang. The library's own locks do not stay held.
//! A [`scope`](scope()) that the thread was in waits for ever for its threads that ran.
//! So a child should do little more than replace itself by another program. Threads can be started in it, as far as the C library allows.
//! Nobody listens to signals in it, until it asks for that itself ([`Program::stop_on_signals`]).
//!
//! # Panics and errors
//!
//! A thread's panic is data: it is caught, reported by the process's panic hook where it happens and then to the
//! [excepthook](set_excepthook), and given to every joiner as a [`Panic`].
//! What Python raises is a `Result` with a small error type that says what to do.
//! With `panic = "abort"` there is nothing to catch, and the first panic ends the program.
//!
//! What a thread tells [`tracing`] is in [`events`].

#![deny(unsafe_code)]

mod panic;
mod work;
mod error;
mod process;
mod group;
mod life;
mod local;
mod registry;
mod exit;
mod tell;
mod stop;
mod start;
mod thread;
mod group_threads;
mod timer;
mod supervisor;
mod scope;
mod program;

/// What the other crates of Threadwork build on; no promise is made about it to anyone else.
#[doc(hidden)]
pub mod internal {
    #[cfg(unix)]
    pub use crate::program::listen;
    use crate::{life::ThreadHandle, thread::Builder};
    pub use crate::{
        process::{
            LockPart, Locked, Part, hold, look_after, start_helper, this_process as process,
            thread_builder,
        },
        start::start_helper_with_stack,
    };

    /// What makes a thread of the library's own that is listed.
    pub fn helper(name: &str) -> Builder {
        Builder::of_helper(name)
    }

    /// Whether it is one of those.
    #[must_use]
    pub fn is_helper(thread: &ThreadHandle) -> bool {
        thread.life().given.is_helper
    }
}

pub use crate::{
    error::{
        AccessError, AtExitError, DaemonError, JoinError, NameError, ResultError, StackSizeError,
        StartError,
    },
    exit::{at_exit, exit},
    group::ThreadGroup,
    group_threads::JoinAllError,
    life::{ThreadHandle, ThreadState},
    local::{Local, LocalRef},
    panic::{Outcome, Panic, PanicPlace},
    program::{Program, main},
    registry::{active_count, current_thread, enumerate, main_thread},
    scope::{Scope, ScopeBuilder, ScopeError, ScopedThread, scope},
    start::{set_stack_size, stack_size},
    stop::{StopRequested, checkpoint, current_stop_token, sleep, stop_requested},
    supervisor::{Restart, Strategy, Supervisor},
    tell::{
        excepthook::{PanicHandler, default_excepthook, excepthook, set_excepthook},
        hooks::{
            Moment, ProfileHook, Spent, TraceHook, add_spawn_hook, profile, set_profile,
            set_profile_all_threads, set_trace, set_trace_all_threads, trace,
        },
    },
    thread::{Builder, MyThread, Thread},
    timer::{Period, Timer, pending_timers},
    work::{Call, Callable, Prototype, Runnable},
};

// A module, whose names are not published one by one.
pub use tell::events;
