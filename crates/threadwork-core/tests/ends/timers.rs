//! The timers that a program with `threadwork::main` waits for.

use std::{process::ExitCode, time::Duration};

use threadwork_core::{
    self as threadwork, Thread, ThreadState, Timer, current_stop_token, current_thread,
};
use threadwork_sync::{Event, Waiting, waits};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{end, needs_unix, start, until},
};

/// The interval of timers that must not come due while the program runs.
const LONG: Duration = Duration::from_secs(540);

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "the program waits for pending timers, and for timers that timers and threads start",
        main: || {
            end(|| {
                timer(5, || {
                    println!("timer");
                    timer(5, || {
                        println!("its timer");
                        start(|| {
                            timer(0, || {
                                println!("its thread's timer");
                            });
                        });
                    });
                });
            })
        },
        prints: "timer\nits timer\nits thread's timer\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program does not wait for daemon or cancelled timers, nor for timers that are stopped with a thread",
        main: || {
            end(|| {
                Thread::builder().daemon(true).timer(LONG, || ()).start().unwrap();
                let cancelled = timer(9_999_999, || ());
                start(|| {
                    let with_it = Thread::builder().stop_token(&current_stop_token());
                    with_it.timer(LONG, || ()).start().unwrap();
                    current_thread().request_stop();
                });
                let daemon = Thread::builder().daemon(true).build(move || {
                    // The main thread is past the wait for threads.
                    let waits_for_timers = |it: &Waiting| it.name == Some("the pending timers");
                    until(|| waits().iter().any(waits_for_timers));
                    println!("cancel");
                    cancelled.cancel();
                });
                daemon.start().unwrap();
            })
        },
        prints: "cancel\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a program with a plain main waits for pending timers after main has returned",
        main: || {
            needs_unix();
            static PRINTED: Event = Event::new();
            // Pending for longer than `main` takes to return, or it waits until `main` has printed.
            timer(200, || {
                PRINTED.wait();
                println!("timer");
            });
            println!("end");
            PRINTED.set();
            ExitCode::SUCCESS
        },
        prints: "end\ntimer\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a stop at the end cancels pending timers, including periodic ones",
        main: || {
            threadwork::Program::new().stop_at_end().run(|| {
                let every = Timer::every(Duration::from_millis(1), || ());
                every.start().unwrap();
                until(|| every.state() == ThreadState::Running);
                timer(9_999_999, || ());
                let seen = timer(9_999_999, || ());
                println!("{}", seen.ident().is_some());
            });
            println!("end");
            ExitCode::SUCCESS
        },
        prints: "true\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "timers that exceed the limit are named",
        main: || {
            let program = threadwork::Program::new().wait_at_most(Duration::ZERO);
            program.code_if_cut_off(7).run(|| {
                Thread::builder().name("tea").timer(LONG, || ()).start().unwrap();
                threadwork::at_exit(|| println!("exit")).unwrap();
            });
            unreachable!()
        },
        end: End::Code(7),
        prints: "exit\n",
        says: &["not ended within 0ns: 'tea'\n"],
        ..ENDS_WELL
    },
];

/// A timer that is due in `millis` milliseconds.
fn timer(millis: u64, f: impl FnOnce() + Send + 'static) -> Timer {
    let timer = Timer::new(Duration::from_millis(millis), f);
    timer.start().unwrap();
    timer
}
