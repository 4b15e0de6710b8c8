//! Counts and timers in the child of a fork. Scenario "the threads that are not there" in docs/architecture.md.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    self as threadwork, JoinError, Restart, StartError, Supervisor, SupervisorError, Thread,
    ThreadGroup, ThreadState, Timer, active_count, main_thread, pending_timers,
};
use threadwork_sync::Event;

use crate::{
    forks::fork,
    runner::{ENDS_WELL, End, Program},
    support::{for_ever, until, until_blocked},
};

const LONG: Duration = Duration::from_secs(20);
const NEVER: Duration = Duration::from_secs(3600);

/// Checks that a timer that was alive in the parent has ended in the child, whichever method is called first.
#[track_caller]
fn check_gone(timer: &Timer) {
    assert!(!timer.cancel(), "no run would have begun in the child");
    timer.join_timeout(LONG).unwrap();
    timer.join().unwrap();
    assert_eq!((timer.state(), timer.is_alive()), (ThreadState::Finished, false));
    assert!(matches!(timer.start(), Err(StartError::AlreadyStarted)));
    assert_eq!(timer.handle().state(), ThreadState::Finished);
    timer.handle().join().unwrap();
    assert!(!timer.cancel());
    assert_eq!(pending_timers(), 0);
}

/// Forks. Returns `None` in the child, which ends by itself, and the child's exit code in the parent.
fn fork_and_return() -> Option<i32> {
    // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can be forked");
    if child == 0 {
        return None;
    }
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    Some(if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) })
}

/// Starts a thread of the group, and returns once it is blocked.
fn blocked_in(group: &ThreadGroup) {
    let thread = group.builder().daemon(true).build(for_ever);
    thread.start().unwrap();
    until_blocked(thread.ident().unwrap());
}

/// Checks that exactly `room` threads can be started in the group, and ends them again.
#[track_caller]
fn check_room(group: &ThreadGroup, room: usize) {
    let gate = Arc::new(Event::new());
    let build = || {
        let gate = Arc::clone(&gate);
        group.builder().build(move || gate.wait())
    };
    let threads: Vec<_> = (0..room).map(|_| build()).collect();
    threads.iter().for_each(|it| it.start().unwrap());
    assert!(matches!(build().start(), Err(StartError::GroupFull { .. })));
    gate.set();
    threads.iter().for_each(|it| it.join().unwrap());
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a supervisor that runs at a fork has ended in the child, for its handles too",
        main: || {
            let supervisor =
                Supervisor::new().child("child", Restart::Always, || _ = threadwork::sleep(NEVER));
            let handle = supervisor.handle();
            let thread = Thread::new(supervisor);
            thread.start().unwrap();
            handle.wait_ready().unwrap();
            let code = fork(|| {
                assert!(handle.thread().is_none() && !handle.is_ready());
                assert_eq!(handle.children().len(), 1);
                assert_eq!(handle.stop_child("child"), Err(SupervisorError::Ended));
                assert_eq!(handle.wait_for(|_| false), Err(SupervisorError::Ended));
                assert_eq!(handle.wait_ready(), Err(SupervisorError::Ended));
            });
            assert_eq!(code, 0);
            assert!(handle.is_ready());
            thread.request_stop();
            thread.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "the child of a fork does not inherit the request to exit",
        main: || {
            threadwork::main(|| {
                threadwork::request_exit(3);
                assert_eq!(fork(|| threadwork::main(|| ())), 0);
                // One of its own it does grant.
                let grants = || {
                    threadwork::main(|| threadwork::request_exit(4));
                    unreachable!("the child has ended");
                };
                assert_eq!(fork(grants), 4);
            });
            unreachable!("the program has ended")
        },
        end: End::Code(3),
        ..ENDS_WELL
    },
    Program {
        claim: "timers that were pending at a fork have ended in the child, and continue in the parent",
        main: || {
            let [plain, known, cancelled] = [(); 3].map(|()| Timer::new(NEVER, || ()));
            let daemon = Thread::builder().daemon(true).timer(NEVER, || ());
            let repeats = Timer::every(NEVER, || ());
            assert_eq!(known.handle().state(), ThreadState::New);
            let pending = [&plain, &known, &cancelled, &daemon, &repeats];
            pending.iter().for_each(|it| it.start().unwrap());
            cancelled.cancel();
            let code = fork(|| {
                [&plain, &known, &daemon, &repeats].into_iter().for_each(check_gone);
                assert_eq!(cancelled.state(), ThreadState::Stopped);
                cancelled.join().unwrap();
                // The end of the child waits for neither of them.
                threadwork::main(|| ());
            });
            assert_eq!(code, 0);
            assert_eq!(pending_timers(), 4);
            assert!([plain, known, daemon, repeats].iter().all(Timer::cancel));
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "timers that run at a fork have ended in the child, and ended ones keep their state",
        main: || {
            static RUNS: Event = Event::new();
            let builder = || Thread::builder().daemon(true);
            let repeats = builder().every(Duration::ZERO, || {
                RUNS.set();
                for_ever();
            });
            let once = builder().timer(Duration::ZERO, for_ever);
            let panicked = builder().timer(Duration::ZERO, || panic!("on purpose"));
            [&repeats, &once, &panicked].iter().for_each(|it| it.start().unwrap());
            RUNS.wait();
            assert!(matches!(panicked.join(), Err(JoinError::Panicked(_))));
            until(|| threadwork_sync::waits().len() == 3);
            let code = fork(|| {
                [&repeats, &once].into_iter().for_each(check_gone);
                assert_eq!(panicked.state(), ThreadState::Panicked);
                assert!(matches!(panicked.join(), Err(JoinError::Panicked(_))));
                assert_eq!(active_count(), 1);
            });
            assert_eq!(code, 0);
            assert!(repeats.is_alive() && once.is_alive());
            ExitCode::SUCCESS
        },
        says: &["on purpose"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a child can start timers, including those that the parent made and did not start",
        main: || {
            let made = Timer::new(Duration::ZERO, || ());
            let pending = Timer::new(NEVER, || ());
            pending.start().unwrap();
            let code = fork(|| {
                assert_eq!(made.state(), ThreadState::New);
                let late = Timer::new(NEVER, || ());
                late.start().unwrap();
                made.start().unwrap();
                made.join_timeout(LONG).unwrap();
                assert_eq!((made.state(), pending_timers()), (ThreadState::Finished, 1));
                assert!(late.cancel());
                assert_eq!((late.state(), pending_timers()), (ThreadState::Stopped, 0));
            });
            assert_eq!(code, 0);
            assert!(pending.cancel());
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a timer whose function forks ends in the child with its run",
        main: || {
            static CODE: AtomicI32 = AtomicI32::new(-1);
            static DONE: Event = Event::new();
            let forks = || {
                if let Some(code) = fork_and_return() {
                    CODE.store(code, Ordering::Relaxed);
                    DONE.set();
                }
            };
            for timer in [Timer::new(Duration::ZERO, forks), Timer::every(NEVER / 3600, forks)] {
                CODE.store(-1, Ordering::Relaxed);
                DONE.clear();
                timer.start().unwrap();
                // The child ended by itself: it does not wait for another run.
                DONE.wait();
                assert_eq!(CODE.load(Ordering::Relaxed), 0);
                timer.cancel();
                timer.join().unwrap();
            }
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "in a child a group does not count threads that do not exist",
        main: || {
            let group = ThreadGroup::new("pool");
            let below = group.child("below");
            group.set_limit(2);
            blocked_in(&group);
            blocked_in(&below);
            let code = fork(|| {
                assert_eq!((group.count(), below.count()), (0, 0));
                check_room(&below, 2);
                check_room(&group, 2);
                assert_eq!((group.count(), below.count()), (0, 0));
                let again = fork(|| assert_eq!((group.count(), below.count()), (0, 0)));
                assert_eq!(again, 0);
            });
            assert_eq!(code, 0);
            assert_eq!((group.count(), below.count()), (2, 1), "the parent is not affected");
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "in a child a group counts the thread that forked, until it ends",
        main: || {
            let group = ThreadGroup::new("pool");
            let below = group.child("below");
            group.set_limit(3);
            blocked_in(&group);
            let (its_group, its_below) = (group.clone(), below.clone());
            let forks = below.builder().build(move || {
                if let Some(code) = fork_and_return() {
                    assert_eq!(code, 7);
                    return;
                }
                assert_eq!((its_group.count(), its_below.count()), (1, 1));
                check_room(&its_group, 2);
                assert_eq!(fork(|| assert_eq!(its_group.count(), 1)), 0);
                let (group, below) = (its_group.clone(), its_below.clone());
                let last = Thread::builder().group(None).build(move || {
                    main_thread().join().unwrap();
                    assert_eq!((group.count(), below.count()), (0, 0));
                    // SAFETY: the process ends here.
                    unsafe { libc::_exit(7) }
                });
                last.start().unwrap();
            });
            forks.start().unwrap();
            forks.join().unwrap();
            assert_eq!((group.count(), below.count()), (1, 0));
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "in a child the thread that forked can be joined although it was being joined in the parent",
        main: || {
            let forks = Thread::new(|| {
                // The main thread joins the operating system's thread, which only one thread can do.
                crate::support::until_main_waits();
                if let Some(code) = fork_and_return() {
                    assert_eq!(code, 7);
                    return;
                }
                let joins = Thread::new(|| {
                    main_thread().join().unwrap();
                    // SAFETY: the process ends here.
                    unsafe { libc::_exit(7) }
                });
                joins.start().unwrap();
            });
            forks.start().unwrap();
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
];
