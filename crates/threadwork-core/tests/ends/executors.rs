//! The workers of executors and their jobs, at the end of the program and in the child of a fork.

use std::{
    process::ExitCode,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_core::{self as threadwork, Executor};
#[cfg(all(unix, not(threadwork_portable)))]
use threadwork_core::{Refusal, ResultError};
use threadwork_sync::{Event, WaitKind, waits};
#[cfg(all(unix, not(threadwork_portable)))]
use threadwork_test_support::says;

#[cfg(all(unix, not(threadwork_portable)))]
use crate::forks::fork;
use crate::{
    runner::{ENDS_WELL, End, Program},
    support::{end, for_ever, plain, start, until},
};

const LONG: Duration = Duration::from_secs(60);

/// Returns once this many workers wait for jobs.
fn until_idle(workers: usize) {
    let idle = || waits().iter().filter(|it| it.kind == WaitKind::QueueGet).count();
    until(|| idle() == workers);
}

fn submit_some(executor: &Executor) {
    let done = Arc::new(AtomicUsize::new(0));
    for _ in 0..100 {
        let done = Arc::clone(&done);
        drop(executor.submit(move || {
            if done.fetch_add(1, Ordering::Relaxed) == 99 {
                println!("all");
            }
        }));
    }
}

fn global() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| Executor::builder().workers(2).daemon(false).build())
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "the program waits for pending jobs of an executor that was not shut down",
        main: || {
            end(|| {
                submit_some(global());
            })
        },
        prints: "all\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a plain main lets go of idle workers of an executor that was not shut down",
        main: || {
            plain(|| {
                global().submit(|| ()).into_result().unwrap();
                until_idle(1);
            })
        },
        prints: "end\n",
        end: End::Code(5),
        ..ENDS_WELL
    },
    Program {
        claim: "a job that is submitted while the program ends is run",
        main: || {
            end(|| {
                global().submit(|| ()).into_result().unwrap();
                until_idle(1);
                start(|| {
                    // The end of the program has let go of the idle worker.
                    until(|| !global().workers()[0].is_alive());
                    drop(global().submit(|| println!("late")));
                });
            })
        },
        prints: "late\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the program does not wait for daemon workers",
        main: || {
            end(|| {
                let executor = Executor::builder().workers(1).daemon(true).build();
                drop(executor.submit(for_ever));
                drop(executor.submit(|| println!("never")));
            })
        },
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a dropped executor runs its jobs before the program ends",
        main: || {
            end(|| {
                let executor = Executor::builder().workers(1).daemon(false).build();
                submit_some(&executor);
            })
        },
        prints: "all\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a stop of the program stops running jobs and cancels pending ones",
        main: || {
            let pending = threadwork::Program::new().stop_at_end().run(|| {
                let begun = Arc::new(Event::new());
                let inside = Arc::clone(&begun);
                drop(global().submit(move || {
                    inside.set();
                    threadwork::sleep(Duration::MAX).unwrap_err();
                    println!("stopped");
                }));
                drop(global().submit(|| _ = threadwork::sleep(Duration::MAX)));
                begun.wait();
                global().submit(|| println!("never"))
            });
            println!("{:?}", pending.into_result());
            ExitCode::SUCCESS
        },
        prints: "stopped\nErr(Cancelled)\n",
        ..ENDS_WELL
    },
    #[cfg(all(unix, not(threadwork_portable)))]
    Program {
        claim: "a child of a fork has an executor without workers, which refuses jobs and does not hang",
        main: || {
            let executor = Executor::builder().workers(1).daemon(true).build();
            let go = Arc::new(Event::new());
            let inside = Arc::clone(&go);
            let running = executor.submit(move || inside.wait());
            let pending = executor.submit(|| 7);
            let code = fork(|| {
                says!(
                    executor.submit(|| ()).into_result(),
                    ResultError::Refused(Refusal::LeftBehind),
                    "there is no result: the executor belongs to the process that this one was forked from; make a new one"
                );
                assert!(matches!(pending.wait_result(), Err(ResultError::StillRunning)));
                assert!(matches!(running.wait_result(), Err(ResultError::StillRunning)));
                assert_eq!((executor.pending(), executor.workers().len()), (0, 0));
                assert!(executor.is_shut_down());
                executor.shutdown().unwrap();
                assert_eq!(executor.shutdown_now(), 0);
                let fresh = Executor::new(1);
                assert_eq!(fresh.submit(|| 8).wait_result_timeout(LONG), Ok(&8));
                fresh.shutdown().unwrap();
                drop(executor);
            });
            assert_eq!(code, 0);
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    #[cfg(all(unix, not(threadwork_portable)))]
    Program {
        claim: "a job that forks goes on in the parent, and its worker ends in the child",
        main: || {
            let executor = Executor::builder().workers(1).daemon(true).build();
            // SAFETY: only the worker exists in the child, and it ends there.
            let child = executor.submit(|| unsafe { libc::fork() }).into_result().unwrap();
            let mut status = 0;
            // SAFETY: the number is that of a child, and the status a place of this function.
            let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
            assert_eq!((waited, status), (child, 0));
            assert_eq!(executor.submit(|| 7).into_result(), Ok(7));
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
];
