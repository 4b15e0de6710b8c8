//! Which threads a program waits for that uses `threadwork::main`.

use std::{
    process::{self, ExitCode},
    thread as std_thread,
    time::Duration,
};

use threadwork_core::{self as threadwork, Thread, current_thread, main_thread};
use threadwork_sync::{Event, WaitKind, get_ident, waits};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{at_the_end, end, for_ever, start, until, until_main_waits},
};

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        // After `ThreadJoinOnShutdown.test_1_join_on_shutdown` and `ThreadTests.test_join_nondaemon_on_shutdown`.
        claim: "the program ends after its threads, with what the closure has returned",
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
        claim: "threads that are started by threads that are waited for are waited for",
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
        claim: "nobody waits for daemons, threads of daemons, or threads of others",
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
        claim: "a thread of the main thread is no daemon, and its threads are none either",
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
        claim: "a panic in the closure goes on after the threads have ended",
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
        claim: "a thread that joins the main thread goes on when the closure has returned",
        main: || {
            end(|| {
                start(|| {
                    println!("{}", main_thread().is_alive());
                    main_thread().join().unwrap();
                    println!("{:?}", main_thread().state());
                    main_thread().join_timeout(Duration::ZERO).unwrap();
                });
                // It is really waiting by then.
                until_anybody_waits_for(get_ident());
            })
        },
        prints: "true\nFinished\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that ends the process while the main thread waits for it ends it",
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
        claim: "a thread that ends the process from inside the closure's time ends it",
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
        claim: "without it the threads are waited for after main has returned",
        main: || {
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
        claim: "without it nobody waits for daemons either",
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
        claim: "a thread that calls it waits for all but itself, and is not the main thread",
        main: || {
            end(|| {
                start(|| {
                    let other = Thread::new(|| {
                        until_anybody_waits_for(get_ident());
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
        claim: "the thread-local values of a thread that is waited for are dropped",
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
        claim: "the thread-local values of a thread that has just ended are dropped",
        main: || {
            static DROPPING: Event = Event::new();
            static DROPPED: Event = Event::new();
            static RETURNED: Event = Event::new();
            threadwork::main(|| {
                start(|| {
                    let ident = get_ident();
                    at_the_end(move || {
                        DROPPING.set();
                        until(|| RETURNED.is_set() || anybody_waits_for(ident));
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

fn anybody_waits_for(ident: std::num::NonZeroU64) -> bool {
    waits().iter().any(|it| it.kind == WaitKind::Join && it.holder == Some(ident))
}

fn until_anybody_waits_for(ident: std::num::NonZeroU64) {
    until(|| anybody_waits_for(ident));
}

/// Returns when there is no other thread.
fn until_it_ends_alone() {
    until(|| threadwork::active_count() == 1);
}
