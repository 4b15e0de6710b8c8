//! Other threads take the library's own locks all the time while a thread forks.
//! Scenario "the lock that the forking thread does not hold" in docs/architecture.md.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread as std_thread,
    time::Duration,
};

use threadwork_core::{
    self as threadwork, Local, ThreadGroup, ThreadHandle, Timer, current_stop_token,
    current_thread, enumerate, pending_timers,
};
use threadwork_sync::{Event, StopCallback, StopSource, Wait, WaitError};

use crate::{
    forks::fork,
    runner::{ENDS_WELL, Program},
};

const FORKS: usize = 300;
const NEVER: Duration = Duration::from_secs(3600);

static ENOUGH: AtomicBool = AtomicBool::new(false);

/// A foreign thread forks often, and each child calls `child`, while other threads call `disturb` with the handle of that thread all the time.
fn fork_while(disturb: fn(&ThreadHandle), child: fn()) -> ExitCode {
    let forks = std_thread::spawn(move || {
        let here = current_thread();
        let restless: Vec<_> = (0..2)
            .map(|_| {
                let here = here.clone();
                std_thread::spawn(move || {
                    while !ENOUGH.load(Ordering::Relaxed) {
                        disturb(&here);
                    }
                })
            })
            .collect();
        for n in 0..FORKS {
            assert_eq!(fork(child), 0, "child {n}");
        }
        ENOUGH.store(true, Ordering::Relaxed);
        restless.into_iter().for_each(|it| it.join().unwrap());
    });
    forks.join().unwrap();
    ExitCode::SUCCESS
}

static LOCAL: Local<u32> = Local::new(|| 7);
static GROUP: std::sync::LazyLock<ThreadGroup> =
    std::sync::LazyLock::new(|| ThreadGroup::new("disturbed"));

/// Uses more locals than fit the short table, and drops them, so that their places and the long tables are reused.
fn use_many_locals() {
    let locals: Vec<_> = (0..20).map(|_| Local::new(|| 1)).collect();
    assert_eq!(locals.iter().map(|it| it.with(|it| *it)).sum::<u32>(), 20);
}

/// Whether the stop ends a wait before its deadline does.
fn is_stopped_while_it_waits(stop: &StopSource) -> bool {
    let wait = Wait::timeout(Duration::from_micros(1)).or_stop(&stop.token());
    Event::new().wait_with(&wait) == Err(WaitError::Stopped)
}

fn arm_and_cancel() {
    let timer = Timer::new(NEVER, || ());
    timer.start().unwrap();
    assert!(timer.cancel());
}

static FORK_HAS_BEGUN: AtomicBool = AtomicBool::new(false);
static IS_USED: AtomicBool = AtomicBool::new(false);

fn wait_until_set(flag: &AtomicBool) {
    while !flag.load(Ordering::SeqCst) {
        std_thread::yield_now();
    }
}

/// Called when a fork begins, and before all other handlers if it was registered last.
extern "C" fn fork_begins() {
    FORK_HAS_BEGUN.store(true, Ordering::SeqCst);
    wait_until_set(&IS_USED);
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a child is alone even if another thread used the library for the first time when the fork had begun",
        main: || {
            let others = std_thread::spawn(|| {
                wait_until_set(&FORK_HAS_BEGUN);
                let here = current_thread();
                IS_USED.store(true, Ordering::SeqCst);
                while !ENOUGH.load(Ordering::Relaxed) {
                    assert!(enumerate().contains(&here));
                }
            });
            // SAFETY: the function does not unwind, and may be called by the thread that forks.
            unsafe { libc::pthread_atfork(Some(fork_begins), None, None) };
            assert_eq!(fork(|| assert_eq!(enumerate(), [current_thread()])), 0);
            ENOUGH.store(true, Ordering::Relaxed);
            others.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child can exec while other threads read the name of the forking thread",
        main: || {
            let forks = std_thread::spawn(|| {
                let here = current_thread();
                std_thread::spawn(move || while here.name() != "end" {});
                for _ in 0..FORKS {
                    let mut command = Command::new("/bin/true");
                    // SAFETY: the closure does nothing; with it, the child is made by a fork.
                    unsafe { command.pre_exec(|| Ok(())) };
                    assert!(command.status().unwrap().success());
                }
                current_thread().set_name("end").unwrap();
            });
            forks.join().unwrap();
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child reads its name while other threads change it",
        main: || {
            fork_while(
                |it| it.set_name(it.name()).unwrap(),
                || {
                    assert_eq!(current_thread().name(), "MainThread");
                    current_thread().set_name("another").unwrap();
                    assert_eq!(enumerate()[0].name(), "another");
                },
            )
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child lists threads and sets hooks and callbacks while other threads do",
        main: || {
            fork_while(
                |_| {
                    drop(enumerate());
                    threadwork::set_trace(None);
                    drop((threadwork::trace(), threadwork::profile()));
                    threadwork::set_excepthook(threadwork::default_excepthook);
                    threadwork::at_exit(|| ()).unwrap();
                },
                || {
                    assert_eq!(enumerate(), [current_thread()]);
                    threadwork::set_profile(None);
                    threadwork::set_excepthook(threadwork::default_excepthook);
                    drop(threadwork::excepthook());
                    threadwork::at_exit(|| ()).unwrap();
                },
            )
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child makes values of locals while other threads do",
        main: || {
            fork_while(
                |_| {
                    LOCAL.with(|it| assert_eq!(*it, 7));
                    LOCAL.remove();
                    // A thread allocates its long table once.
                    std_thread::spawn(use_many_locals).join().unwrap();
                    assert!(LOCAL.len() < 3);
                },
                || {
                    LOCAL.with(|it| assert_eq!(*it, 7));
                    use_many_locals();
                    LOCAL.remove();
                },
            )
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child has no timers while other threads start and cancel them",
        main: || {
            fork_while(
                |_| arm_and_cancel(),
                || {
                    assert_eq!(pending_timers(), 0);
                    let timer = Timer::new(NEVER, || ());
                    assert!(timer.cancel());
                    assert_eq!(pending_timers(), 0);
                },
            )
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child uses a group while other threads do",
        main: || {
            fork_while(
                |_| {
                    GROUP.set_panic_handler(|_, _| ());
                    drop(GROUP.child("below"));
                    drop(GROUP.builder().build(|| ()).stop_token());
                    assert_eq!(GROUP.count(), 0);
                },
                || {
                    GROUP.set_panic_handler(|_, _| ());
                    drop(GROUP.child("below"));
                    drop(GROUP.builder().build(|| ()).stop_token());
                    assert_eq!((GROUP.count(), GROUP.list().len()), (0, 0));
                },
            )
        },
        ..ENDS_WELL
    },
    Program {
        claim: "a child requests stops while other threads register with its stop source",
        main: || {
            fork_while(
                |it| {
                    let token = it.stop_token();
                    (0..100).for_each(|_| drop(StopCallback::new(&token, || ())));
                    drop(StopSource::child_of(&token));
                    let stop = StopSource::new();
                    assert!(!is_stopped_while_it_waits(&stop));
                    assert!(stop.request_stop() && is_stopped_while_it_waits(&stop));
                },
                || {
                    let called = Arc::new(AtomicBool::new(false));
                    let its_called = Arc::clone(&called);
                    let _callback = StopCallback::new(&current_stop_token(), move || {
                        its_called.store(true, Ordering::Relaxed);
                    });
                    assert!(current_thread().request_stop() && threadwork::stop_requested());
                    assert!(called.load(Ordering::Relaxed));
                },
            )
        },
        ..ENDS_WELL
    },
];
