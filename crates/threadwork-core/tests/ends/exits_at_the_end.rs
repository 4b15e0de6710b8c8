//! `exit` while the process is ending already, and in other unusual places.

use std::{
    panic,
    process::{self, ExitCode},
    thread as std_thread,
};

use threadwork_core::{self as threadwork, Program as Ending, Thread, at_exit};
use threadwork_sync::StopCallback;

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{at_the_end, for_ever, plain, signal, start, until_main_waits},
};

/// Ends the program with the code 3.
fn exits() {
    print!("exit");
    threadwork::exit(3)
}

extern "C" fn exits_in_c() {
    exits();
}

/// Registers a C exit handler that ends the program with the code 3.
fn exit_by_c() {
    // SAFETY: the function neither unwinds nor returns.
    let error = unsafe { libc::atexit(exits_in_c) };
    assert_eq!(error, 0, "an exit handler can be registered");
}

/// Makes the panic hook end the program.
fn exit_at_panics() {
    panic::set_hook(Box::new(|_| exits()));
}

const EXITS: Program = Program { end: End::Code(3), prints: "exit", ..ENDS_WELL };

const EXITS_AFTER_MAIN: Program = Program { prints: "end\nexit", ..EXITS };

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "exit in a thread-local destructor of a plain main ends the program",
        main: || plain(|| at_the_end(exits)),
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in a thread-local destructor of a plain main does not wait for threads",
        main: || {
            plain(|| {
                start(for_ever);
                at_the_end(exits);
            })
        },
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in a thread-local destructor of a main thread that has called process::exit ends the program",
        main: || {
            at_the_end(exits);
            process::exit(4)
        },
        ..EXITS
    },
    Program {
        claim: "exit in a thread-local destructor of a main thread that has called exit ends the program",
        main: || {
            at_the_end(exits);
            threadwork::exit(4)
        },
        ..EXITS
    },
    Program {
        claim: "exit in a thread-local destructor of a main thread that has panicked ends the program",
        main: || {
            at_the_end(exits);
            panic!("on purpose")
        },
        panics: 1,
        ..EXITS
    },
    Program {
        claim: "exit in a thread-local destructor calls the callbacks of the end",
        main: || {
            plain(|| {
                at_exit(|| println!(", called")).unwrap();
                at_the_end(exits);
            })
        },
        prints: "end\nexit, called\n",
        ..EXITS
    },
    Program {
        claim: "exit in a thread-local destructor of a thread that has called process::exit ends the program",
        main: || {
            plain(|| {
                start(|| {
                    at_the_end(exits);
                    process::exit(4)
                });
                for_ever();
            })
        },
        ..EXITS
    },
    Program {
        claim: "exit in a thread-local destructor of a thread ends the program while main runs",
        main: || {
            start(|| at_the_end(exits));
            for_ever();
            ExitCode::SUCCESS
        },
        ..EXITS
    },
    Program {
        claim: "exit in a thread-local destructor of a thread ends the program while a plain main waits",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    at_the_end(exits);
                });
            })
        },
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in a C exit handler called before this library's ends the program",
        main: || {
            plain(|| {
                start(for_ever);
                exit_by_c();
            })
        },
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in a C exit handler called after this library's ends the program",
        main: || {
            plain(|| {
                exit_by_c();
                start(until_main_waits);
            })
        },
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in a C exit handler ends a program that has not used this library",
        main: || plain(exit_by_c),
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in a C exit handler after process::exit in a thread ends the program",
        main: || {
            exit_by_c();
            start(|| process::exit(4));
            for_ever();
            ExitCode::SUCCESS
        },
        ..EXITS
    },
    Program {
        claim: "exit in a callback at the end of a plain main ends the program",
        main: || {
            plain(|| {
                at_exit(|| println!(", called")).unwrap();
                at_exit(exits).unwrap();
                start(for_ever);
            })
        },
        prints: "end\nexit, called\n",
        ..EXITS
    },
    Program {
        claim: "exit in a callback at the end after process::exit in the main thread ends the program",
        main: || {
            at_exit(exits).unwrap();
            process::exit(4)
        },
        ..EXITS
    },
    Program {
        claim: "exit in the panic hook of a thread ends the program",
        main: || {
            exit_at_panics();
            let thread = Thread::new(|| panic!("on purpose"));
            thread.start().unwrap();
            for_ever();
            ExitCode::SUCCESS
        },
        ..EXITS
    },
    Program {
        claim: "exit in the panic hook of a thread ends the program while a plain main waits",
        main: || {
            plain(|| {
                exit_at_panics();
                start(|| {
                    until_main_waits();
                    panic!("on purpose");
                });
            })
        },
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit in the panic hook of the main thread ends the program",
        main: || {
            exit_at_panics();
            start(for_ever);
            panic!("on purpose")
        },
        ..EXITS
    },
    Program {
        claim: "exit in the panic hook for a panic in a thread-local destructor of the main thread ends the program",
        main: || {
            plain(|| {
                exit_at_panics();
                at_the_end(|| panic!("on purpose"));
            })
        },
        ..EXITS_AFTER_MAIN
    },
    Program {
        claim: "exit at the stop by a signal ends the program",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                let token = threadwork::current_stop_token();
                std::mem::forget(StopCallback::new(&token, exits));
                start(for_ever);
                signal(libc::SIGTERM);
                for_ever();
            });
            ExitCode::SUCCESS
        },
        ..EXITS
    },
    Program {
        claim: "exit in a foreign thread that listens for signals ends the program while a plain main waits",
        main: || {
            plain(|| {
                start(for_ever);
                let mut signals = signal_hook::iterator::Signals::new([libc::SIGTERM]).unwrap();
                std_thread::spawn(move || signals.forever().for_each(|_| exits()));
                std_thread::spawn(|| {
                    until_main_waits();
                    signal(libc::SIGTERM);
                });
            })
        },
        ..EXITS_AFTER_MAIN
    },
];
