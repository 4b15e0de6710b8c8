//! Threads that call `process::exit` after a plain `main` has returned, where `std` suspends them, and threads that only look like those.

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

/// Longer than the end of the program leaves threads without a look.
const LONG: Duration = Duration::from_millis(400);

fn start_daemon(f: impl FnMut() + Send + 'static) {
    Thread::builder().daemon(true).build(f).start().unwrap();
}

/// In a thread that is not this library's.
fn start_foreign(f: impl FnOnce() + Send + 'static) {
    std_thread::spawn(f);
}

/// What a thread does that ends the program, when `main` has returned.
fn exits() {
    until_main_waits();
    process::exit(3)
}

/// A plain program of a thread that lasts for a while, and of others, which do not end.
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

/// Waits for signals, in the way of C.
fn pauses() {
    loop {
        pause();
    }
}

fn pause() {
    // SAFETY: the call takes no argument, and returns when a handler has.
    unsafe { libc::pause() };
}

/// A signal has come: all that a handler may do here is to return.
extern "C" fn heard(_: libc::c_int) {}

/// Starts a thread that waits for a signal, which comes late, and ends then.
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
                // SAFETY: while that thread is there this one is; after that the program ends.
                unsafe { libc::pthread_kill(thread, SIGUSR1) };
                last(Duration::from_millis(10));
            }
        });
        pause();
        println!("interrupted");
        // The other thread may have its number until the program ends.
        until(|| !main_thread().is_alive());
    });
}

/// The code is that of `main`, since the C library is at the end of the process already.
const ENDS_AS_MAIN: Program = Program { end: End::Code(5), prints: "end\n", ..ENDS_WELL };

const NOT_CUT_OFF: Program = Program { prints: "end\nnot cut off\n", ..ENDS_AS_MAIN };

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a thread of others that calls process::exit while a plain main waits ends the program",
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
        claim: "a thread of others that calls process::exit long after main has returned ends the program",
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
        claim: "a thread of others that calls process::exit while process::exit of main waits ends the program",
        main: || {
            start(for_ever);
            start_foreign(exits);
            process::exit(4)
        },
        end: End::Code(4),
        ..ENDS_WELL
    },
    Program {
        claim: "a thread of others that calls process::exit while no file can be opened ends the program",
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
        claim: "a main thread that calls process::exit is not taken for another one that does",
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
        claim: "a daemon that waits for signals cuts nobody off",
        main: || not_cut_off(|| start_daemon(pauses)),
        ..NOT_CUT_OFF
    },
    Program {
        claim: "a daemon that waits for signals from the end of main on cuts nobody off",
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
        claim: "a thread of others that waits for signals cuts nobody off",
        main: || not_cut_off(|| start_foreign(pauses)),
        ..NOT_CUT_OFF
    },
    Program {
        claim: "a thread of others that waits for signals from the end of main on cuts nobody off",
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
        claim: "a thread that waits for signals is waited for until one comes",
        main: || plain(start_interrupted),
        prints: "end\ninterrupted\n",
        ..ENDS_AS_MAIN
    },
    Program {
        claim: "a daemon that waits for signals and knows where process::exit is cuts nobody off",
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
        claim: "a daemon that waits for signals cuts nobody off while no file can be opened",
        main: || {
            not_cut_off(|| {
                start_daemon(pauses);
                open_all_files();
            })
        },
        ..NOT_CUT_OFF
    },
];
