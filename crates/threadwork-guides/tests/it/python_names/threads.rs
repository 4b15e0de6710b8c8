//! Functions of the module, threads and their values.

use std::time::Duration;

use threadwork::{
    Builder, Local, Panic, Runnable, Thread, ThreadHandle, Timer, active_count, current_thread,
    default_excepthook, enumerate, excepthook, get_ident, get_native_id, main_thread, profile,
    set_excepthook, set_profile, set_profile_all_threads, set_stack_size, set_trace,
    set_trace_all_threads, stack_size, trace,
};

use super::name::{Name, here, left_out};

const DEPRECATED: &str = "Python has deprecated it";

const PRIVATE: &str = "Python does not document it; the closure has them";

type Function = fn();

pub(super) fn names() -> Vec<Name> {
    [functions(), threads(), timers_and_values()].concat()
}

fn functions() -> Vec<Name> {
    vec![
        here!("active_count", active_count),
        left_out("activeCount", DEPRECATED),
        here!("current_thread", current_thread),
        left_out("currentThread", DEPRECATED),
        here!("enumerate", enumerate),
        here!("main_thread", main_thread),
        here!("get_ident", get_ident),
        here!("get_native_id", get_native_id),
        here!("excepthook", set_excepthook(|_, _| ()), excepthook),
        here!("__excepthook__", default_excepthook),
        left_out("ExceptHookArgs", "the hook has two arguments, `&ThreadHandle` and `&Panic`"),
        left_out("ExceptHookArgs.exc_type", "a panic has no type; its payload has one"),
        here!("ExceptHookArgs.exc_value", Panic::message, Panic::take_payload),
        here!("ExceptHookArgs.exc_traceback", Panic::place),
        here!("ExceptHookArgs.thread", Panic::thread_name),
        here!("settrace", set_trace),
        here!("gettrace", trace),
        here!("settrace_all_threads", set_trace_all_threads),
        here!("setprofile", set_profile),
        here!("getprofile", profile),
        here!("setprofile_all_threads", set_profile_all_threads),
        here!("stack_size", stack_size, set_stack_size),
        left_out("TIMEOUT_MAX", "a timeout that is too long for the clock means no timeout"),
        left_out("ThreadError", "each operation has an error type of its own"),
    ]
}

fn threads() -> Vec<Name> {
    vec![
        here!("Thread", Thread::<Function>::new, Thread::builder),
        here!("Thread(group=)", Builder::group(Thread::builder(), None)),
        here!("Thread(target=)", Thread::<Function>::new),
        here!("Thread(name=)", Builder::name(Thread::builder(), "")),
        here!("Thread(args=)", Thread::with_args(|_: u8| (), (0,))),
        left_out("Thread(kwargs=)", "Rust has no named arguments; a closure captures them"),
        here!("Thread(daemon=)", Builder::daemon),
        here!("Thread(context=)", Builder::context),
        here!("Thread.start", Thread::<Function>::start),
        here!("Thread.run", Runnable::run(&mut (|| ()))),
        here!("Thread.join", ThreadHandle::join, ThreadHandle::join_timeout),
        here!("Thread.is_alive", ThreadHandle::is_alive),
        here!("Thread.name", ThreadHandle::name, ThreadHandle::set_name(&current_thread(), "")),
        here!("Thread.ident", ThreadHandle::ident),
        here!("Thread.native_id", ThreadHandle::native_id),
        here!("Thread.daemon", ThreadHandle::is_daemon, ThreadHandle::set_daemon),
        left_out("Thread.getName", DEPRECATED),
        left_out("Thread.setName", DEPRECATED),
        left_out("Thread.isDaemon", DEPRECATED),
        left_out("Thread.setDaemon", DEPRECATED),
    ]
}

fn timers_and_values() -> Vec<Name> {
    vec![
        here!(
            "Timer",
            Timer::new::<Function, ()>,
            Timer::with_args(Duration::ZERO, |_: u8| (), (0,))
        ),
        here!("Timer.cancel", Timer::cancel),
        left_out("Timer.interval", PRIVATE),
        left_out("Timer.function", PRIVATE),
        left_out("Timer.args", PRIVATE),
        left_out("Timer.kwargs", PRIVATE),
        left_out("Timer.finished", "Python does not document it; `state` and `join` tell the same"),
        here!("local", Local::<u8>::new),
    ]
}
