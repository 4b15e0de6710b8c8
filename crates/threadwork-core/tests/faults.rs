//! The panics and failures that a process remembers. Each of these tests is a program of its own.
//! Scenario "the fault that outlives its thread" in docs/architecture.md.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_core::{
    Fault, Faults, Restart, Supervisor, Thread, ThreadGroup, ThreadState, Timer, faults, scope,
    set_excepthook, set_failure_handler,
};
use threadwork_sync::Lock;
use threadwork_test_support::program::Program;

/// More memory than any machine has: the operating system refuses to start such a thread.
const ABSURD_STACK_SIZE: usize = usize::MAX >> 4;

#[track_caller]
fn check(program: Program) {
    let ended = program.run();
    assert!(ended.status.success(), "{ended:#?}");
}

/// Runs a thread that fails with this message.
fn fail(name: &str, message: &str) {
    let message = message.to_owned();
    let thread = Thread::builder().name(name).build(move || Err::<(), _>(message.clone()));
    thread.start().unwrap();
    thread.join().unwrap_err();
}

fn names(faults: &Faults) -> Vec<&str> {
    faults.recent.iter().map(|it| &*it.name).collect()
}

#[test]
fn a_fault_says_who_ended_how_why_where_and_when() {
    check(Program::new(|| {
        assert_eq!(faults(), Faults::default());
        let before = Instant::now();
        let readers = ThreadGroup::new("shop").child("readers");
        let line = line!() + 1;
        let parser = readers.builder().name("parser").build(|| panic!("no number"));
        parser.start().unwrap();
        parser.join().unwrap_err();
        fail("loop", "no such file");
        let after = Instant::now();

        let faults = faults();
        assert_eq!((faults.panicked, faults.failed), (1, 1));
        let [failed, panicked] = &faults.recent[..] else { panic!("{faults:?}") };
        assert_eq!((&*panicked.name, Some(panicked.ident)), ("parser", parser.ident()));
        assert_eq!(panicked.group.as_deref(), Some("shop/readers"));
        assert_eq!(panicked.state, ThreadState::Panicked);
        assert_eq!(panicked.message, "no number");
        let place = panicked.place.as_ref().unwrap();
        assert_eq!((&*place.file, place.line), (file!(), line));
        assert_eq!(panicked.to_string(), "thread 'parser' panicked: no number");
        assert_eq!((&*failed.name, failed.state), ("loop", ThreadState::Failed));
        assert_eq!((&failed.group, &failed.place), (&None, &None));
        assert_eq!(failed.to_string(), "thread 'loop' failed: no such file");
        assert!(before <= panicked.at && panicked.at <= failed.at && failed.at <= after);
    }));
}

#[test]
fn a_good_end_is_no_fault() {
    check(Program::new(|| {
        for stops in [false, true] {
            let thread = Thread::new(move || {
                if stops {
                    threadwork_core::current_thread().request_stop();
                }
            });
            thread.start().unwrap();
            thread.join().unwrap();
        }
        let panics = || panic!("it is caught");
        let catches = Thread::new(move || _ = std::panic::catch_unwind(panics));
        catches.start().unwrap();
        catches.join().unwrap();
        assert_eq!(faults(), Faults::default());
    }));
}

#[test]
fn the_last_eight_are_kept_the_latest_first_and_all_are_counted() {
    check(Program::new(|| {
        (1..=20).for_each(|it| fail(&it.to_string(), "on purpose"));
        let faults = faults();
        assert_eq!((faults.panicked, faults.failed), (0, 20));
        assert_eq!(names(&faults), ["20", "19", "18", "17", "16", "15", "14", "13"]);
    }));
}

#[test]
fn long_texts_are_cut() {
    check(Program::new(|| {
        let (kept, long) = ("猫".repeat(500), "猫".repeat(501));
        let group = ThreadGroup::new(long.clone());
        let thread = group.builder().name(long.clone()).build(|| Err::<(), _>("猫".repeat(501)));
        thread.start().unwrap();
        thread.join().unwrap_err();
        fail(&kept, &kept);
        let [whole, cut] = &faults().recent[..] else { panic!("two threads have failed") };
        assert_eq!((&whole.name, &whole.message), (&kept, &kept));
        let kept = kept + "…";
        assert_eq!((&cut.name, &cut.message), (&kept, &kept));
        assert_eq!(cut.group, Some(kept));
    }));
}

#[test]
fn a_handler_finds_the_fault_that_it_is_called_for() {
    static SEEN: Lock<Vec<Fault>> = Lock::new(Vec::new());

    check(Program::new(|| {
        set_failure_handler(|_, _| SEEN.acquire().push(faults().recent[0].clone()));
        set_excepthook(|_, _| SEEN.acquire().push(faults().recent[0].clone()));
        fail("fails", "on purpose");
        let panics = Thread::builder().name("panics").build(|| panic!("on purpose"));
        panics.start().unwrap();
        panics.join().unwrap_err();
        let seen = SEEN.acquire();
        assert_eq!(seen.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["fails", "panics"]);
    }));
}

#[test]
fn scoped_threads_children_of_supervisors_and_runs_of_timers_have_faults() {
    check(Program::new(|| {
        scope(|scope| {
            let thread = scope.call(|| panic!("in a scope")).unwrap();
            thread.into_result().unwrap_err();
        });

        let runs = Arc::new(AtomicU32::new(0));
        let (count, brief) = (Arc::clone(&runs), Duration::from_millis(1));
        let reader = move || match count.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err("no such file"),
            _ => Ok(()),
        };
        let supervisor = Supervisor::new().child("reader", Restart::OnFailure, reader);
        let thread = Thread::builder().name("supervisor").build(supervisor);
        thread.start().unwrap();
        thread.join().unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 3);

        let timer = Thread::builder().name("alarm").timer_fallible(brief, || Err("no bell".into()));
        timer.start().unwrap();
        timer.join().unwrap_err();

        let faults = faults();
        assert_eq!((faults.panicked, faults.failed), (1, 3));
        assert_eq!(names(&faults)[..3], ["alarm", "reader", "reader"]);
        assert_eq!(faults.recent[1].group.as_deref(), Some("supervisor"));
        assert_ne!(faults.recent[1].ident, faults.recent[2].ident);
        assert_eq!(faults.recent[3].message, "in a scope");
    }));
}

#[test]
fn a_timer_whose_thread_is_refused_has_a_fault() {
    check(Program::new(|| {
        let builder = Thread::builder().name("alarm").stack_size(ABSURD_STACK_SIZE);
        let timer: Timer = builder.timer(Duration::from_millis(1), || ());
        timer.start().unwrap();
        timer.join().unwrap_err();
        let faults = faults();
        assert_eq!((faults.failed, names(&faults)), (1, vec!["alarm"]));
        let fault = &faults.recent[0];
        assert!(fault.message.starts_with("its thread was not started"), "{fault}");
        assert_eq!(Some(fault.ident), timer.ident());
    }));
}
