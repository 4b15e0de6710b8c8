//! The parts of the programs.

use std::{
    cell::RefCell, num::NonZeroU64, process::ExitCode, thread as std_thread, time::Duration,
};

use threadwork_core::{self as threadwork, Thread, main_thread};
use threadwork_sync::{Event, WaitKind, Waiting, get_ident, waits};

use crate::runner::{IS_UNIX, SKIPPED};

/// A program that prints `end` when the closure has returned and the threads have ended.
pub(crate) fn end(f: impl FnOnce()) -> ExitCode {
    threadwork::main(f);
    println!("end");
    ExitCode::SUCCESS
}

/// Ends a program as skipped unless the library knows of the end of a process: only on Unix.
pub(crate) fn needs_unix() {
    if !IS_UNIX {
        println!("{SKIPPED} the threads end with a plain main, and with `process::exit`, here");
        std::process::exit(0);
    }
}

/// A program that prints `end` when its main function returns, and that calls nothing that waits for threads.
pub(crate) fn plain(f: impl FnOnce()) -> ExitCode {
    needs_unix();
    f();
    println!("end");
    ExitCode::from(5)
}

pub(crate) fn start(f: impl FnMut() + Send + 'static) {
    Thread::new(f).start().unwrap();
}

pub(crate) fn for_ever() {
    Event::new().wait();
}

/// Blocks for `time`, in tests of how long something takes.
pub(crate) fn last(time: Duration) {
    let _ = Event::new().wait_timeout(time);
}

pub(crate) fn until(mut happened: impl FnMut() -> bool) {
    while !happened() {
        std_thread::yield_now();
    }
}

/// Returns once the main thread is blocked in a join of the current one, or is not alive any more.
pub(crate) fn until_main_waits() {
    let (main, current) = (main_thread().ident(), Some(get_ident()));
    until(|| {
        // At the end of a plain main, the record of a wait may be dropped with all thread-local values.
        let joins = |it: &Waiting| it.kind == WaitKind::Join;
        !main_thread().is_alive()
            || waits()
                .iter()
                .any(|it| joins(it) && Some(it.thread.ident) == main && it.holder == current)
    });
}

/// Returns once the thread is blocked by more than a short wait for one of the library's own locks, such as the registry's.
pub(crate) fn until_blocked(ident: NonZeroU64) {
    let lasts = |it: &Waiting| {
        it.kind != WaitKind::Lock || !it.location.file().contains("threadwork-core/src/")
    };
    until(|| waits().iter().any(|it| it.thread.ident == ident && lasts(it)));
}

/// Calls its function when it is dropped.
pub(crate) struct AtDrop(Box<dyn FnMut() + Send>);

impl AtDrop {
    pub(crate) fn new(f: impl FnMut() + Send + 'static) -> AtDrop {
        AtDrop(Box::new(f))
    }
}

impl Drop for AtDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

thread_local! {
    static LAST: RefCell<Option<AtDrop>> = const { RefCell::new(None) };
}

/// Calls `f` when the thread-local values of the current thread are dropped.
pub(crate) fn at_the_end(f: impl FnMut() + Send + 'static) {
    LAST.set(Some(AtDrop::new(f)));
}

/// Sends a signal to this process.
#[cfg(all(unix, not(threadwork_portable)))]
pub(crate) fn signal(signal: i32) {
    let process = libc::pid_t::try_from(std::process::id()).expect("a process id fits");
    // SAFETY: the process has a handler for the signal, or is meant to be ended by it.
    unsafe { libc::kill(process, signal) };
}

#[cfg(not(all(unix, not(threadwork_portable))))]
pub(crate) fn signal(_: i32) {
    println!("{SKIPPED} signals do not stop the program here");
    std::process::exit(0);
}

/// Makes the process unable to open files from now on.
#[cfg(all(unix, not(threadwork_portable)))]
pub(crate) fn open_all_files() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place for the answer.
    let error = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    assert_eq!(error, 0, "there is a limit");
    limit.rlim_cur = 64;
    // SAFETY: the limit is read during the call.
    let error = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(error, 0, "the limit can be lowered");
    let error = loop {
        match std::fs::File::open("/dev/null") {
            Ok(file) => std::mem::forget(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
}
