//! Signals that a program listens for, and the children of its forks.

use std::process::ExitCode;

use libc::{SIGINT, SIGTERM};
use threadwork_core::{self as threadwork, Program as Ending, stop_requested};

use crate::{
    forks::fork,
    runner::{ENDS_WELL, Program},
    support::signal,
};

/// Forks, and sends a signal at once to the child, which only waits. Returns the signal that ended it.
fn ended_at_once(number: i32) -> i32 {
    // SAFETY: only this thread exists in the child, and it only waits.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can be forked");
    if child == 0 {
        loop {
            // SAFETY: the call takes no argument.
            unsafe { libc::pause() };
        }
    }
    // SAFETY: the number is that of a child that was not waited for.
    unsafe { libc::kill(child, number) };
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    libc::WTERMSIG(status)
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a signal to the child of a program that listens for it ends the child and does not reach the parent",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                for _ in 0..100 {
                    assert_eq!(ended_at_once(SIGTERM), SIGTERM);
                    assert_eq!(ended_at_once(SIGINT), SIGINT);
                }
                assert!(!stop_requested());
                signal(SIGTERM);
                threadwork::sleep(std::time::Duration::MAX).unwrap_err();
            });
            println!("end");
            ExitCode::SUCCESS
        },
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a child that listens for signals itself is stopped by them, and the parent is not",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                let code = fork(|| {
                    Ending::new().stop_on_signals().run(|| {
                        signal(SIGTERM);
                        threadwork::sleep(std::time::Duration::MAX).unwrap_err();
                    });
                });
                assert_eq!(code, 0);
                assert_eq!(ended_at_once(SIGTERM), SIGTERM);
                assert!(!stop_requested());
                signal(SIGINT);
                threadwork::sleep(std::time::Duration::MAX).unwrap_err();
            });
            println!("end");
            ExitCode::SUCCESS
        },
        prints: "end\n",
        ..ENDS_WELL
    },
];
