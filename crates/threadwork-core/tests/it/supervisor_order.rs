//! The order in which a supervisor starts and restarts its children, and when it ends by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    AutoShutdown, ChildSpec, ChildState, JoinError, Outcome, Restart, Strategy, Supervisor,
    SupervisorError, Thread, current_thread, notify_ready, sleep,
};
use threadwork_sync::{Event, Lock};

use crate::{
    supervisor::{LONG, Log, gives_up, patient, start, stop},
    support::{PATIENCE, join, run},
};

/// A child that logs its name and serves until it is stopped.
fn serving(log: &Log, name: &str) -> ChildSpec {
    let log = log.clone();
    ChildSpec::new(name, move || {
        log.push(format!("{} runs", current_thread().name()));
        sleep(LONG).unwrap_err();
        log.push(format!("{} is stopped", current_thread().name()));
    })
}

/// A child that fails once when the gate is open, and then serves.
fn failing_once(log: &Log, name: &str, gate: &Arc<Event>) -> ChildSpec {
    let (log, gate) = (log.clone(), Arc::clone(gate));
    let has_failed = Arc::new(Event::new());
    ChildSpec::new(name, move || {
        log.push(format!("{} runs", current_thread().name()));
        if !has_failed.is_set() {
            gate.wait();
            has_failed.set();
            return Err("on purpose");
        }
        let _ = sleep(LONG);
        Ok(())
    })
}

#[test]
fn rest_for_one_restarts_the_child_and_those_after_it() {
    let (log, gate) = (Log::default(), Arc::new(Event::new()));
    let supervisor = patient()
        .strategy(Strategy::RestForOne)
        .stop_in_order()
        .add_child(serving(&log, "before"))
        .add_child(failing_once(&log, "failing", &gate))
        .add_child(serving(&log, "once").restart(Restart::Never))
        .add_child(ChildSpec::new("done", || ()))
        .add_child(serving(&log, "after"));
    let handle = supervisor.handle();
    let thread = start(supervisor);
    log.wait_for(4);
    handle.wait_for_timeout(PATIENCE, |it| it[3].state() == ChildState::Ended).unwrap();
    gate.set();
    log.wait_for(8);
    let mut started = log.lines()[..4].to_vec();
    started.sort_unstable();
    assert_eq!(started, ["after runs", "before runs", "failing runs", "once runs"]);
    assert_eq!(log.lines()[4..6], ["after is stopped", "once is stopped"]);
    let mut again = log.lines()[6..].to_vec();
    again.sort_unstable();
    assert_eq!(again, ["after runs", "failing runs"]);
    stop(&thread);
    assert_eq!(log.lines()[8..], ["after is stopped", "before is stopped"]);
}

#[test]
fn children_are_restarted_together_only_when_all_have_ended() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let (log, gate, slow) = (Log::default(), Arc::new(Event::new()), Arc::new(Event::new()));
        let is_slow = {
            let (log, slow) = (log.clone(), Arc::clone(&slow));
            ChildSpec::new("slow", move || {
                log.push("slow runs");
                sleep(LONG).unwrap_err();
                slow.wait();
                log.push("slow ends");
            })
        };
        let supervisor = patient()
            .strategy(strategy)
            .add_child(failing_once(&log, "failing", &gate))
            .add_child(is_slow);
        let handle = supervisor.handle();
        let thread = start(supervisor);
        log.wait_for(2);
        gate.set();
        handle.wait_for_timeout(PATIENCE, |it| it[1].state() == ChildState::Stopping).unwrap();
        assert_eq!(handle.child("failing").unwrap().state(), ChildState::Waiting);
        slow.set();
        log.wait_for(5);
        assert_eq!(log.lines()[2], "slow ends", "{strategy:?}");
        stop(&thread);
    }
}

#[test]
fn children_after_one_that_tells_when_it_is_ready_are_started_when_it_is() {
    static GATE: Event = Event::new();
    let log = Log::default();
    let server = {
        let log = log.clone();
        ChildSpec::new("server", move || {
            log.push("server runs");
            GATE.wait();
            log.push("server is ready");
            notify_ready();
            let _ = sleep(LONG);
        })
    };
    let supervisor =
        patient().add_child(server.tells_when_ready()).add_child(serving(&log, "client"));
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_for_timeout(PATIENCE, |it| it[0].state() == ChildState::Starting).unwrap();
    assert_eq!(handle.child("client").unwrap().state(), ChildState::Waiting);
    assert_eq!(handle.wait_ready_timeout(Duration::ZERO), Err(SupervisorError::TimedOut));
    assert!(!handle.is_ready());
    GATE.set();
    handle.wait_ready_timeout(PATIENCE).unwrap();
    assert!(handle.is_ready());
    log.wait_for(3);
    assert_eq!(log.lines(), ["server runs", "server is ready", "client runs"]);
    stop(&thread);
}

#[test]
fn a_child_that_ends_before_it_is_ready_is_restarted_before_the_next_is_started() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let log = Log::default();
    let server = {
        let log = log.clone();
        ChildSpec::new("server", move || {
            log.push("server");
            if RUNS.fetch_add(1, Ordering::SeqCst) < 2 {
                return Err("no port");
            }
            notify_ready();
            let _ = sleep(LONG);
            Ok(())
        })
    };
    let supervisor = Supervisor::new()
        .backoff(Duration::from_millis(1), Duration::from_millis(1))
        .add_child(server.tells_when_ready())
        .add_child(serving(&log, "client"));
    let thread = start(supervisor);
    log.wait_for(4);
    assert_eq!(log.lines(), ["server", "server", "server", "client runs"]);
    stop(&thread);
}

#[test]
fn a_child_that_has_ended_for_good_before_it_was_ready_is_not_waited_for() {
    let log = Log::default();
    let supervisor = patient()
        .add_child(ChildSpec::new("never ready", || ()).tells_when_ready())
        .add_child(serving(&log, "next"));
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_ready_timeout(PATIENCE).unwrap();
    log.wait_for(1);
    stop(&thread);
}

#[test]
fn one_for_one_restarts_a_child_although_another_is_not_ready() {
    let (log, gate) = (Log::default(), Arc::new(Event::new()));
    let server = serving(&log, "server").tells_when_ready();
    let told = {
        let gate = Arc::clone(&gate);
        let first = Arc::new(Event::new());
        ChildSpec::new("tells once", move || {
            if !first.is_set() {
                first.set();
                notify_ready();
                gate.wait();
                panic!("on purpose");
            }
            let _ = sleep(LONG);
        })
    };
    // The first child is not ready any more when the second one is restarted.
    let supervisor = patient()
        .add_child(told.tells_when_ready())
        .add_child(failing_once(&log, "failing", &gate))
        .add_child(server);
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_for_timeout(PATIENCE, |it| it[2].state() == ChildState::Starting).unwrap();
    gate.set();
    handle
        .wait_for_timeout(PATIENCE, |it| {
            it[0].state() == ChildState::Starting
                && it[1].restarts() == 1
                && it[1].state() == ChildState::Running
        })
        .unwrap();
    stop(&thread);
}

#[test]
fn a_supervisor_below_is_ready_when_its_children_are() {
    static GATE: Event = Event::new();
    let log = Log::default();
    let leaf = ChildSpec::new("leaf", || {
        GATE.wait();
        notify_ready();
        let _ = sleep(LONG);
    });
    let inner = patient().add_child(leaf.tells_when_ready());
    let supervisor = patient()
        .add_child(ChildSpec::new("inner", inner).tells_when_ready())
        .add_child(serving(&log, "next"));
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_for_timeout(PATIENCE, |it| it[0].state() == ChildState::Starting).unwrap();
    assert_eq!(handle.child("next").unwrap().state(), ChildState::Waiting);
    GATE.set();
    handle.wait_ready_timeout(PATIENCE).unwrap();
    stop(&thread);
}

#[test]
fn nobody_minds_who_is_ready_outside_of_a_supervisor() {
    notify_ready();
    run(&Thread::new(notify_ready)).unwrap();
}

#[test]
fn groups_of_supervisors_are_nested_as_they_are() {
    static SEEN: Lock<Option<String>> = Lock::new(None);
    let leaf = || *SEEN.acquire() = current_thread().group().map(|it| it.name().to_owned());
    let inner = patient().child("leaf", Restart::Never, leaf);
    let outer = patient().child("inner", Restart::Never, inner);
    run(&Thread::builder().name("outer").build(outer)).unwrap();
    assert_eq!(SEEN.acquire().as_deref(), Some("outer/inner"));
}

/// Runs a supervisor with this end, a child that serves, and significant children that end when their gates are open.
/// Returns it when the first of them has ended, with what the child that serves does then, and the gate of the second.
#[track_caller]
fn with_significant(end: AutoShutdown) -> (Thread<Supervisor>, ChildState, Arc<Event>, Log) {
    let (log, gates) = (Log::default(), [(); 2].map(|()| Arc::new(Event::new())));
    let [first, second] = gates.clone().map(|gate| move || gate.wait());
    let supervisor = patient()
        .auto_shutdown(end)
        .add_child(serving(&log, "other"))
        .add_child(ChildSpec::new("first", first).significant())
        .add_child(ChildSpec::new("second", second).restart(Restart::Never).significant());
    let handle = supervisor.handle();
    let thread = start(supervisor);
    log.wait_for(1);
    gates[0].set();
    handle.wait_for_timeout(PATIENCE, |it| it[1].state() == ChildState::Ended).unwrap();
    // The list is of one moment: if the supervisor ends with the first one, it already stops the others.
    let other = handle.child("other").unwrap().state();
    let [_, second] = gates;
    (thread, other, second, log)
}

#[test]
fn a_supervisor_can_end_with_any_significant_child() {
    let (thread, other, second, log) = with_significant(AutoShutdown::AnySignificant);
    assert_ne!(other, ChildState::Running);
    second.set();
    join(&thread).unwrap();
    assert_eq!(thread.outcome(), Some(Outcome::Finished));
    assert_eq!(log.lines(), ["other runs", "other is stopped"]);
}

#[test]
fn a_supervisor_can_end_with_the_last_significant_child() {
    let (thread, other, second, log) = with_significant(AutoShutdown::AllSignificant);
    assert_eq!(other, ChildState::Running);
    second.set();
    join(&thread).unwrap();
    assert_eq!(thread.outcome(), Some(Outcome::Finished));
    assert_eq!(log.lines(), ["other runs", "other is stopped"]);
}

#[test]
fn significant_children_do_not_matter_by_default() {
    let (thread, other, second, log) = with_significant(AutoShutdown::AllEnded);
    assert_eq!(other, ChildState::Running);
    second.set();
    assert!(matches!(thread.join_timeout(Duration::from_millis(5)), Err(JoinError::TimedOut)));
    stop(&thread);
    assert_eq!(log.lines(), ["other runs", "other is stopped"]);
}

#[test]
fn a_significant_child_that_is_restarted_or_was_stopped_through_a_handle_ends_no_supervisor() {
    let (log, gate) = (Log::default(), Arc::new(Event::new()));
    gate.set();
    let supervisor = patient()
        .auto_shutdown(AutoShutdown::AnySignificant)
        .add_child(failing_once(&log, "failing", &gate).significant())
        .add_child(serving(&log, "stopped").significant());
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_for_timeout(PATIENCE, |it| it[0].restarts() == 1).unwrap();
    handle.stop_child("stopped").unwrap();
    handle.wait_for_timeout(PATIENCE, |it| it[1].state() == ChildState::Ended).unwrap();
    handle.wait_ready_timeout(PATIENCE).expect("it runs");
    assert!(thread.is_alive());
    stop(&thread);
}

#[test]
fn a_supervisor_that_never_ends_by_itself_waits_without_children() {
    let thread = start(patient().auto_shutdown(AutoShutdown::Never));
    assert!(matches!(thread.join_timeout(Duration::from_millis(5)), Err(JoinError::TimedOut)));
    stop(&thread);
}

#[test]
fn a_supervisor_that_gives_up_tells_how_its_children_have_ended() {
    let log = Log::default();
    let supervisor = patient().at_most(1, LONG).add_child(serving(&log, "beside")).child(
        "hopeless",
        Restart::OnFailure,
        || Err::<(), _>("no disk"),
    );
    let handle = supervisor.handle();
    gives_up(supervisor, "hopeless");
    assert_eq!(handle.wait_ready(), Err(SupervisorError::Ended));
    let hopeless = handle.child("hopeless").unwrap();
    assert_eq!((hopeless.state(), hopeless.restarts()), (ChildState::Ended, 1));
    assert!(
        matches!(hopeless.last_fault(), Some(Outcome::Failed(it)) if it.message() == "no disk")
    );
}
