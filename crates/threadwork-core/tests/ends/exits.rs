//! Which thread ends the program, how, and in which phase.

use std::{
    io::{self, Write},
    process::{self, ExitCode},
    time::Duration,
};

use threadwork_core::{self as threadwork, Thread};
use threadwork_sync::Event;

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{at_the_end, end, for_ever, last, needs_unix, plain, start, until_main_waits},
};

fn print_when_main_waits() {
    start(|| {
        until_main_waits();
        println!("thread");
    });
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "process::exit in the closure waits for the threads",
        main: || {
            needs_unix();
            threadwork::main(|| {
                print_when_main_waits();
                process::exit(4)
            })
        },
        end: End::Code(4),
        prints: "thread\n",
        ..ENDS_WELL
    },
    Program {
        claim: "process::exit in a plain main waits for the threads",
        main: || {
            needs_unix();
            print_when_main_waits();
            process::exit(4)
        },
        end: End::Code(4),
        prints: "thread\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a plain main that panics waits for the threads",
        main: || {
            needs_unix();
            print_when_main_waits();
            panic!("on purpose")
        },
        end: End::Code(101),
        prints: "thread\n",
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that calls process::exit while a plain main runs ends the program",
        main: || {
            plain(|| {
                start(|| process::exit(3));
                for_ever();
            })
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        // The C library is ending the process already, so the exit code is `main`'s.
        claim: "a thread that calls process::exit while a plain main waits ends the program",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    process::exit(3)
                });
                start(for_ever);
            })
        },
        end: End::Code(5),
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that calls process::exit in a thread-local destructor while a plain main waits ends the program",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    at_the_end(|| process::exit(3));
                });
            })
        },
        end: End::Code(5),
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that calls exit while the closure runs ends the program",
        main: || {
            end(|| {
                start(|| threadwork::exit(3));
                for_ever();
            })
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that calls exit while main waits ends the program",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    print!("exit");
                    threadwork::exit(3)
                });
            })
        },
        end: End::Code(3),
        prints: "exit",
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that calls exit while a plain main waits ends the program with its code",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    print!("exit");
                    threadwork::exit(3)
                });
            })
        },
        end: End::Code(3),
        prints: "end\nexit",
        ..ENDS_WELL
    },
    Program {
        claim: "a foreign thread that calls exit while main waits ends the program",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    std::thread::spawn(|| threadwork::exit(3));
                    for_ever();
                });
            })
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "two threads that call exit at the same time end the program",
        main: || {
            static BOTH: threadwork_sync::Barrier = threadwork_sync::Barrier::new(2);
            let exits = || {
                BOTH.wait().unwrap();
                threadwork::exit(3)
            };
            end(|| {
                start(exits);
                start(exits);
                for_ever();
            })
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that panics while a plain main runs does not change the code",
        main: || {
            plain(|| {
                let thread = Thread::new(|| panic!("on purpose"));
                thread.start().unwrap();
                thread.join().unwrap_err();
            })
        },
        end: End::Code(5),
        prints: "end\n",
        says: &["on purpose"],
        panics: 1,
    },
    Program {
        claim: "a thread that panics while a plain main waits does not change the code",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    panic!("on purpose");
                });
            })
        },
        end: End::Code(5),
        prints: "end\n",
        says: &["on purpose"],
        panics: 1,
    },
    Program {
        claim: "a plain main waits for threads started by threads that it waits for",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    println!("first");
                    start(|| {
                        until_main_waits();
                        println!("second");
                    });
                });
            })
        },
        end: End::Code(5),
        prints: "end\nfirst\nsecond\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program waits for a thread started by a thread-local destructor",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    at_the_end(print_when_main_waits);
                });
            })
        },
        prints: "thread\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program waits for a thread started by a thread-local destructor of a plain main",
        main: || plain(|| at_the_end(print_when_main_waits)),
        end: End::Code(5),
        prints: "end\nthread\n",
        ..ENDS_WELL
    },
    Program {
        // Longer than one step of the wait of a plain main.
        claim: "a plain main waits for thread-local destructors that take long",
        main: || {
            plain(|| {
                start(|| {
                    until_main_waits();
                    at_the_end(|| {
                        last(Duration::from_millis(300));
                        println!("dropped");
                    });
                });
            })
        },
        end: End::Code(5),
        prints: "end\ndropped\n",
        ..ENDS_WELL
    },
    Program {
        claim: "output of a thread while a plain main waits is flushed",
        main: || held_output(|| ()),
        end: End::Code(5),
        prints: "half a line",
        ..ENDS_WELL
    },
    Program {
        claim: "output of a thread before it calls exit is flushed while a plain main waits",
        main: || held_output(|| threadwork::exit(3)),
        end: End::Code(3),
        prints: "half a line",
        ..ENDS_WELL
    },
    Program {
        claim: "main waits for all threads that are started while it waits",
        main: || {
            fn descend(levels: u32) {
                static ENDED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
                if levels > 0 {
                    at_the_end(move || start(move || descend(levels - 1)));
                }
                if ENDED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1000 {
                    println!("all");
                }
            }
            end(|| start(|| descend(1000)))
        },
        prints: "all\nend\n",
        ..ENDS_WELL
    },
];

/// A thread has standard output locked when `main` returns, so that no other thread can flush it at the end.
fn held_output(then: fn()) -> ExitCode {
    needs_unix();
    static HELD: Event = Event::new();
    start(move || {
        let mut stdout = io::stdout().lock();
        HELD.set();
        until_main_waits();
        write!(stdout, "half a line").unwrap();
        drop(stdout);
        then();
    });
    HELD.wait();
    ExitCode::from(5)
}
