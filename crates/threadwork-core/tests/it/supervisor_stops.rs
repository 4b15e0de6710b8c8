//! How a supervisor stops its children, and that it leaves none behind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    JoinError, Outcome, Prototype, Restart, Runnable, Supervisor, Thread, ThreadGroup,
    current_stop_token, current_thread, enumerate, sleep, stop_requested,
};
use threadwork_sync::{Event, Lock, StopCallback};

use crate::{
    supervisor::{LONG, Log, patient, start, stop},
    support::{blocked, eventually, join, run},
};

/// A child that logs when it runs and, after a moment, when it was stopped.
fn steady(log: &Log) -> impl Prototype + Clone + use<> {
    let log = log.clone();
    move || {
        let name = current_thread().name();
        log.push(format!("{name} runs"));
        sleep(LONG).unwrap_err();
        (0..10).for_each(|_| std::thread::yield_now());
        log.push(format!("{name} ends"));
    }
}

#[test]
fn a_supervisor_that_is_stopped_stops_its_children_the_last_first_and_waits_for_each() {
    let log = Log::default();
    let mut supervisor = patient();
    for name in ["a", "b", "c"] {
        supervisor = supervisor.child(name, Restart::Always, steady(&log));
    }
    let thread = start(supervisor);
    log.wait_for(3);
    stop(&thread);
    assert_eq!(log.lines()[3..], ["c ends", "b ends", "a ends"]);
}

#[test]
fn a_supervisor_that_gives_up_stops_the_other_children_first() {
    let log = Log::default();
    let failing = {
        let log = log.clone();
        move || {
            log.wait_for(2);
            panic!("on purpose");
        }
    };
    let supervisor = patient()
        .at_most(0, LONG)
        .child("a", Restart::Always, steady(&log))
        .child("failing", Restart::OnPanic, failing)
        .child("b", Restart::Always, steady(&log));
    let thread = Thread::new(supervisor);
    assert!(matches!(run(&thread), Err(JoinError::Panicked(_))));
    assert_eq!(log.lines()[2..], ["b ends", "a ends"]);
}

#[test]
fn a_stop_ends_the_pause_before_a_restart() {
    let log = Log::default();
    let child = {
        let log = log.clone();
        move || {
            log.push("runs");
            panic!("on purpose");
        }
    };
    let thread = start(Supervisor::new().backoff(LONG, LONG).child(
        "fails before the pause",
        Restart::OnPanic,
        child,
    ));
    log.wait_for(1);
    eventually("the child does not fail", || {
        enumerate().iter().all(|it| it.name() != "fails before the pause").then_some(())
    });
    blocked(&thread);
    stop(&thread);
    assert_eq!(log.lines(), ["runs"]);
}

#[test]
fn a_supervisor_stopped_before_its_start_starts_no_child() {
    let log = Log::default();
    let thread = Thread::new(patient().child("never", Restart::Always, steady(&log)));
    thread.request_stop();
    run(&thread).unwrap();
    assert!(log.lines().is_empty());
}

#[test]
fn a_stop_of_a_supervisor_stops_those_below() {
    let log = Log::default();
    let inner = patient().child("leaf", Restart::Always, steady(&log));
    let thread = start(patient().child("inner", Restart::Always, inner));
    log.wait_for(1);
    stop(&thread);
    assert_eq!(log.lines(), ["leaf runs", "leaf ends"]);
}

#[test]
fn after_a_stop_of_the_group_no_child_is_restarted() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let (group, done) = (ThreadGroup::new("supervised"), Arc::new(Event::new()));
    // This callback is called first, and delays the stop of the supervisor.
    let waits = Arc::clone(&done);
    let _slow = StopCallback::new(&group.stop_token(), move || waits.wait());
    let supervisor = patient().at_most(0, LONG).child("polls", Restart::Always, || {
        RUNS.fetch_add(1, Ordering::SeqCst);
        while !stop_requested() {
            std::thread::yield_now();
        }
    });
    let thread = group.builder().build(supervisor);
    thread.start().unwrap();
    eventually("the child does not run", || (RUNS.load(Ordering::SeqCst) > 0).then_some(()));
    let stopped = group.clone();
    let stopper = Thread::new(move || _ = stopped.request_stop());
    stopper.start().unwrap();
    let ended = join(&thread);
    done.set();
    join(&stopper).unwrap();
    ended.expect("the supervisor does not give up");
    assert!(matches!(thread.outcome(), Some(Outcome::Stopped)));
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

/// Checks that no child of this name is alive.
#[track_caller]
fn check_none_left(name: &str) {
    assert!(enumerate().iter().all(|it| it.name() != name), "{name} is left behind");
}

#[test]
fn a_prototype_that_cannot_be_cloned_leaves_no_child_behind() {
    struct NoClone;
    impl Clone for NoClone {
        fn clone(&self) -> NoClone {
            panic!("no clone");
        }
    }
    impl Runnable for NoClone {}

    let log = Log::default();
    let supervisor = patient().child("beside no clone", Restart::Always, steady(&log)).child(
        "no clone",
        Restart::Always,
        NoClone,
    );
    let Err(JoinError::Panicked(panic)) = run(&Thread::new(supervisor)) else { panic!("it ends") };
    assert_eq!(panic.message(), "no clone");
    check_none_left("beside no clone");
    assert_eq!(log.lines(), ["beside no clone runs", "beside no clone ends"]);
}

/// Panics when run; its copies panic when dropped.
struct PanicsInItsDrop(bool);

impl Clone for PanicsInItsDrop {
    fn clone(&self) -> Self {
        PanicsInItsDrop(true)
    }
}

impl Runnable for PanicsInItsDrop {
    fn run(&mut self) {
        panic!("in the run");
    }
}

impl Drop for PanicsInItsDrop {
    fn drop(&mut self) {
        assert!(!self.0, "in the drop");
    }
}

#[test]
fn a_copy_that_panics_in_its_drop_leaves_no_child_behind() {
    let log = Log::default();
    let supervisor = patient().child("beside a bad drop", Restart::Always, steady(&log)).child(
        "bad drop",
        Restart::OnPanic,
        PanicsInItsDrop(false),
    );
    let Err(JoinError::Panicked(panic)) = run(&Thread::new(supervisor)) else { panic!("it ends") };
    assert_eq!(panic.message(), "in the drop");
    check_none_left("beside a bad drop");
}

#[test]
fn copies_that_panic_in_their_drops_do_not_hide_why_a_supervisor_gives_up() {
    let supervisor = patient()
        .at_most(0, LONG)
        .child("failing", Restart::OnPanic, || panic!("on purpose"))
        .child("bad drop", Restart::Never, PanicsInItsDropLater(false));
    let Err(JoinError::Panicked(panic)) = run(&Thread::new(supervisor)) else { panic!("it ends") };
    let message = panic.message();
    assert!(message.starts_with("supervisor gives up after 0 restarts"), "{message}");
}

/// Waits for its stop; its copies panic when dropped.
struct PanicsInItsDropLater(bool);

impl Clone for PanicsInItsDropLater {
    fn clone(&self) -> Self {
        PanicsInItsDropLater(true)
    }
}

impl Runnable for PanicsInItsDropLater {
    fn run(&mut self) {
        sleep(LONG).unwrap_err();
    }
}

impl Drop for PanicsInItsDropLater {
    fn drop(&mut self) {
        assert!(!self.0, "in the drop");
    }
}

#[test]
fn a_stop_callback_that_panics_leaves_no_child_behind() {
    let log = Log::default();
    let bad = {
        let log = log.clone();
        move || {
            let _bad = StopCallback::new(&current_stop_token(), || panic!("the callback"));
            log.push("runs");
            sleep(LONG).unwrap_err();
        }
    };
    let supervisor = patient().child("beside a bad callback", Restart::Always, steady(&log)).child(
        "bad callback",
        Restart::Always,
        bad,
    );
    let thread = start(supervisor);
    log.wait_for(2);
    stop(&thread);
    check_none_left("beside a bad callback");
}

#[test]
fn a_child_that_takes_long_is_waited_for() {
    static GATE: Event = Event::new();
    static ENDED: Lock<bool> = Lock::new(false);
    let log = Log::default();
    let slow = {
        let log = log.clone();
        move || {
            log.push("runs");
            GATE.wait();
            *ENDED.acquire() = true;
        }
    };
    let supervisor = patient().slow_after(Duration::ZERO).child("slow", Restart::Always, slow);
    let thread = start(supervisor);
    log.wait_for(1);
    thread.request_stop();
    let late = thread.join_timeout(Duration::from_millis(5));
    assert!(matches!(late, Err(JoinError::TimedOut)));
    GATE.set();
    stop(&thread);
    assert!(*ENDED.acquire());
}
