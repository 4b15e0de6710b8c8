//! Programs that limit the wait for their threads.

use std::{
    io,
    process::{self, ExitCode},
    time::Duration,
};

use libc::SIGTERM;
use threadwork_core::{self as threadwork, Program as Ending, Thread, at_exit};
use threadwork_sync::{Event, StopCallback};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{at_the_end, for_ever, needs_unix, signal, start},
};

/// Short, and long enough for threads that are about to end.
const GRACE: Duration = Duration::from_millis(200);

const LIMITED: Ending = Ending::new().wait_at_most(GRACE).code_if_cut_off(75);

fn stuck() {
    Thread::builder().name("stuck").build(for_ever).start().unwrap();
}

/// Calls `before`, sends a signal to the process, and never returns.
fn never_returns(before: fn()) -> ! {
    LIMITED.stop_on_signals().run(|| {
        before();
        signal(SIGTERM);
        for_ever();
    });
    unreachable!("the program is ended before this")
}

fn unreachable() -> ExitCode {
    unreachable!("the program is ended before this")
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "threads that do not end in time are named, and the program ends",
        main: || {
            LIMITED.run(stuck);
            unreachable()
        },
        end: End::Code(75),
        says: &["threadwork: not ended within 200ms: 'stuck'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "the exit code after the limit is 1 by default",
        main: || {
            Ending::new().wait_at_most(GRACE).run(stuck);
            unreachable()
        },
        end: End::Code(1),
        says: &["threadwork: not ended within 200ms: 'stuck'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "the limit does not affect threads that end in time",
        main: || {
            let limited = Ending::new().wait_at_most(Duration::from_secs(60)).code_if_cut_off(75);
            limited.run(|| start(crate::support::until_main_waits));
            println!("end");
            ExitCode::SUCCESS
        },
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the limit applies after a panic of the closure too",
        main: || {
            LIMITED.run(|| {
                stuck();
                panic!("on purpose");
            });
            unreachable()
        },
        end: End::Code(75),
        says: &["'stuck'\n"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "the limit applies to a closure that does not end after a signal, and to the threads",
        main: || never_returns(stuck),
        end: End::Code(75),
        says: &["threadwork: not ended within 200ms: 'stuck', 'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "callbacks are called if a closure does not end after a signal",
        main: || never_returns(|| at_exit(|| print!("called")).unwrap()),
        end: End::Code(75),
        prints: "called",
        says: &["'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "a callback that blocks does not prolong the limit",
        main: || never_returns(|| at_exit(for_ever).unwrap()),
        end: End::Code(75),
        says: &["'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "a stop callback that blocks does not prolong the limit",
        main: || {
            never_returns(|| {
                let token = threadwork::current_stop_token();
                std::mem::forget(StopCallback::new(&token, for_ever));
            })
        },
        end: End::Code(75),
        says: &["'MainThread'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "after a signal the limit applies to process::exit in the closure",
        main: || {
            needs_unix();
            LIMITED.stop_on_signals().run(|| {
                start(|| {
                    crate::support::until_main_waits();
                    signal(SIGTERM);
                    for_ever();
                });
                process::exit(3)
            })
        },
        end: End::Code(75),
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that holds standard error for ever does not prolong the limit",
        main: || {
            LIMITED.run(|| {
                static HELD: Event = Event::new();
                start(|| {
                    let _held = io::stderr().lock();
                    HELD.set();
                    for_ever();
                });
                HELD.wait();
            });
            unreachable()
        },
        end: End::Code(75),
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that holds standard output for ever does not prolong the limit",
        main: || {
            LIMITED.run(|| {
                static HELD: Event = Event::new();
                Thread::builder()
                    .name("stuck")
                    .build(|| {
                        let _held = io::stdout().lock();
                        HELD.set();
                        for_ever();
                    })
                    .start()
                    .unwrap();
                HELD.wait();
            });
            unreachable()
        },
        end: End::Code(75),
        says: &["'stuck'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "the limit applies to thread-local destructors",
        main: || {
            LIMITED.run(|| {
                static DROPPING: Event = Event::new();
                let leaves = Thread::builder().name("leaves").build(|| {
                    at_the_end(|| {
                        DROPPING.set();
                        for_ever();
                    });
                });
                leaves.start().unwrap();
                DROPPING.wait();
            });
            unreachable()
        },
        end: End::Code(75),
        says: &["threadwork: not ended within 200ms: 'leaves'\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "the limit applies to a second program too",
        main: || {
            Ending::new().run(|| ());
            never_returns(stuck)
        },
        end: End::Code(75),
        says: &["'stuck'"],
        ..ENDS_WELL
    },
    Program {
        claim: "threads are asked to stop at the end, before the wait for them",
        main: || {
            Ending::new().stop_at_end().run(|| {
                at_exit(|| println!("callback")).unwrap();
                start(|| {
                    threadwork::sleep(Duration::MAX).unwrap_err();
                    println!("stopped");
                });
            });
            ExitCode::SUCCESS
        },
        prints: "callback\nstopped\n",
        ..ENDS_WELL
    },
    Program {
        claim: "threads are asked to stop at the end of a closure that panics",
        main: || {
            Ending::new().stop_at_end().run(|| {
                start(|| {
                    threadwork::sleep(Duration::MAX).unwrap_err();
                    println!("stopped");
                });
                panic!("on purpose")
            })
        },
        end: End::Code(101),
        prints: "stopped\n",
        panics: 1,
        ..ENDS_WELL
    },
];
