//! Diagnostics in the child of a fork.
#![cfg(all(unix, not(threadwork_portable)))]

use std::{
    io::{self, Read, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use libc::SIGUSR1;
use threadwork_diagnostics::{Timeline, dump, dump_on_signal};
use threadwork_sync::Event;

use crate::program::Program;

/// Forks; the child calls `f` and ends. The parent calls `then` with the child's id, and returns the status from `waitpid`.
fn fork(f: impl FnOnce(), then: impl FnOnce(libc::pid_t)) -> i32 {
    // SAFETY: only this thread continues in the child, and the functions of the C library that it calls work there (glibc).
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can be forked");
    if child == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
        // SAFETY: this ends the child.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    then(child);
    let mut status = 0;
    // SAFETY: `child` is a child of this process, and `status` is a local variable.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    status
}

fn kill(child: libc::pid_t, signal: i32) {
    // SAFETY: `child` is a child of this process that was not waited for.
    unsafe { libc::kill(child, signal) };
}

fn wait_for_the_end() {
    // SAFETY: the alarm ends the process if nothing else does.
    unsafe { libc::alarm(60) };
    loop {
        // SAFETY: the call takes no argument.
        unsafe { libc::pause() };
    }
}

#[test]
fn the_signal_for_a_dump_ends_a_child_that_did_not_ask_for_dumps() {
    let program = Program::new(|| {
        dump_on_signal(SIGUSR1).unwrap();
        for _ in 0..50 {
            let status = fork(wait_for_the_end, |child| kill(child, SIGUSR1));
            assert!(libc::WIFSIGNALED(status));
            assert_eq!(libc::WTERMSIG(status), SIGUSR1);
        }
    });
    let ended = program.run();
    assert!(ended.status.success(), "{ended:#?}");
    assert_eq!(ended.stderr, "", "the parent was not signalled");
}

#[test]
fn a_child_that_asks_again_prints_dumps_and_its_parent_does_not() {
    let program = Program::new(|| {
        dump_on_signal(SIGUSR1).unwrap();
        let (mut says, mut tells) = (io::pipe().unwrap(), io::pipe().unwrap());
        // SAFETY: only this thread continues in the child, and the functions of the C library that it calls work there (glibc).
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: the alarm ends the process if nothing else does.
            unsafe { libc::alarm(60) };
            dump_on_signal(SIGUSR1).unwrap();
            says.1.write_all(b"!").unwrap();
            tells.0.read_exact(&mut [0]).unwrap();
            // SAFETY: this ends the child.
            unsafe { libc::_exit(0) };
        }
        says.0.read_exact(&mut [0]).unwrap();
        println!("{child}");
        kill(child, SIGUSR1);
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        tells.1.write_all(b"!").unwrap();
        let mut status = 0;
        // SAFETY: `child` is a child of this process, and `status` is a local variable.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(status, 0);
    });
    let ended = program.talk(|stdin, lines| {
        let child = lines.next().unwrap();
        let head = format!(" of process {child} at ");
        while !lines.next().unwrap().contains(&head) {}
        drop(stdin);
    });
    assert!(ended.status.success(), "{ended:#?}");
    assert!(!ended.stdout.contains(" of process "), "there is one dump: {ended:#?}");
}

/// The child reads a recording while other threads are recorded.
#[test]
fn a_child_dumps_itself_and_is_not_in_the_timeline_of_its_parent() {
    let program = Program::new(|| {
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        let timeline = Timeline::start().unwrap();
        let restless = std::thread::spawn(|| {
            let never = Event::new();
            while !ENOUGH.load(Ordering::Relaxed) {
                let _ = never.wait_timeout(Duration::from_micros(20));
            }
        });
        for _ in 0..300 {
            let status = fork(
                || {
                    assert_eq!(dump().root.threads.len(), 1);
                    drop(timeline.snapshot());
                    drop(Timeline::start().unwrap().stop());
                },
                |_| (),
            );
            assert_eq!(status, 0);
        }
        ENOUGH.store(true, Ordering::Relaxed);
        restless.join().unwrap();
        drop(timeline.stop());
    });
    let ended = program.run();
    assert!(ended.status.success(), "{ended:#?}");
}
