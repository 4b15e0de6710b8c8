//! Programs whose threads request their end.

use std::{process::ExitCode, time::Duration};

use libc::SIGTERM;
use threadwork_core::{
    self as threadwork, Failure, Program as Ending, Thread, at_exit, current_thread, request_exit,
};
use threadwork_sync::{Event, StopCallback};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{end, for_ever, plain, signal, start, until},
};

/// Short, and long enough for threads that are about to end.
const GRACE: Duration = Duration::from_millis(200);

const LIMITED: Ending = Ending::new().wait_at_most(GRACE);

fn unreachable() -> ExitCode {
    unreachable!("the program is ended before this")
}

/// Waits until the current thread is stopped.
fn until_stopped() {
    threadwork::sleep(Duration::MAX).unwrap_err();
}

fn stuck() {
    Thread::builder().name("stuck").build(for_ever).start().unwrap();
}

/// Runs an essential thread.
fn essential(f: impl FnMut() -> Result<(), Failure> + Send + 'static) -> Thread {
    let thread = Thread::builder().name("vital").essential().build(f);
    thread.start().unwrap();
    thread.into()
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a request to exit stops all threads, and its code takes the place of main's answer",
        main: || {
            threadwork::main(|| {
                at_exit(|| println!("callback")).unwrap();
                let worker = Thread::new(|| {
                    until_stopped();
                    println!("worker");
                });
                worker.start().unwrap();
                let daemon = Thread::builder().daemon(true).build(until_stopped);
                daemon.start().unwrap();
                start(|| request_exit(3));
                until_stopped();
                daemon.join().unwrap();
                worker.join().unwrap();
                println!("main");
            });
            unreachable()
        },
        end: End::Code(3),
        prints: "worker\nmain\ncallback\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the first request to exit counts",
        main: || {
            threadwork::main(|| [3, 4].map(request_exit));
            unreachable()
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit with the code 0 counts more than a panic of main",
        main: || {
            threadwork::main(|| {
                request_exit(0);
                panic!("on purpose");
            })
        },
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit while a plain main waits for its threads ends it with that code",
        main: || {
            plain(|| {
                start(|| {
                    crate::support::until_main_waits();
                    request_exit(3);
                    until_stopped();
                    println!("stopped");
                });
            })
        },
        end: End::Code(3),
        prints: "end\nstopped\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit of a plain main without threads ends it with that code",
        main: || plain(|| request_exit(3)),
        end: End::Code(3),
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit while main waits for its threads counts",
        main: || {
            threadwork::main(|| {
                start(|| {
                    crate::support::until_main_waits();
                    request_exit(3);
                });
            });
            unreachable()
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit before the program begins stops it when it does, with its limit",
        main: || {
            request_exit(3);
            until(|| current_thread().stop_requested());
            LIMITED.run(|| {
                stuck();
                for_ever();
            });
            unreachable()
        },
        end: End::Code(3),
        says: &["threadwork: not ended within 200ms: 'stuck', 'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "the limit begins with the request to exit, and its code is used when the time is up",
        main: || {
            LIMITED.run(|| {
                stuck();
                request_exit(3);
                for_ever();
            });
            unreachable()
        },
        end: End::Code(3),
        says: &["threadwork: not ended within 200ms: 'stuck', 'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "the code for threads that are cut off counts more than the requested one",
        main: || {
            LIMITED.code_if_cut_off(75).run(|| {
                stuck();
                request_exit(3);
            });
            unreachable()
        },
        end: End::Code(75),
        says: &["threadwork: not ended within 200ms: 'stuck'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "a closure is called with the threads that are cut off",
        main: || {
            let prefix = String::from("late: ");
            let program = LIMITED.before_cut_off(move |late| {
                let names: Vec<_> = late.iter().map(|it| it.name()).collect();
                println!("{prefix}{}", names.join(" "));
            });
            program.run(stuck);
            unreachable()
        },
        end: End::Code(1),
        prints: "late: stuck\n",
        says: &["threadwork: not ended within 200ms: 'stuck'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit after a signal sets the code",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                signal(SIGTERM);
                until(|| current_thread().stop_requested());
                request_exit(3);
            });
            unreachable()
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "a signal after a request to exit ends the program by its default action",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                request_exit(3);
                signal(SIGTERM);
                for_ever();
            });
            unreachable()
        },
        end: End::Signal(SIGTERM),
        ..ENDS_WELL
    },
    Program {
        claim: "a stop callback that blocks does not hold up the thread that requests the exit",
        main: || {
            LIMITED.run(|| {
                let token = threadwork::current_stop_token();
                let _blocks = StopCallback::new(&token, for_ever);
                start(|| {
                    request_exit(3);
                    println!("returned");
                });
                for_ever();
            });
            unreachable()
        },
        end: End::Code(3),
        prints: "returned\n",
        says: &["'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "a stop callback that blocks does not hold up a request to exit of a plain main",
        main: || {
            plain(|| {
                let token = threadwork::current_stop_token();
                std::mem::forget(StopCallback::new(&token, for_ever));
                let requests = Thread::new(|| request_exit(3));
                requests.start().unwrap();
                requests.join().unwrap();
            })
        },
        end: End::Code(3),
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "an essential thread that fails ends the program with the code 70",
        main: || {
            threadwork::main(|| {
                let thread = essential(|| Err("no disk".into()));
                until_stopped();
                thread.join().unwrap_err();
            });
            unreachable()
        },
        end: End::Code(70),
        says: &["threadwork: the program ends, since thread 'vital' is essential and has failed\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "an essential thread that panics ends the program with the code 70",
        main: || {
            threadwork::main(|| {
                essential(|| panic!("on purpose"));
                until_stopped();
            });
            unreachable()
        },
        end: End::Code(70),
        says: &[
            "threadwork: the program ends, since thread 'vital' is essential and has panicked\n",
        ],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "the joiner of an essential thread that has failed sees the request to stop",
        main: || {
            threadwork::main(|| {
                static STOPPED: Event = Event::new();
                let token = threadwork::current_stop_token();
                let _told = StopCallback::new(&token, || STOPPED.set());
                essential(|| Err("no disk".into())).join().unwrap_err();
                // The stop is requested by another thread.
                STOPPED.wait();
                request_exit(3);
            });
            unreachable()
        },
        end: End::Code(70),
        ..ENDS_WELL
    },
    Program {
        claim: "an essential thread that returns or is stopped does not end the program",
        main: || {
            end(|| {
                essential(|| Ok(())).join().unwrap();
                let stopped = essential(|| {
                    until_stopped();
                    Ok(())
                });
                stopped.request_stop();
                stopped.join().unwrap();
                let stopped = essential(|| Ok(threadwork::sleep(Duration::MAX)?));
                stopped.request_stop();
                stopped.join().unwrap();
            })
        },
        prints: "end\n",
        ..ENDS_WELL
    },
];
