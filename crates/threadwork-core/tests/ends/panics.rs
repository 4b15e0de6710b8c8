//! Panics in every place where a user's function is called: each is reported once, and nothing else is lost.

use std::{panic::panic_any, process::ExitCode, sync::Arc};

use threadwork_core::{
    self as threadwork, JoinError, Moment, MyThread, Thread, ThreadGroup, ThreadHandle,
    active_count, add_spawn_hook, set_excepthook, set_failure_handler, set_profile, set_trace,
};
use threadwork_sync::{Event, get_native_id};

use crate::{
    runner::{ENDS_WELL, Program, SKIPPED},
    support::{AtDrop, at_the_end, until, until_blocked},
};

/// Runs a thread of a group, which panics or does not, and checks how it ended.
fn check(builder: threadwork::Builder, panics: bool) -> ExitCode {
    let group = ThreadGroup::new("group");
    group.set_panic_handler(|_, _| panic!("by the group"));
    let thread = if panics {
        builder.name("worker").group(&group).build(|| panic!("by the run")).erase()
    } else {
        builder.name("worker").build(|| ()).erase()
    };
    check_end(&thread, panics);
    assert_eq!(group.count(), 0);
    ExitCode::SUCCESS
}

#[track_caller]
fn check_end(thread: &Thread, panics: bool) {
    thread.start().unwrap();
    match thread.join_timeout(std::time::Duration::from_secs(60)) {
        Ok(()) => assert!(!panics),
        Err(JoinError::Panicked(panic)) => {
            assert_eq!((panics, panic.message()), (true, "by the run"));
        }
        Err(error) => panic!("{error}"),
    }
    until_alone();
}

/// Returns once the thread has really ended and is not listed any more.
fn until_alone() {
    until(|| active_count() == 1);
    threadwork::main(|| ());
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("by the drop");
    }
}

/// A hook whose drop panics, and to which a thread holds the last reference.
fn hook_that_panics_when_dropped(set: impl FnOnce(Bomb), unset: fn()) -> ExitCode {
    let gate = Arc::new(Event::new());
    let waiting = Arc::clone(&gate);
    set(Bomb);
    let thread = Thread::new(move || waiting.wait());
    thread.start().unwrap();
    until_blocked(thread.ident().unwrap());
    unset();
    gate.set();
    thread.join_timeout(std::time::Duration::from_secs(60)).unwrap();
    until_alone();
    ExitCode::SUCCESS
}

/// Runs a thread without any handle to it when it ends.
fn forgotten(thread: Thread) -> ExitCode {
    if get_native_id().is_none() {
        println!("{SKIPPED} nothing tells when a thread is gone from the operating system");
        return ExitCode::SUCCESS;
    }
    let gate = Arc::new(Event::new());
    let after = {
        let (gate, handle) = (Arc::clone(&gate), thread.handle().clone());
        MyThread::new(move || {
            gate.wait();
            drop(handle);
        })
    };
    thread.start().unwrap();
    let native_id = {
        until(|| thread.native_id().is_some());
        thread.native_id().unwrap()
    };
    drop(thread);
    after.start().unwrap();
    gate.set();
    after.join().unwrap();
    drop(after);
    GO.set();
    until(|| !std::path::Path::new(&format!("/proc/self/task/{native_id}")).exists());
    until_alone();
    ExitCode::SUCCESS
}

static GO: Event = Event::new();

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a panic of the run is reported once",
        main: || {
            let thread = Thread::builder().name("worker").build(|| panic!("by the run")).erase();
            check_end(&thread, true);
            ExitCode::SUCCESS
        },
        says: &["by the run"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        // After `ExceptHookTests.test_custom_excepthook_fail`.
        claim: "a panic of the excepthook is reported once",
        main: || {
            set_excepthook(|_, _| panic!("by the hook"));
            let thread = Thread::builder().name("worker").build(|| panic!("by the run")).erase();
            check_end(&thread, true);
            ExitCode::SUCCESS
        },
        says: &["Exception in threadwork excepthook: by the hook ("],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of a thread's own handler is reported once",
        main: || check(Thread::builder().on_panic(|_, _| panic!("by the handler")), true),
        says: &["Exception in threadwork excepthook: by the handler ("],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of a group's handler is reported once",
        main: || check(Thread::builder(), true),
        says: &["Exception in threadwork excepthook: by the group ("],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a failure of the run is reported once",
        main: || {
            let thread = Thread::builder().name("worker").build(|| Err::<(), _>("by the run"));
            thread.start().unwrap();
            thread.join().unwrap_err();
            until_alone();
            ExitCode::SUCCESS
        },
        says: &["thread 'worker' failed: by the run\n"],
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of the failure handler is reported once",
        main: || {
            set_failure_handler(|_, _| panic!("by the handler"));
            let thread = Thread::builder().name("worker").build(|| Err::<(), _>("by the run"));
            thread.start().unwrap();
            assert!(matches!(thread.join(), Err(JoinError::Failed(_))));
            until_alone();
            ExitCode::SUCCESS
        },
        says: &["Exception in threadwork failure handler: by the handler ("],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "panics of trace and profile are reported once for each call",
        main: || {
            set_trace(Some(Arc::new(|_, moment| match moment {
                Moment::BeforeRun => panic!("by trace before"),
                _ => panic!("by trace after"),
            })));
            set_profile(Some(Arc::new(|_, moment, _| match moment {
                Moment::BeforeRun => panic!("by profile before"),
                _ => panic!("by profile after"),
            })));
            check(Thread::builder(), false)
        },
        says: &[
            "Exception in threadwork trace: by trace before (",
            "Exception in threadwork profile: by profile before (",
            "Exception in threadwork trace: by trace after (",
            "Exception in threadwork profile: by profile after (",
        ],
        panics: 4,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of the trace after a panic of the run: both are reported",
        main: || {
            set_trace(Some(Arc::new(|_, moment| {
                assert!(!matches!(moment, Moment::Panicked(_)), "by trace");
            })));
            let thread = Thread::builder().name("worker").build(|| panic!("by the run")).erase();
            check_end(&thread, true);
            ExitCode::SUCCESS
        },
        says: &["Exception in threadwork trace: by trace (", "by the run"],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of a spawn hook in the new thread is reported once, and the next hook is called",
        main: || {
            add_spawn_hook(|_| || panic!("by the hook"));
            add_spawn_hook(|_| || println!("next"));
            check(Thread::builder(), false)
        },
        prints: "next\n",
        says: &["Exception in threadwork spawn hook: by the hook ("],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic of a spawn hook in the starter leaves the thread not started",
        main: || {
            static PANICS: Event = Event::new();
            add_spawn_hook(|_| {
                assert!(!PANICS.is_set(), "by the hook");
                || ()
            });
            let group = ThreadGroup::new("group");
            let thread = group.builder().build(|| ()).erase();
            PANICS.set();
            let starts = std::panic::AssertUnwindSafe(|| thread.start());
            std::panic::catch_unwind(starts).unwrap_err();
            assert!(!thread.is_alive() && thread.ident().is_none());
            assert_eq!((group.count(), active_count()), (0, 1));
            PANICS.clear();
            check_end(&thread, false);
            ExitCode::SUCCESS
        },
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the drop of a removed trace is reported once",
        main: || {
            hook_that_panics_when_dropped(
                |bomb| {
                    set_trace(Some(Arc::new(move |_, _| {
                        let _ = &bomb;
                    })));
                },
                || set_trace(None),
            )
        },
        says: &["Exception in threadwork trace: by the drop ("],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the drop of a profile that was replaced for all threads is reported once",
        main: || {
            hook_that_panics_when_dropped(
                |bomb| {
                    set_profile(Some(Arc::new(move |_, _, _| {
                        let _ = &bomb;
                    })));
                },
                || threadwork::set_profile_all_threads(None),
            )
        },
        says: &["Exception in threadwork profile: by the drop ("],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the drop of a payload that was not taken is reported once",
        main: || {
            let panics = Thread::builder().name("worker").build(|| {
                GO.wait();
                panic_any(Bomb)
            });
            forgotten(panics.into())
        },
        says: &["Exception in threadwork drop of a payload: by the drop\n"],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the drop of the last reference to a handler is reported once",
        main: || {
            let bomb = Bomb;
            let builder = Thread::builder().on_panic(move |_, _| {
                let _ = &bomb;
            });
            forgotten(builder.build(|| GO.wait()).into())
        },
        says: &["Exception in threadwork drop of a thread: by the drop\n"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the drop of a runnable without an owner is the thread's panic",
        main: || {
            let bomb = Bomb;
            let thread = Thread::builder().name("worker").build(move || {
                let _ = &bomb;
                GO.wait();
            });
            forgotten(thread.into())
        },
        says: &["by the drop"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic in the drop of a result without an owner is the thread's panic",
        main: || {
            let thread = Thread::builder().name("worker").my_thread(
                || {
                    GO.wait();
                    Bomb
                },
                (),
            );
            thread.start().unwrap();
            drop(thread);
            GO.set();
            until_alone();
            ExitCode::SUCCESS
        },
        says: &["by the drop"],
        panics: 1,
        ..ENDS_WELL
    },
    Program {
        claim: "destructors can join threads",
        main: || {
            fn other() -> ThreadHandle {
                let thread = Thread::new(|| ());
                thread.start().unwrap();
                thread.handle().clone()
            }
            let of_runnable = AtDrop::new(|| other().join().unwrap());
            let thread = Thread::new(move || {
                let _ = &of_runnable;
                at_the_end(|| {
                    other().join().unwrap();
                    println!("thread-local");
                });
                GO.wait();
            });
            thread.start().unwrap();
            drop(thread);
            GO.set();
            until_alone();
            ExitCode::SUCCESS
        },
        prints: "thread-local\n",
        ..ENDS_WELL
    },
    Program {
        claim: "a destructor that joins its own thread gets an error",
        main: || {
            let thread = Thread::new(|| {
                at_the_end(|| {
                    let joined = threadwork::current_thread().join();
                    assert!(matches!(joined, Err(JoinError::CurrentThread)));
                    println!("told");
                });
            });
            thread.start().unwrap();
            thread.join().unwrap();
            until_alone();
            ExitCode::SUCCESS
        },
        prints: "told\n",
        ..ENDS_WELL
    },
];
