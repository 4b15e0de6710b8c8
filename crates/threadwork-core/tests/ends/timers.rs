//! Which timers a program waits for that uses `threadwork::main`.

use std::{process::ExitCode, time::Duration};

use threadwork_core::{
    self as threadwork, Thread, ThreadState, Timer, current_stop_token, current_thread,
};
use threadwork_sync::{Event, Waiting, waits};

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{end, start, until},
};

/// A timer that nobody waits for does not come due while the program runs.
const LONG: Duration = Duration::from_secs(540);

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a pending timer is waited for, and so are those that it starts and threads that start some",
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
        claim: "nobody waits for a pending timer that is a daemon or was cancelled, nor for those that stop with a thread",
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
                    // The main thread joins threads no more.
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
        claim: "without it pending timers are waited for after main has returned",
        main: || {
            static PRINTED: Event = Event::new();
            // Pending for longer than `main` takes to return, or it waits for what that has printed.
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
        claim: "a stop at the end cancels pending timers, also those that repeat",
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
        claim: "timers that are not waited for any longer are named",
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

/// A timer that is due in so many milliseconds.
fn timer(millis: u64, f: impl FnOnce() + Send + 'static) -> Timer {
    let timer = Timer::new(Duration::from_millis(millis), f);
    timer.start().unwrap();
    timer
}
