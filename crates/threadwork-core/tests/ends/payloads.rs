//! Panic payloads that panic when they are dropped: the second panic is reported and ends nothing, whichever thread drops the payload.
//!
//! Scenario "the payload that panics" in docs/architecture.md.

use std::{
    any::Any,
    fs,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use threadwork_core::{
    self as threadwork, JoinError, MyThread, Panic, Restart, ResultError, ScopeBuilder, ScopeError,
    Supervisor, Thread, ThreadGroup, Timer, add_spawn_hook, at_exit, set_excepthook,
};
use threadwork_sync::{Event, StopCallback};

use crate::{
    runner::{ENDS_WELL, Program},
    support::{until, until_main_waits},
};

struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("by the drop");
    }
}

static ONCE: Event = Event::new();
static RUNS: AtomicU32 = AtomicU32::new(0);

/// The report of the thread that drops the payload.
const REPORT: &str = "Exception in threadwork drop of a payload: by the drop";

/// A program in which a thread panics, and its payload panics when it is dropped.
const ONE_BOMB: Program = Program { says: &[REPORT], panics: 2, ..ENDS_WELL };

/// Panics once the main thread waits for this one, so that both share the payload.
fn explode() {
    until_main_waits();
    panic_any(Bomb(0));
}

/// Returns the number of the bomb without dropping it.
fn number_of(payload: Box<dyn Any + Send>) -> u32 {
    let bomb = payload.downcast::<Bomb>().unwrap();
    let number = bomb.0;
    std::mem::forget(bomb);
    number
}

fn taken(panic: &Panic) -> u32 {
    number_of(panic.take_payload().unwrap())
}

/// Succeeds once the process has only `n_left` threads: the last reference to a payload may belong to a thread that is ending.
fn gone(n_left: usize) -> ExitCode {
    let is_gone = || fs::read_dir("/proc/self/task").map_or(true, |it| it.count() <= n_left);
    until(is_gone);
    ExitCode::SUCCESS
}

/// Starts two threads of a scope that panic one after the other.
fn two_bombs<'scope>(scope: &threadwork::Scope<'scope, '_>) {
    static FIRST: Event = Event::new();
    let first = scope.call(|| panic_any(Bomb(1))).unwrap().handle().clone();
    scope
        .call(move || {
            first.join().unwrap_err();
            FIRST.set();
            panic_any(Bomb(2));
        })
        .unwrap();
    FIRST.wait();
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "main returns even if a payload that it drops panics",
        main: || {
            let returned = threadwork::main(|| {
                Thread::builder().daemon(false).build(explode).start().unwrap();
                7
            });
            println!("{returned}");
            gone(1)
        },
        prints: "7\n",
        ..ONE_BOMB
    },
    Program {
        claim: "the join of a group returns even if a payload panics",
        main: || {
            let group = ThreadGroup::new("group");
            group.builder().build(explode).start().unwrap();
            group.join_all().unwrap();
            gone(1)
        },
        ..ONE_BOMB
    },
    Program {
        claim: "a supervisor restarts a child whose payload panics",
        main: || {
            let supervisor = Supervisor::new()
                .backoff(Duration::from_millis(1), Duration::from_secs(1))
                .child("child", Restart::OnPanic, || {
                    if RUNS.fetch_add(1, Ordering::Relaxed) == 0 {
                        panic_any(Bomb(0));
                    }
                });
            let thread = Thread::new(supervisor);
            thread.start().unwrap();
            thread.join().unwrap();
            assert_eq!(RUNS.load(Ordering::Relaxed), 2);
            gone(1)
        },
        ..ONE_BOMB
    },
    Program {
        claim: "a scope returns the first of two panics whose payloads panic",
        main: || {
            let ended = ScopeBuilder::new().run(two_bombs);
            let Err(ScopeError::Panicked(panic)) = ended else {
                panic!("the scope does not return the panic")
            };
            assert_eq!(taken(&panic), 1);
            gone(1)
        },
        says: &[REPORT],
        panics: 3,
        ..ENDS_WELL
    },
    Program {
        claim: "a scope panics with the first of two payloads that panic",
        main: || {
            let ended = catch_unwind(AssertUnwindSafe(|| threadwork::scope(two_bombs)));
            assert_eq!(number_of(ended.unwrap_err()), 1);
            gone(1)
        },
        says: &[REPORT],
        panics: 3,
        ..ENDS_WELL
    },
    Program {
        claim: "a scope whose stop callbacks panic with such payloads ends normally",
        main: || {
            let ended = ScopeBuilder::new().stop_on_panic().run(|scope| {
                let kept = [1, 2].map(|number| {
                    StopCallback::new(&scope.stop_token(), move || panic_any(Bomb(number)))
                });
                let thread = scope.call(|| panic_any(Bomb(3))).unwrap();
                thread.join().unwrap_err();
                drop(kept);
            });
            let Err(ScopeError::Panicked(panic)) = ended else {
                panic!("the scope does not return the panic")
            };
            assert_eq!(taken(&panic), 3);
            gone(1)
        },
        says: &["Exception in threadwork stop callback: a payload that is not a string"],
        panics: 5,
        ..ENDS_WELL
    },
    Program {
        claim: "the result of a thread is the panic even if its payload panics",
        main: || {
            let thread = MyThread::new(|| -> u32 { panic_any(Bomb(0)) });
            thread.start().unwrap();
            let Err(ResultError::Panicked(panic)) = thread.wait_result() else {
                panic!("the result is not a panic")
            };
            drop(thread);
            drop(panic);
            gone(1)
        },
        ..ONE_BOMB
    },
    Program {
        claim: "a thread whose runnable panics in its run and its drop keeps the first panic",
        main: || {
            let bomb = Bomb(1);
            let thread = Thread::builder()
                .on_panic(|_, panic| {
                    assert_eq!((taken(panic), panic.place().is_some()), (2, true));
                    println!("told");
                })
                .build(move || {
                    let _ = &bomb;
                    ONCE.wait();
                    panic_any(Bomb(2));
                });
            thread.start().unwrap();
            let handle = thread.handle().clone();
            drop(thread);
            ONCE.set();
            handle.join().unwrap_err();
            gone(1)
        },
        prints: "told\n",
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a timer ends even if its payload panics",
        main: || {
            let timer = Timer::new(Duration::ZERO, || panic_any(Bomb(0)));
            timer.start().unwrap();
            assert!(matches!(timer.join(), Err(JoinError::Panicked(_))));
            gone(2)
        },
        ..ONE_BOMB
    },
    Program {
        claim: "a periodic timer continues even if a payload of a run panics",
        main: || {
            let timer = Timer::every(Duration::from_millis(1), || {
                if RUNS.fetch_add(1, Ordering::Relaxed) == 1 {
                    panic_any(Bomb(0));
                }
            });
            timer.start().unwrap();
            until(|| RUNS.load(Ordering::Relaxed) > 4);
            timer.cancel();
            timer.join().unwrap();
            gone(2)
        },
        ..ONE_BOMB
    },
    Program {
        claim: "a callback at the end may panic with a payload that panics",
        main: || {
            threadwork::main(|| {
                at_exit(|| println!("last")).unwrap();
                at_exit(|| panic_any(Bomb(0))).unwrap();
            });
            gone(1)
        },
        prints: "last\n",
        says: &["Exception in threadwork exit callback: a payload that is not a string"],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "what a spawn hook returns may panic with a payload that panics",
        main: || {
            add_spawn_hook(|_| || panic_any(Bomb(0)));
            let thread = Thread::new(|| ());
            thread.start().unwrap();
            thread.join().unwrap();
            gone(1)
        },
        says: &["Exception in threadwork spawn hook: a payload that is not a string"],
        panics: 2,
        ..ENDS_WELL
    },
    Program {
        claim: "a panic handler may panic with the payload or drop it, even if the payload panics",
        main: || {
            let goes_on = Thread::builder()
                .on_panic(|_, panic| std::panic::resume_unwind(panic.take_payload().unwrap()));
            goes_on.build(|| panic_any(Bomb(0))).run();
            set_excepthook(|_, panic| drop(panic.take_payload()));
            Thread::builder().build(|| panic_any(Bomb(0))).run();
            gone(1)
        },
        says: &[
            "Exception in threadwork excepthook: a payload that is not a string",
            "Exception in threadwork excepthook: by the drop",
        ],
        panics: 4,
        ..ENDS_WELL
    },
];

/// Starts a thread that panics, and joins it.
trait Run {
    fn run(self);
}

impl<T> Run for Thread<T> {
    fn run(self) {
        self.start().unwrap();
        self.join().unwrap_err();
    }
}
