//! Programs with threads in operating system threads that are used again.

use std::{
    cell::RefCell,
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use threadwork_core::{
    self as threadwork, Builder, JoinError, Thread, ThreadGroup, active_count, current_thread,
    internal::helpers, main_thread,
};
use threadwork_sync::{RwLock, RwLockReadGuard, get_native_id};

use crate::{
    forks::fork,
    runner::{ENDS_WELL, End, Program},
    support::{end, plain, until, until_main_waits},
};

fn recycled() -> Builder {
    Thread::builder().recycled(true)
}

fn until_idle(count: usize) {
    until(|| helpers().iter().filter(|it| it.name == "threadwork-idle").count() >= count);
}

/// Starts a thread and joins it, and returns the native id of its operating system thread.
fn run() -> Option<u64> {
    let thread = recycled().spawn_my_thread(get_native_id).unwrap();
    thread.into_result().unwrap()
}

/// Starts 10,000 threads from eight threads: some panic, some fail, some are stopped, and now and then one forks.
fn stress() {
    const EACH: u32 = 1250;
    static N_RUN: AtomicU32 = AtomicU32::new(0);
    let group = ThreadGroup::new("stress");
    group.set_recycled(true);
    let starts = |group: ThreadGroup| {
        for number in 0..EACH {
            let thread = group.builder().spawn_fallible(move || {
                N_RUN.fetch_add(1, Ordering::Relaxed);
                match number % 50 {
                    0..5 => panic!("out of paper"),
                    5..10 => Err("out of ink")?,
                    10..15 => _ = threadwork::sleep(Duration::MAX),
                    15 if number % 250 == 15 => assert_eq!(fork(check_child), 0),
                    _ => (),
                }
                Ok(())
            });
            let thread = thread.unwrap();
            if (10..15).contains(&(number % 50)) {
                thread.request_stop();
            }
            match (number % 50, thread.join()) {
                (0..5, Err(JoinError::Panicked(it))) => assert_eq!(it.message(), "out of paper"),
                (5..10, Err(JoinError::Failed(it))) => assert_eq!(it.message(), "out of ink"),
                (10.., joined) => joined.unwrap(),
                (_, joined) => panic!("{joined:?}"),
            }
        }
    };
    let starters: Vec<_> = (0..8)
        .map(|_| {
            let group = group.clone();
            Thread::builder().spawn(move || starts(group)).unwrap()
        })
        .collect();
    starters.iter().for_each(|it| it.join().unwrap());
    assert_eq!((N_RUN.load(Ordering::Relaxed), group.count()), (8 * EACH, 0));
}

fn check_child() {
    assert_eq!((main_thread(), active_count()), (current_thread(), 1));
    assert!(helpers().is_empty(), "none of the parent's idle threads is here");
    let native_id = run();
    assert!(native_id.is_some() && native_id != get_native_id());
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "the end of the program does not wait for idle threads of the operating system",
        main: || {
            end(|| {
                run();
                until_idle(1);
                assert_eq!(active_count(), 1);
            })
        },
        prints: "end\n",
        ..ENDS_WELL
    },
    Program {
        claim: "the end of the program waits for recycled threads",
        main: || {
            end(|| {
                run();
                until_idle(1);
                let last = || {
                    until_main_waits();
                    println!("thread");
                };
                recycled().spawn(last).unwrap();
            })
        },
        prints: "thread\nend\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a plain main waits for recycled threads, and not for daemons among them",
        main: || {
            plain(|| {
                let forever = || threadwork::sleep(Duration::MAX);
                let _daemon = recycled().daemon(true).spawn_my_thread(forever).unwrap();
                let last = || {
                    until_main_waits();
                    println!("thread");
                };
                recycled().spawn(last).unwrap();
            })
        },
        end: End::Code(5),
        prints: "end\nthread\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a child has no idle threads of its parent, which keeps them",
        main: || {
            let native_id = run();
            until_idle(1);
            assert_eq!(fork(check_child), 0);
            assert_eq!(run(), native_id);
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a recycled thread that forks is the main thread of the child, which ends when it returns",
        main: || {
            let forks = recycled().name("forks").spawn_my_thread(|| {
                // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
                let child = unsafe { libc::fork() };
                if child == 0 {
                    assert_eq!(main_thread().name(), "forks");
                    check_child();
                }
                child
            });
            let child = forks.unwrap().into_result().unwrap();
            let mut status = 0;
            // SAFETY: the number is that of a child, and the status a place of this function.
            let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
            assert_eq!((waited, status), (child, 0));
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of a recycled thread is reported with the name of the thread",
        main: || {
            let panics = || panic!("out of paper");
            recycled().name("printer").spawn(panics).unwrap().join().unwrap_err();
            ExitCode::SUCCESS
        },
        says: &["Exception in thread printer: out of paper\n"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a guard that a recycled thread keeps is reported",
        main: || {
            static LOCK: RwLock<()> = RwLock::new(());
            thread_local! {
                static KEPT: RefCell<Option<RwLockReadGuard<'static, ()>>> =
                    const { RefCell::new(None) };
            }
            let keeps = recycled().name("keeps").spawn(|| KEPT.set(Some(LOCK.read())));
            keeps.unwrap().join().unwrap();
            drop(LOCK.write());
            ExitCode::SUCCESS
        },
        says: &["recycled thread 'keeps' has ended and still has guards of locks (1)"],
        ..ENDS_WELL
    },
    Program {
        claim: "ten thousand recycled threads panic, fail, stop and fork",
        main: || {
            // Nothing is printed of the many panics and failures.
            std::panic::set_hook(Box::new(|_| ()));
            threadwork::set_excepthook(|_, _| ());
            threadwork::set_failure_handler(|_, _| ());
            stress();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
];
