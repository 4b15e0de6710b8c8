//! Threads that call `process::exit` after a plain `main` has returned, where `std` suspends them, and threads that only look suspended.
//!
//! Scenario "the worker that calls `process::exit`" in docs/architecture.md.

use std::{
    hint::black_box,
    process::{self, ExitCode},
    thread as std_thread,
    time::Duration,
};

use libc::SIGUSR1;
use threadwork_core::{Thread, main_thread};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{for_ever, last, open_all_files, plain, start, until, until_main_waits},
};

/// Longer than the interval at which the end of the program looks for suspended threads.
const LONG: Duration = Duration::from_millis(400);

fn start_daemon(f: impl FnMut() + Send + 'static) {
    Thread::builder().daemon(true).build(f).start().unwrap();
}

/// Runs `f` in a foreign thread.
fn start_foreign(f: impl FnOnce() + Send + 'static) {
    std_thread::spawn(f);
}

/// Ends the program once `main` has returned.
fn exits() {
    until_main_waits();
    process::exit(3)
}

/// A plain program with a thread that takes a while to end, and with the threads that `others` starts, which never end.
fn not_cut_off(others: impl FnOnce()) -> ExitCode {
    plain(|| {
        others();
        start(|| {
            until_main_waits();
            last(LONG);
            println!("not cut off");
        });
    })
}

/// Waits for signals, as C programs do.
fn pauses() {
    loop {
        pause();
    }
}

fn pause() {
    // SAFETY: the call takes no argument, and returns when a handler has.
    unsafe { libc::pause() };
}

/// A signal handler that only returns.
extern "C" fn heard(_: libc::c_int) {}

/// Starts a thread that waits for a signal, which is sent late, and then ends.
fn start_interrupted() {
    let handler: extern "C" fn(libc::c_int) = heard;
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(SIGUSR1, handler as libc::sighandler_t) };
    start(|| {
        // SAFETY: the call takes no argument and cannot fail.
        let thread = unsafe { libc::pthread_self() };
        start_daemon(move || {
            until_main_waits();
            last(LONG);
            loop {
                // SAFETY: the sending thread ends only after the signalled one; then the program ends.
                unsafe { libc::pthread_kill(thread, SIGUSR1) };
                last(Duration::from_millis(10));
            }
        });
        pause();
        println!("interrupted");
        // The other thread may use its number until the program ends.
        until(|| !main_thread().is_alive());
    });
}

/// The exit code is `main`'s, because the C library is ending the process already.
const ENDS_AS_MAIN: Program = Program { end: End::Code(5), prints: "end\n", ..ENDS_WELL };

const NOT_CUT_OFF: Program = Program { prints: "end\nnot cut off\n", ..ENDS_AS_MAIN };

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a foreign thread that calls process::exit while a plain main waits ends the program",
        main: || {
            plain(|| {
                start(for_ever);
                start_foreign(exits);
            })
        },
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a daemon that calls process::exit while a plain main waits ends the program",
        main: || {
            plain(|| {
                start(for_ever);
                start_daemon(exits);
            })
        },
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "several threads that call process::exit while a plain main waits end the program",
        main: || {
            plain(|| {
                start(for_ever);
                start(exits);
                start_daemon(exits);
                start_foreign(exits);
                start_foreign(exits);
            })
        },
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a foreign thread that calls process::exit long after main has returned ends the program",
        main: || {
            plain(|| {
                start(for_ever);
                start_foreign(|| {
                    until_main_waits();
                    last(LONG);
                    process::exit(3)
                });
            })
        },
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a foreign thread that calls process::exit while process::exit of main waits ends the program",
        main: || {
            start(for_ever);
            start_foreign(exits);
            process::exit(4)
        },
        end: End::Code(4),
        ..ENDS_WELL
    },
    Program {
        claim: "a foreign thread that calls process::exit while no file can be opened ends the program",
        main: || {
            plain(|| {
                start(for_ever);
                open_all_files();
                start_foreign(exits);
            })
        },
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a thread that calls process::exit while no file can be opened ends the program",
        main: || {
            plain(|| {
                open_all_files();
                start(exits);
            })
        },
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a main thread that calls process::exit is not taken for a suspended thread",
        main: || {
            start(|| {
                until_main_waits();
                last(LONG);
                println!("not cut off");
            });
            process::exit(4)
        },
        end: End::Code(4),
        prints: "not cut off\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a daemon that waits for signals does not end the wait for threads",
        main: || not_cut_off(|| start_daemon(pauses)),
        ..NOT_CUT_OFF
    },
    Program {
        claim: "a daemon that waits for signals from the end of main on does not end the wait for threads",
        main: || {
            not_cut_off(|| {
                start_daemon(|| {
                    until_main_waits();
                    pauses();
                });
            })
        },
        ..NOT_CUT_OFF
    },
    Program {
        claim: "a foreign thread that waits for signals does not end the wait for threads",
        main: || not_cut_off(|| start_foreign(pauses)),
        ..NOT_CUT_OFF
    },
    Program {
        claim: "a foreign thread that waits for signals from the end of main on does not end the wait for threads",
        main: || {
            not_cut_off(|| {
                start_foreign(|| {
                    until_main_waits();
                    pauses();
                });
            })
        },
        ..NOT_CUT_OFF
    },
    Program {
        claim: "the program waits for a thread that waits for signals until one comes",
        main: || plain(start_interrupted),
        prints: "end\ninterrupted\n",
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a daemon that waits for signals with the address of process::exit on its stack does not end the wait for threads",
        main: || {
            not_cut_off(|| {
                start_daemon(|| {
                    let known: [fn(i32) -> !; 16] = black_box([process::exit; 16]);
                    pauses();
                    known[0](3)
                });
            })
        },
        ..NOT_CUT_OFF
    },
    Program {
        claim: "a daemon that waits for signals while no file can be opened does not end the wait for threads",
        main: || {
            not_cut_off(|| {
                start_daemon(pauses);
                open_all_files();
            })
        },
        ..NOT_CUT_OFF
    },
];
