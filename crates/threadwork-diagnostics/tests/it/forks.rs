//! What is left of all this in the child of a fork.
#![cfg(unix)]

use std::{
    io::{self, Read, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use libc::SIGUSR1;
use threadwork_diagnostics::{Timeline, dump, dump_on_signal};
use threadwork_sync::Event;

use crate::program::Program;

/// Forks; the child calls `f` and ends. Returns what `waitpid` tells the parent, once `then` was called with the child's number.
fn fork(f: impl FnOnce(), then: impl FnOnce(libc::pid_t)) -> i32 {
    // SAFETY: the child goes on in this thread alone; what it needs of the C library works there (glibc).
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can be forked");
    if child == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
        // SAFETY: the child ends here.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    then(child);
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    status
}

fn kill(child: libc::pid_t, signal: i32) {
    // SAFETY: the number is that of a child that was not waited for.
    unsafe { libc::kill(child, signal) };
}

fn wait_for_the_end() {
    // SAFETY: the process is meant to end by this if by nothing else.
    unsafe { libc::alarm(60) };
    loop {
        // SAFETY: the call takes no argument.
        unsafe { libc::pause() };
    }
}

#[test]
fn a_signal_that_asks_for_a_dump_ends_a_child_that_has_not_asked_for_that() {
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
    assert_eq!(ended.stderr, "", "the parent was not asked");
}

#[test]
fn a_child_that_asks_anew_prints_dumps_too_and_the_parent_does_not() {
    let program = Program::new(|| {
        dump_on_signal(SIGUSR1).unwrap();
        let (mut says, mut tells) = (io::pipe().unwrap(), io::pipe().unwrap());
        // SAFETY: the child goes on in this thread alone; what it needs of the C library works there (glibc).
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: the process is meant to end by this if by nothing else.
            unsafe { libc::alarm(60) };
            dump_on_signal(SIGUSR1).unwrap();
            says.1.write_all(b"!").unwrap();
            tells.0.read_exact(&mut [0]).unwrap();
            // SAFETY: the child ends here.
            unsafe { libc::_exit(0) };
        }
        says.0.read_exact(&mut [0]).unwrap();
        println!("{child}");
        kill(child, SIGUSR1);
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        tells.1.write_all(b"!").unwrap();
        let mut status = 0;
        // SAFETY: the number is that of a child, and the status a place of this function.
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

/// Reads its own recording while others tell the session what they do.
#[test]
fn a_child_dumps_itself_and_has_no_part_in_the_timeline_of_its_parent() {
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
