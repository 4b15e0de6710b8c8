//! Runs itself once for each of its programs, and checks what that has printed and how it has ended.

use std::{
    cell::RefCell,
    env,
    process::{self, Command, ExitCode},
    thread as std_thread,
    time::Duration,
};

use threadwork_core::{self as threadwork, Thread, current_thread, main_thread};
use threadwork_sync::{Event, WaitKind, get_ident, waits};

const PROGRAM: &str = "THREADWORK_TEST_PROGRAM";
/// Nothing here takes a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(60);

struct Program {
    claim: &'static str,
    main: fn() -> ExitCode,
    code: i32,
    prints: &'static str,
}

fn main() -> ExitCode {
    if let Ok(claim) = env::var(PROGRAM) {
        std_thread::spawn(|| {
            let _ = Event::new().wait_timeout(PATIENCE);
            eprintln!("the program hangs; waiting now: {:#?}", waits());
            process::abort();
        });
        let program = PROGRAMS.iter().find(|it| it.claim == claim).expect("there is one");
        return (program.main)();
    }
    PROGRAMS.iter().for_each(check);
    ExitCode::SUCCESS
}

fn check(program: &Program) {
    let output = Command::new(env::current_exe().unwrap())
        .env(PROGRAM, program.claim)
        .output()
        .expect("this program can be run");
    let [stdout, stderr] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    let ended = (output.status.code(), stdout.as_str());
    assert_eq!(ended, (Some(program.code), program.prints), "{}\n{stderr}", program.claim);
    let panics = stderr.matches("panicked at").count();
    assert_eq!(panics, usize::from(program.claim.contains("panic")), "{}\n{stderr}", program.claim);
}

const PROGRAMS: &[Program] = &[
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
        code: 7,
        prints: "closure\nthread\nend\n",
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
        code: 0,
        prints: "3\n2\n1\n0\nend\n",
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
        code: 0,
        prints: "true\nend\n",
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
        code: 0,
        prints: "false\nfalse\nend\n",
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
        code: 101,
        prints: "thread\n",
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
        code: 0,
        prints: "another\nend\n",
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
        code: 0,
        prints: "true\nFinished\nend\n",
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
        code: 3,
        prints: "exit\n",
    },
    Program {
        claim: "a thread that ends the process from inside the closure's time ends it",
        main: || {
            end(|| {
                start(|| process::exit(3));
                for_ever();
            })
        },
        code: 3,
        prints: "",
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
        code: 5,
        prints: "end\nthread\n",
    },
    Program {
        claim: "without it nobody waits for daemons either",
        main: || {
            Thread::builder().daemon(true).build(for_ever).start().unwrap();
            start(until_main_waits);
            println!("end");
            ExitCode::SUCCESS
        },
        code: 0,
        prints: "end\n",
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
        code: 0,
        prints: "other\nFinished true\nend\n",
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
        code: 0,
        prints: "dropped\nend\n",
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
        code: 0,
        prints: "dropped: true\n",
    },
];

/// The program that prints `end` when the closure has returned and the threads have ended.
fn end(f: impl FnOnce()) -> ExitCode {
    threadwork::main(f);
    println!("end");
    ExitCode::SUCCESS
}

fn start(f: impl FnMut() + Send + 'static) {
    Thread::new(f).start().unwrap();
}

fn for_ever() {
    Event::new().wait();
}

fn until(mut happened: impl FnMut() -> bool) {
    while !happened() {
        std_thread::yield_now();
    }
}

/// Returns when the main thread is blocked in a join of the current one.
fn until_main_waits() {
    let (main, current) = (main_thread().ident(), Some(get_ident()));
    until(|| {
        let joins = |it: &threadwork_sync::Waiting| it.kind == WaitKind::Join;
        waits().iter().any(|it| joins(it) && Some(it.ident) == main && it.holder == current)
    });
}

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

/// Calls its function when the thread-local values of its thread are dropped.
struct AtTheEnd(Box<dyn FnMut()>);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

thread_local! {
    static LAST: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
}

fn at_the_end(f: impl FnMut() + 'static) {
    LAST.set(Some(AtTheEnd(Box::new(f))));
}
