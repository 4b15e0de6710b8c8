//! Operations while the program ends, after CPython's tests of its finalization.

use std::{process::ExitCode, time::Duration};

use threadwork_core::{JoinError, Local, Thread, Timer, at_exit, current_thread, main_thread};
use threadwork_sync::Event;

use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{AtDrop, end, for_ever, last, plain, start, until_main_waits},
};

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        // After `ThreadTests.test_locals_at_exit`.
        claim: "a thread's value of a local is dropped while the program waits for the thread",
        main: || {
            static VALUE: Local<AtDrop> = Local::new(|| AtDrop::new(|| println!("dropped")));
            end(|| {
                start(|| {
                    VALUE.with(|_| ());
                    until_main_waits();
                });
            })
        },
        prints: "dropped\nend\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_start_new_thread_at_finalization`.
        //
        // DIFFERENCE: in Python it is an error (since 3.12); here the program waits for the thread.
        claim: "a thread can be started and joined while the program ends",
        main: || {
            plain(|| {
                let callback = || {
                    let thread = Thread::builder().name("late").build(|| println!("late"));
                    thread.start().unwrap();
                    thread.join().unwrap();
                };
                at_exit(callback).unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\nlate\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_join_daemon_thread_in_finalization`.
        //
        // DIFFERENCE: in Python it is an error (since 3.14), because daemons no longer run; here they run until the process ends.
        claim: "a running daemon can be joined with a deadline while the program ends",
        main: || {
            static GO: Event = Event::new();
            plain(|| {
                let daemon = Thread::builder().daemon(true).build(|| GO.wait());
                let hanging = Thread::builder().daemon(true).build(for_ever);
                daemon.start().unwrap();
                hanging.start().unwrap();
                let callback = move || {
                    let late = hanging.join_timeout(Duration::ZERO);
                    assert!(matches!(late, Err(JoinError::TimedOut)));
                    GO.set();
                    daemon.join().unwrap();
                    println!("joined");
                };
                at_exit(callback).unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\njoined\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_join_finished_daemon_thread_in_finalization`.
        claim: "a daemon that has ended can be joined while the program ends",
        main: || {
            plain(|| {
                let daemon = Thread::builder().daemon(true).build(|| ());
                daemon.start().unwrap();
                daemon.join().unwrap();
                let callback = move || {
                    daemon.join().unwrap();
                    println!("{}", daemon.is_alive());
                };
                at_exit(callback).unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\nfalse\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadingExceptionTests.test_dummy_thread_on_interpreter_shutdown`.
        claim: "a foreign thread may ask for its handle while the program ends",
        main: || {
            plain(|| {
                let callback = || {
                    let foreign = std::thread::spawn(|| current_thread().is_daemon());
                    println!("{}", foreign.join().unwrap());
                    println!("{}", current_thread() == main_thread());
                };
                at_exit(callback).unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\ntrue\ntrue\n",
        ..ENDS_WELL
    },
    Program {
        claim: "periodic timers are stopped at the end, in any state",
        main: || {
            for _ in 0..200 {
                threadwork_core::Program::new().stop_at_end().run(|| {
                    let timers = [(); 3].map(|()| Timer::every(Duration::from_micros(50), || ()));
                    timers.iter().for_each(|it| it.start().unwrap());
                    last(Duration::from_micros(300));
                });
            }
            println!("end");
            ExitCode::SUCCESS
        },
        prints: "end\n",
        ..ENDS_WELL
    },
];
