//! Errors before a thread runs.

use threadwork_core::{
    DaemonError, NameError, StackSizeError, StartError, Thread, ThreadGroup, set_stack_size,
};
use threadwork_test_support::says;

use crate::support::{ABSURD_STACK_SIZE, Gated, run};

#[test]
fn of_a_second_start() {
    let thread = Thread::new(|| ());
    run(&thread).unwrap();
    says!(
        thread.start(),
        StartError::AlreadyStarted,
        "thread is already started, and a thread can be started only once; \
         make a new one, from a clone of the runnable if it must run again"
    );
}

#[test]
fn of_settings() {
    let text = "thread name \"lo\\0op\" contains a NUL character; leave it out";
    says!(Thread::builder().name("lo\0op").build(|| ()).start(), StartError::Name(_), text);
    says!(Thread::new(|| ()).set_name("lo\0op"), NameError { .. }, text);

    let text = "stack size of 7 bytes is too small; ask for at least 32768, or 0 for the default";
    says!(Thread::builder().stack_size(7).build(|| ()).start(), StartError::StackSize(_), text);
    says!(set_stack_size(7), StackSizeError { .. }, text);

    let gated = Gated::started();
    says!(
        gated.set_daemon(true),
        DaemonError { .. },
        "cannot change whether a thread is a daemon once it is started; set it before start"
    );
}

/// The error of a process with too many memory maps is reached by a program in `tests/ends/refusals.rs`.
#[test]
fn of_refusals() {
    let group = ThreadGroup::new("pool");
    group.set_limit(0);
    says!(
        group.builder().build(|| ()).start(),
        StartError::GroupFull { .. },
        "group 'pool' is limited to 0 threads at a time; start the thread again once others have ended"
    );
    says!(
        Thread::builder().stack_size(ABSURD_STACK_SIZE).build(|| ()).start(),
        StartError::Os(_),
        "the operating system refused to start a thread (…); \
         start the thread again once others have ended, or ask for a smaller stack"
    );
}
