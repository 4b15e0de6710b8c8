//! Runs itself once for each of its programs, which have timers, and checks what that has printed and how it has ended.

use std::{
    env,
    process::{self, Command, ExitCode},
    thread as std_thread,
    time::Duration,
};

use threadwork_core::{self as threadwork, Thread, ThreadState, Timer, current_stop_token, current_thread};
use threadwork_sync::{Event, Waiting, waits};

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
    assert_eq!(stderr.contains("not ended within 0ns: 'tea'\n"), program.code == 7, "{stderr}");
}

const PROGRAMS: &[Program] = &[
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
        code: 0,
        prints: "timer\nits timer\nits thread's timer\nend\n",
    },
    Program {
        claim: "nobody waits for a pending timer that is a daemon or was cancelled, nor for those that stop with a thread",
        main: || {
            end(|| {
                Thread::builder().daemon(true).timer(PATIENCE * 9, || ()).start().unwrap();
                let cancelled = timer(9_999_999, || ());
                start(|| {
                    let with_it = Thread::builder().stop_token(&current_stop_token());
                    with_it.timer(PATIENCE * 9, || ()).start().unwrap();
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
        code: 0,
        prints: "cancel\nend\n",
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
        code: 0,
        prints: "end\ntimer\n",
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
        code: 0,
        prints: "true\nend\n",
    },
    Program {
        claim: "timers that are not waited for any longer are named",
        main: || {
            let program = threadwork::Program::new().wait_at_most(Duration::ZERO);
            program.code_if_cut_off(7).run(|| {
                Thread::builder().name("tea").timer(PATIENCE * 9, || ()).start().unwrap();
                threadwork::at_exit(|| println!("exit")).unwrap();
            });
            unreachable!()
        },
        code: 7,
        prints: "exit\n",
    },
];

/// A timer that is due in so many milliseconds.
fn timer(millis: u64, f: impl FnOnce() + Send + 'static) -> Timer {
    let timer = Timer::new(Duration::from_millis(millis), f);
    timer.start().unwrap();
    timer
}

/// The program that prints `end` when the closure has returned and the threads have ended.
fn end(f: impl FnOnce()) -> ExitCode {
    threadwork::main(f);
    println!("end");
    ExitCode::SUCCESS
}

fn start(f: impl FnMut() + Send + 'static) {
    Thread::new(f).start().unwrap();
}

fn until(mut happened: impl FnMut() -> bool) {
    while !happened() {
        std_thread::yield_now();
    }
}
