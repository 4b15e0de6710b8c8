//! The threads that a program with `threadwork::main` waits for.

use std::{
    process::{self, ExitCode},
    thread as std_thread,
    time::Duration,
};

use threadwork_core::{self as threadwork, Thread, current_thread, main_thread};
use threadwork_sync::{Event, WaitKind, get_ident, waits};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{at_the_end, end, for_ever, needs_unix, start, until, until_main_waits},
};

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        // After `ThreadJoinOnShutdown.test_1_join_on_shutdown` and `ThreadTests.test_join_nondaemon_on_shutdown`.
        claim: "the program ends after its threads, with the exit code of the closure",
        main: || {
            let code = threadwork::main(|| {
                start(|| {
                    until_main_waits();
                    println!("thread");
                });
                println!("closure");
                7
            });
            println!("end");
            ExitCode::from(code)
        },
        end: End::Code(7),
        prints: "closure\nthread\nend\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadJoinOnShutdown.test_thread_from_thread`.
        claim: "the program waits for threads started by threads that it waits for",
        main: || {
            fn descend(levels: u32) {
                until_main_waits();
                println!("{levels}");
                if levels > 0 {
                    start(move || descend(levels - 1));
                }
            }
            end(|| start(|| descend(3)))
        },
        prints: "3\n2\n1\n0\nend\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadJoinOnShutdown.test_4_daemon_threads`.
        claim: "the program does not wait for daemons, threads of daemons, or foreign threads",
        main: || {
            end(|| {
                static OF_DAEMON: Event = Event::new();
                static FOREIGN: Event = Event::new();
                let daemon = Thread::builder().daemon(true).build(|| {
                    start(|| {
                        OF_DAEMON.set();
                        for_ever();
                    });
                    for_ever();
                });
                daemon.start().unwrap();
                std_thread::spawn(|| {
                    println!("{}", current_thread().is_daemon());
                    FOREIGN.set();
                    for_ever();
                });
                OF_DAEMON.wait();
                FOREIGN.wait();
            })
        },
        prints: "true\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "threads started by the main thread are no daemons, nor are threads that those start",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    start(|| {
                        until_main_waits();
                        println!("{}", current_thread().is_daemon());
                    });
                    println!("{}", current_thread().is_daemon());
                });
            })
        },
        prints: "false\nfalse\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the closure is resumed after the threads have ended",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    println!("thread");
                });
                panic!("on purpose");
            })
        },
        end: End::Code(101),
        prints: "thread\n",
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in a thread does not change how the program ends",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    start(|| println!("another"));
                    panic!("on purpose");
                });
            })
        },
        prints: "another\nend\n",
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_main_thread_during_shutdown`.
        claim: "a join of the main thread returns when the closure has returned",
        main: || {
            end(|| {
                start(|| {
                    println!("{}", main_thread().is_alive());
                    main_thread().join().unwrap();
                    println!("{:?}", main_thread().state());
                    main_thread().join_timeout(Duration::ZERO).unwrap();
                });
                // The thread is blocked in the join by then.
                until_it_is_waited_for(get_ident());
            })
        },
        prints: "true\nFinished\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "process::exit in a thread that the main thread waits for ends the process",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    println!("exit");
                    process::exit(3);
                });
            })
        },
        end: End::Code(3),
        prints: "exit\n",
        ..ENDS_WELL
    },
    Program {
        claim: "process::exit in a thread while the closure runs ends the process",
        main: || {
            end(|| {
                start(|| process::exit(3));
                for_ever();
            })
        },
        end: End::Code(3),
        prints: "",
        ..ENDS_WELL
    },
    Program {
        claim: "a program with a plain main waits for its threads after main has returned",
        main: || {
            needs_unix();
            start(|| {
                until_main_waits();
                println!("thread");
            });
            println!("end");
            ExitCode::from(5)
        },
        end: End::Code(5),
        prints: "end\nthread\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a program with a plain main does not wait for daemons either",
        main: || {
            Thread::builder().daemon(true).build(for_ever).start().unwrap();
            start(until_main_waits);
            println!("end");
            ExitCode::SUCCESS
        },
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "threadwork::main in another thread waits for all threads but itself, and does not make it the main thread",
        main: || {
            end(|| {
                start(|| {
                    let other = Thread::new(|| {
                        until_it_is_waited_for(get_ident());
                        println!("other");
                    });
                    threadwork::main(|| other.start().unwrap());
                    println!("{:?} {}", other.state(), main_thread().is_alive());
                });
                until_it_ends_alone();
            })
        },
        prints: "other\nFinished true\nend\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_finalization_shutdown`.
        claim: "the program waits for the thread-local destructors of a thread that it waits for",
        main: || {
            end(|| {
                start(|| {
                    until_main_waits();
                    at_the_end(|| {
                        (0..100).for_each(|_| std_thread::yield_now());
                        println!("dropped");
                    });
                });
            })
        },
        prints: "dropped\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program waits for the thread-local destructors of a thread that has just ended",
        main: || {
            static DROPPING: Event = Event::new();
            static DROPPED: Event = Event::new();
            static RETURNED: Event = Event::new();
            threadwork::main(|| {
                start(|| {
                    let ident = get_ident();
                    at_the_end(move || {
                        DROPPING.set();
                        until(|| RETURNED.is_set() || is_waited_for(ident));
                        DROPPED.set();
                    });
                });
                DROPPING.wait();
            });
            println!("dropped: {}", DROPPED.is_set());
            RETURNED.set();
            ExitCode::SUCCESS
        },
        prints: "dropped: true\n",
        ..ENDS_WELL
    },
];

fn is_waited_for(ident: std::num::NonZeroU64) -> bool {
    waits().iter().any(|it| it.kind == WaitKind::Join && it.holder == Some(ident))
}

fn until_it_is_waited_for(ident: std::num::NonZeroU64) {
    until(|| is_waited_for(ident));
}

/// Returns once there is no other thread.
fn until_it_ends_alone() {
    until(|| threadwork::active_count() == 1);
}
