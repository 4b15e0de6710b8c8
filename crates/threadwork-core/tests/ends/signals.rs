//! Programs that signals stop.

use libc::{SIGINT, SIGTERM};
use threadwork_core::{self as threadwork, Program as Ending, Thread, current_thread};
use threadwork_sync::{Event, StopCallback, StopSource};
use threadwork_test_support::program::room::without_room;

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{for_ever, open_all_files, signal, start, until},
};

/// A program whose threads sleep until a signal stops them all.
fn stopped_by(number: i32) -> std::process::ExitCode {
    Ending::new().stop_on_signals().run(|| {
        start(|| assert!(threadwork::sleep(std::time::Duration::MAX).is_err()));
        let daemon = Thread::builder()
            .daemon(true)
            .build(|| assert!(threadwork::sleep(std::time::Duration::MAX).is_err()));
        daemon.start().unwrap();
        signal(number);
        println!("{}", threadwork::sleep(std::time::Duration::MAX).unwrap_err());
        daemon.join().unwrap();
    });
    println!("end");
    std::process::ExitCode::SUCCESS
}

/// A program that is not ended by the first signal.
fn ended_by(first: i32, second: i32) -> ! {
    Ending::new().stop_on_signals().run(|| {
        start(for_ever);
        signal(first);
        until(|| current_thread().stop_requested());
        println!("first");
        signal(second);
        for_ever();
    });
    unreachable!("the second signal has ended the program")
}

/// A thread that sleeps until it is stopped itself; the stop of the main thread does not stop it.
fn stopped_by_itself() -> Thread {
    let alone = Thread::builder().stop_token(&StopSource::new().token());
    let thread = alone.build(|| _ = threadwork::sleep(std::time::Duration::MAX));
    thread.start().unwrap();
    thread.into()
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "SIGINT stops all threads, including the main one and daemons",
        main: || stopped_by(SIGINT),
        prints: "the thread was asked to stop; return from it\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "SIGTERM stops all threads, including the main one and daemons",
        main: || stopped_by(SIGTERM),
        prints: "the thread was asked to stop; return from it\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a second SIGINT ends the program by its default action",
        main: || ended_by(SIGINT, SIGINT),
        end: End::Signal(SIGINT),
        prints: "first\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a SIGTERM after a SIGINT ends the program by its default action",
        main: || ended_by(SIGINT, SIGTERM),
        end: End::Signal(SIGTERM),
        prints: "first\n",
        ..ENDS_WELL
    },
    Program {
        claim: "without the option the first signal ends the program",
        main: || {
            threadwork::main(|| {
                start(for_ever);
                signal(SIGTERM);
                for_ever();
            });
            unreachable!("the signal has ended the program")
        },
        end: End::Signal(SIGTERM),
        ..ENDS_WELL
    },
    Program {
        claim: "a signal during the wait for the threads stops them",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                start(|| {
                    crate::support::until_main_waits();
                    signal(SIGTERM);
                    threadwork::sleep(std::time::Duration::MAX).unwrap_err();
                    println!("stopped");
                });
            });
            std::process::ExitCode::SUCCESS
        },
        prints: "stopped\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a stop callback that panics at a signal is reported, and all threads are stopped",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                let token = threadwork::current_stop_token();
                std::mem::forget(StopCallback::new(&token, || panic!("on purpose")));
                start(|| _ = threadwork::sleep(std::time::Duration::MAX));
                let last = stopped_by_itself();
                until(|| threadwork_sync::waits().len() >= 2);
                signal(SIGINT);
                last.join().unwrap();
            });
            std::process::ExitCode::SUCCESS
        },
        says: &["Exception in threadwork stop callback: on purpose"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a stop callback that blocks does not delay the second signal",
        main: || {
            Ending::new().stop_on_signals().run(|| {
                static BLOCKED: Event = Event::new();
                let token = threadwork::current_stop_token();
                let _blocks = StopCallback::new(&token, || {
                    BLOCKED.set();
                    for_ever();
                });
                signal(SIGINT);
                BLOCKED.wait();
                signal(SIGINT);
                for_ever();
            });
            unreachable!("the second signal has ended the program")
        },
        end: End::Signal(SIGINT),
        ..ENDS_WELL
    },
    Program {
        claim: "the first signal of a second program stops its threads",
        main: || {
            for _ in 0..2 {
                Ending::new().stop_on_signals().run(|| {
                    let thread = stopped_by_itself();
                    signal(SIGTERM);
                    thread.join().unwrap();
                });
                println!("end");
            }
            std::process::ExitCode::SUCCESS
        },
        prints: "end\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a signal after the end of the program that listens for it ends the process",
        main: || {
            Ending::new().stop_on_signals().run(|| ());
            println!("end");
            signal(SIGTERM);
            for_ever();
            unreachable!("the signal has ended the program")
        },
        end: End::Signal(SIGTERM),
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a signal to a second program, which does not stop on signals, ends the process",
        main: || {
            Ending::new().stop_on_signals().run(|| ());
            println!("end");
            Ending::new().run(|| {
                signal(SIGTERM);
                for_ever();
            });
            unreachable!("the signal has ended the program")
        },
        end: End::Signal(SIGTERM),
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a signal without a listener, because its thread was refused, ends the process",
        main: || {
            without_room(|| {
                Ending::new().stop_on_signals().run(|| {
                    signal(SIGTERM);
                    for_ever();
                });
            });
            unreachable!("the signal has ended the program")
        },
        end: End::Signal(SIGTERM),
        says: &["threadwork: signals do not stop the threads ("],
        ..ENDS_WELL
    },
    Program {
        claim: "after a program whose listener was refused, signals stop the next program",
        main: || {
            without_room(|| Ending::new().stop_on_signals().run(|| ()));
            stopped_by(SIGTERM)
        },
        prints: "the thread was asked to stop; return from it\nend\n",
        says: &["threadwork: signals do not stop the threads ("],
        ..ENDS_WELL
    },
    Program {
        claim: "a signal without a listener, because no file can be opened, ends the process",
        main: || {
            open_all_files();
            Ending::new().stop_on_signals().run(|| {
                signal(SIGINT);
                for_ever();
            });
            unreachable!("the signal has ended the program")
        },
        end: End::Signal(SIGINT),
        says: &["threadwork: signals do not stop the threads ("],
        ..ENDS_WELL
    },
    Program {
        claim: "a listener that panics is reported, and is called for the next signal",
        main: || {
            static HEARD: [Event; 2] = [Event::new(), Event::new()];
            let mut n_heard = 0;
            let heard = move |_| {
                n_heard += 1;
                HEARD[n_heard - 1].set();
                assert!(n_heard > 1, "on purpose");
            };
            threadwork::internal::listen("listens", &[libc::SIGUSR1], heard).unwrap();
            for event in &HEARD {
                signal(libc::SIGUSR1);
                event.wait();
            }
            println!("end");
            std::process::ExitCode::SUCCESS
        },
        prints: "end\n",
        says: &["Exception in threadwork signal listener: on purpose"],
        panics: 1,
        ..ENDS_WELL
    },
];
