//! The jobs of executors that are not due when a program ends, and that a fork leaves behind.

#[cfg(all(unix, not(threadwork_portable)))]
use std::process::ExitCode;
use std::{sync::LazyLock, time::Duration};

use threadwork_core::{Executor, request_exit};
#[cfg(all(unix, not(threadwork_portable)))]
use threadwork_core::{Refusal, ResultError};

#[cfg(all(unix, not(threadwork_portable)))]
use crate::forks::fork;
use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{end, plain},
};

const LONG: Duration = Duration::from_secs(540);

/// An executor that is not dropped at the end of `main`.
static EXECUTOR: LazyLock<Executor> =
    LazyLock::new(|| Executor::builder().name("later").workers(1).daemon(false).build());

static DAEMONS: LazyLock<Executor> =
    LazyLock::new(|| Executor::builder().workers(1).daemon(true).build());

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "the program waits for jobs that are not due yet, and for those that such jobs submit",
        main: || {
            end(|| {
                drop(EXECUTOR.after(Duration::from_millis(5), || {
                    println!("later");
                    drop(EXECUTOR.after(Duration::from_millis(5), || println!("later still")));
                }));
            })
        },
        prints: "later\nlater still\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a program with a plain main waits for jobs that are not due yet",
        main: || plain(|| drop(EXECUTOR.after(Duration::from_millis(200), || println!("later")))),
        end: End::Code(5),
        prints: "end\nlater\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program waits neither for the next run of a schedule, nor for later jobs of daemons, nor for cancelled ones",
        main: || {
            end(|| {
                drop(EXECUTOR.every(LONG, || unreachable!()));
                drop(DAEMONS.after(LONG, || unreachable!()));
                EXECUTOR.after(LONG, || unreachable!()).cancel();
            })
        },
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a request to exit cancels jobs that are not due",
        main: || {
            threadwork_core::main(|| {
                let task = EXECUTOR.after(LONG, || unreachable!());
                let schedule = EXECUTOR.every(LONG, || unreachable!());
                request_exit(0);
                println!("{}", task.into_result().unwrap_err());
                schedule.cancel();
                schedule.join();
            });
            unreachable!("the program is ended before this")
        },
        prints: "there is no result, because the task was cancelled before it began; submit it again if its result is wanted\n",
        ..ENDS_WELL
    },
    #[cfg(all(unix, not(threadwork_portable)))]
    Program {
        claim: "in the child of a fork later jobs and schedules are over, and those of a new executor run",
        main: || {
            let task = DAEMONS.after(LONG, || unreachable!());
            let schedule = DAEMONS.every(LONG, || unreachable!());
            let code = fork(|| {
                assert_eq!(task.wait_result(), Err(ResultError::StillRunning));
                schedule.join();
                assert!(schedule.is_over());
                task.cancel();
                schedule.cancel();
                let late = DAEMONS.after(LONG, || ()).into_result();
                assert_eq!(late, Err(ResultError::Refused(Refusal::LeftBehind)));
                let executor = Executor::new(1);
                assert_eq!(executor.after(Duration::from_millis(1), || 7).into_result(), Ok(7));
            });
            assert!(!schedule.is_over() && !task.is_done());
            assert_eq!(code, 0, "the child ends well");
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
];
