//! Callbacks at the end of the program.

use std::process::{self, ExitCode};

use threadwork_core::{self as threadwork, Thread, at_exit, current_thread, main_thread};
use threadwork_sync::{Event, Lock};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{end, for_ever, needs_unix, plain, start, until, until_blocked, until_main_waits},
};

/// Registers three callbacks, the second of which panics.
fn register() {
    at_exit(|| println!("last")).unwrap();
    at_exit(|| panic!("on purpose")).unwrap();
    at_exit(|| println!("first")).unwrap();
}

const REPORT: &[&str] = &["Exception in threadwork exit callback: on purpose"];

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        // After `AtexitTests.test_atexit_output` and `test_atexit_called_once`.
        claim: "callbacks are called once, in reverse order, before the wait for threads",
        main: || {
            end(|| {
                register();
                start(|| {
                    until_main_waits();
                    println!("thread");
                });
            })
        },
        prints: "first\nlast\nthread\nend\n",
        says: REPORT,
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "callbacks are called after a plain main has returned",
        main: || {
            plain(|| {
                register();
                start(|| {
                    until_main_waits();
                    println!("thread");
                });
            })
        },
        end: End::Code(5),
        prints: "end\nfirst\nlast\nthread\n",
        says: REPORT,
        panics: 1,
    },
    Program {
        claim: "callbacks of a plain main without threads are called after process::exit",
        main: || {
            needs_unix();
            register();
            process::exit(4)
        },
        end: End::Code(4),
        prints: "first\nlast\n",
        says: REPORT,
        panics: 1,
    },
    Program {
        claim: "callbacks are called even if the closure panics",
        main: || {
            end(|| {
                at_exit(|| println!("called")).unwrap();
                panic!("on purpose")
            })
        },
        end: End::Code(101),
        prints: "called\n",
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        // After `AtexitTests.test_atexit_after_shutdown`.
        claim: "no callback can be registered once the end has begun",
        main: || {
            end(|| {
                at_exit(|| println!("{}", at_exit(|| println!("never")).unwrap_err())).unwrap();
                start(|| {
                    until_main_waits();
                    at_exit(|| println!("never")).unwrap_err();
                });
            })
        },
        prints: "cannot register an exit callback, because the program is already ending; call the function now\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "exit in a thread calls the callbacks, in that thread",
        main: || {
            end(|| {
                register();
                at_exit(|| println!("{}", current_thread().name())).unwrap();
                Thread::builder().name("ends").build(|| threadwork::exit(3)).start().unwrap();
                for_ever();
            })
        },
        end: End::Code(3),
        prints: "ends\nfirst\nlast\n",
        says: REPORT,
        panics: 1,
    },
    Program {
        claim: "exit while main waits calls no callback a second time",
        main: || {
            end(|| {
                at_exit(|| println!("called")).unwrap();
                start(|| {
                    until_main_waits();
                    threadwork::exit(3)
                });
            })
        },
        end: End::Code(3),
        prints: "called\n",
        ..ENDS_WELL
    },
    Program {
        claim: "process::exit in a thread calls no callbacks",
        main: || {
            end(|| {
                at_exit(|| println!("never")).unwrap();
                start(|| process::exit(3));
                for_ever();
            })
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "exit in a callback calls the remaining callbacks",
        main: || {
            end(|| {
                at_exit(|| println!("last")).unwrap();
                at_exit(|| threadwork::exit(3)).unwrap();
                at_exit(|| println!("first")).unwrap();
            })
        },
        end: End::Code(3),
        prints: "first\nlast\n",
        ..ENDS_WELL
    },
    Program {
        claim: "exit in a callback of a plain main calls the remaining callbacks",
        main: || {
            plain(|| {
                at_exit(|| println!("last")).unwrap();
                at_exit(|| threadwork::exit(3)).unwrap();
            })
        },
        end: End::Code(3),
        prints: "end\nlast\n",
        ..ENDS_WELL
    },
    Program {
        claim: "exit in one thread does not interrupt a callback called by exit in another thread",
        main: || {
            static CALLING: Event = Event::new();
            static SECOND: Lock<Option<std::num::NonZeroU64>> = Lock::new(None);
            end(|| {
                at_exit(|| {
                    CALLING.set();
                    until(|| SECOND.acquire().is_some());
                    until_blocked(SECOND.acquire().unwrap());
                    println!("called");
                })
                .unwrap();
                start(|| threadwork::exit(3));
                CALLING.wait();
                start(|| {
                    *SECOND.acquire() = current_thread().ident();
                    threadwork::exit(4)
                });
                for_ever();
            })
        },
        end: End::Code(3),
        prints: "called\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a callback that waits for a thread that calls exit does not hang",
        main: || {
            end(|| {
                let thread = Thread::new(|| {
                    until_main_waits();
                    threadwork::exit(3)
                });
                thread.start().unwrap();
                at_exit(move || thread.join().unwrap()).unwrap();
            })
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "a callback of a plain main is called in the main thread",
        main: || {
            plain(|| {
                assert_eq!(current_thread(), main_thread());
                at_exit(|| println!("{}", current_thread().name())).unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\nMainThread\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program waits for threads that callbacks start",
        main: || {
            fn registered() {
                at_exit(|| {
                    start(|| {
                        until_main_waits();
                        println!("thread");
                    });
                })
                .unwrap();
            }
            let code = end(registered);
            assert_eq!(code, ExitCode::SUCCESS);
            code
        },
        prints: "thread\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a program with a plain main waits for threads that callbacks start",
        main: || {
            plain(|| {
                at_exit(|| {
                    start(|| {
                        until_main_waits();
                        println!("thread");
                    });
                })
                .unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\nthread\n",
        ..ENDS_WELL
    },
];
