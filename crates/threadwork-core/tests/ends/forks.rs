//! Threads in the child of a fork.

use std::{process::ExitCode, sync::Arc, thread as std_thread, time::Duration};

use threadwork_core::{
    self as threadwork, JoinError, Outcome, Thread, ThreadHandle, ThreadState, active_count,
    current_thread, enumerate, main_thread,
};
use threadwork_sync::{Event, get_ident, get_native_id, waits};

use crate::{
    runner::{ENDS_WELL, Program},
    support::{at_the_end, for_ever, start, until, until_blocked},
};

const LONG: Duration = Duration::from_secs(60);

/// Forks; the child calls `f` and ends. Returns the child's exit code to the parent.
///
/// What the child prints must end with a line break, which flushes it. Flushing here could block the child for ever, because another thread
/// may be flushing at the moment of the fork.
pub(crate) fn fork(f: impl FnOnce()) -> i32 {
    // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can be forked");
    if child == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
        // SAFETY: the child ends here.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) }
}

/// Checks what holds in every child: the current thread is the only one and the main one, and threads can be started.
#[track_caller]
fn check_alone() {
    let current = current_thread();
    assert_eq!(main_thread(), current);
    assert_eq!(enumerate(), std::slice::from_ref(&current));
    assert_eq!(active_count(), 1);
    assert!(current.is_alive());
    assert_eq!(current.ident(), Some(get_ident()));
    assert_eq!(current.native_id(), get_native_id());
    assert_eq!(get_native_id(), Some(std::process::id().into()));
    assert!(!current.is_daemon(), "the main thread is no daemon");
    check_start();
    check_record();
    assert_eq!(active_count(), 1);
}

/// Checks that the record of the current thread has its native id in this process.
#[track_caller]
fn check_record() {
    let (waits_here, native_id) = (get_ident(), get_native_id());
    let look = Thread::new(move || {
        let record = || waits().into_iter().find(|it| it.thread.ident == waits_here);
        until(|| record().is_some_and(|it| it.thread.native_id == native_id));
    });
    look.start().unwrap();
    look.join_timeout(LONG).unwrap();
}

/// Starts threads, and joins them in both ways.
#[track_caller]
fn check_start() {
    let gate = Arc::new(Event::new());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let gate = Arc::clone(&gate);
            Thread::new(move || gate.wait())
        })
        .collect();
    threads.iter().for_each(|it| it.start().unwrap());
    assert_eq!(active_count(), 5);
    gate.set();
    for thread in &threads {
        assert!(!thread.is_daemon());
        thread.join_timeout(LONG).unwrap();
        thread.join().unwrap();
    }
}

/// Checks that a thread that was alive in the parent has ended in the child.
#[track_caller]
fn check_gone(thread: &ThreadHandle) {
    assert!(!thread.is_alive());
    assert!(thread.state().has_ended());
    assert!(!enumerate().contains(thread));
    assert_ne!(&main_thread(), thread);
    thread.join_timeout(LONG).unwrap();
    thread.join().unwrap();
}

/// Starts a thread, and returns once it is blocked.
fn blocked() -> Thread {
    let thread = Thread::builder().daemon(true).build(for_ever);
    thread.start().unwrap();
    until_blocked(thread.ident().unwrap());
    thread.into()
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        // After `ThreadTests.test_is_alive_after_fork`, `test_main_thread_after_fork` and `test_native_id_after_fork`.
        claim: "in a child of the main thread only that thread exists",
        main: || {
            let (other, before) = (blocked(), current_thread());
            // It has left a record before the fork.
            assert!(Event::new().wait_timeout(Duration::from_millis(1)).is_err());
            let code = fork(|| {
                assert_eq!(current_thread(), before);
                assert_eq!(current_thread().name(), "MainThread");
                check_gone(&other);
                check_alone();
            });
            assert_eq!(code, 0);
            assert!(other.is_alive() && enumerate().contains(&other), "the parent is not affected");
            assert_eq!(main_thread().native_id(), Some(std::process::id().into()));
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_main_thread_after_fork_from_nonmain_thread`.
        claim: "the thread that forks becomes the main thread of the child and keeps its name",
        main: || {
            let (other, main) = (blocked(), current_thread());
            let forks = Thread::builder().name("forks").build(move || {
                let code = fork(|| {
                    assert_eq!(main_thread().name(), "forks");
                    check_gone(&other);
                    check_gone(&main);
                    check_alone();
                });
                assert_eq!(code, 0);
                assert!(main.is_alive() && other.is_alive());
                assert_ne!(main_thread(), current_thread());
            });
            forks.start().unwrap();
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_main_thread_after_fork_from_foreign_thread`.
        claim: "a foreign thread that forks becomes the main thread of the child",
        main: || {
            let main = main_thread();
            let forks = std_thread::spawn(move || {
                let code = fork(|| {
                    assert_eq!(main_thread().name(), "MainThread");
                    check_alone();
                });
                assert_eq!(code, 0);
                assert!(main.is_alive());
            });
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a foreign thread that forks beside other threads becomes the main thread of the child",
        main: || {
            let (other, main) = (blocked(), main_thread());
            let forks = std_thread::spawn(move || {
                let code = fork(|| {
                    check_gone(&other);
                    check_gone(&main);
                    check_alone();
                });
                assert_eq!(code, 0);
            });
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_main_thread_after_fork_from_dummy_thread` and `test_dummy_thread_after_fork`.
        claim: "a listed foreign thread that forks becomes the main thread of the child",
        main: || {
            let forks = std_thread::spawn(|| {
                let dummy = current_thread();
                assert!(dummy.is_daemon());
                let code = fork(|| {
                    assert_eq!(current_thread(), dummy);
                    assert_eq!(dummy.name(), "MainThread");
                    check_alone();
                    // Other threads can join it, as any main thread.
                    let here = main_thread();
                    let joins = Thread::new(move || {
                        let late = here.join_timeout(Duration::ZERO);
                        assert!(matches!(late, Err(JoinError::TimedOut)), "{late:?}");
                    });
                    joins.start().unwrap();
                    joins.join().unwrap();
                });
                assert_eq!(code, 0);
                assert!(dummy.is_daemon());
                assert_eq!(dummy.name(), "Dummy-1");
            });
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "in a child a listed foreign thread of the parent has ended",
        main: || {
            let (tell, told) = std::sync::mpsc::channel();
            std_thread::spawn(move || {
                tell.send(current_thread().ident().unwrap()).unwrap();
                for_ever();
            });
            until_blocked(told.recv().unwrap());
            assert_eq!(active_count(), 2);
            assert_eq!(fork(check_alone), 0);
            assert_eq!(active_count(), 2);
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        // After `ThreadJoinOnShutdown.test_2_join_in_forked_process`.
        claim: "a child waits for its threads at its end",
        main: || {
            let code = fork(|| {
                threadwork::main(|| {
                    start(|| {
                        crate::support::until_main_waits();
                        println!("thread");
                    });
                });
                println!("end of the child");
            });
            println!("{code}");
            ExitCode::SUCCESS
        },
        prints: "thread\nend of the child\n0\n",
        ..ENDS_WELL
    },
    Program {
        // After `ThreadJoinOnShutdown.test_3_join_in_forked_from_thread`.
        claim: "a child that a thread forked and that exits waits for its own threads, not for the parent's",
        main: || {
            let other = blocked();
            let forks = Thread::new(move || {
                let code = fork(|| {
                    start(|| {
                        crate::support::until_main_waits();
                        println!("thread");
                    });
                    std::process::exit(7)
                });
                assert_eq!(code, 7);
                assert!(other.is_alive());
            });
            forks.start().unwrap();
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        prints: "thread\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that was not joined before the fork is not taken for a new one in the child",
        main: || {
            let ended = Thread::new(|| ());
            ended.start().unwrap();
            ended.join_timeout(LONG).unwrap();
            let native_id = ended.native_id().unwrap();
            until(|| !std::path::Path::new(&format!("/proc/self/task/{native_id}")).exists());
            let code = fork(|| {
                // The C library may give the new thread the old one's memory.
                let (gate, waits) = (Arc::new(Event::new()), Arc::new(Event::new()));
                let (its_gate, its_waits) = (Arc::clone(&gate), Arc::clone(&waits));
                let thread = Thread::new(move || {
                    its_waits.set();
                    its_gate.wait();
                });
                thread.start().unwrap();
                waits.wait();
                ended.join().unwrap();
                assert!(thread.is_alive());
                drop(ended);
                gate.set();
                thread.join().unwrap();
                check_alone();
            });
            assert_eq!(code, 0);
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that is ending at the fork keeps its outcome",
        main: || {
            static LEAVING: Event = Event::new();
            let leaves = Thread::builder().daemon(true).build(|| {
                at_the_end(|| {
                    LEAVING.set();
                    for_ever();
                });
                panic!("on purpose");
            });
            leaves.start().unwrap();
            LEAVING.wait();
            until_blocked(leaves.ident().unwrap());
            let code = fork(|| {
                assert_eq!(leaves.state(), ThreadState::Panicked);
                assert!(matches!(leaves.outcome(), Some(Outcome::Panicked(_))));
                assert!(matches!(leaves.join(), Err(JoinError::Panicked(_))));
                check_alone();
            });
            assert_eq!(code, 0);
            ExitCode::SUCCESS
        },
        says: &["on purpose"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a thread that forks while it is ending has ended in the child, whose main thread has not",
        main: || {
            let leaves = Thread::new(|| {
                at_the_end(|| {
                    let code = fork(|| {
                        let main = main_thread();
                        assert!(main.is_alive() && !main.is_daemon());
                        assert_eq!(main.ident(), Some(get_ident()));
                        assert_eq!((enumerate(), active_count()), (vec![main], 1));
                        assert_eq!(current_thread().state(), ThreadState::Finished);
                        check_start();
                    });
                    println!("{code}");
                });
            });
            leaves.start().unwrap();
            leaves.join().unwrap();
            ExitCode::SUCCESS
        },
        prints: "0\n",
        ..ENDS_WELL
    },
    Program {
        // After `TestForkInThread.test_forkinthread` and `ThreadJoinOnShutdown.test_reinit_tls_after_fork`.
        claim: "threads fork while other threads start, end and set hooks",
        main: || {
            static ENOUGH: Event = Event::new();
            let restless: Vec<_> = (0..3)
                .map(|_| {
                    Thread::new(|| {
                        while !ENOUGH.is_set() {
                            let thread = Thread::new(|| _ = threadwork::trace());
                            thread.start().unwrap();
                            threadwork::set_trace(None);
                            threadwork::set_profile(None);
                            drop(enumerate());
                            thread.join().unwrap();
                        }
                    })
                })
                .collect();
            restless.iter().for_each(|it| it.start().unwrap());
            let forks: Vec<_> = (0..2)
                .map(|_| {
                    Thread::new(|| {
                        for _ in 0..200 {
                            let alone = || assert_eq!(enumerate(), [current_thread()]);
                            assert_eq!(fork(alone), 0);
                        }
                    })
                })
                .collect();
            forks.iter().for_each(|it| it.start().unwrap());
            forks.iter().for_each(|it| it.join().unwrap());
            ENOUGH.set();
            restless.iter().for_each(|it| it.join().unwrap());
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
];
