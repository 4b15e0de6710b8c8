//! The handle to a supervisor: what it tells, and what it changes. How it waits, and which run it reaches, is in `supervisor_runs`.

use std::sync::atomic::{AtomicU32, Ordering};

use threadwork_core::{
    AutoShutdown, ChildSpec, ChildState, Outcome, Restart, Supervisor, SupervisorError,
    SupervisorHandle, Thread, current_thread, sleep,
};
use threadwork_sync::Event;

use crate::{
    supervisor::{LONG, Log, patient, start, stop},
    support::{PATIENCE, eventually, join, run},
};

/// Serves until it is stopped.
pub(crate) fn serve() {
    let _ = sleep(LONG);
}

pub(crate) fn staying() -> Supervisor {
    patient().auto_shutdown(AutoShutdown::Never)
}

#[track_caller]
pub(crate) fn wait_for(handle: &SupervisorHandle, name: &str, state: ChildState) {
    let is_there = handle.wait_for_timeout(PATIENCE, |children| {
        children.iter().any(|it| it.name() == name && it.state() == state)
    });
    assert_eq!(is_there, Ok(()), "{name} is not {state:?}: {handle:?}");
}

fn states(handle: &SupervisorHandle) -> Vec<(String, ChildState)> {
    handle.children().iter().map(|it| (it.name().to_owned(), it.state())).collect()
}

#[test]
fn a_handle_lists_the_children_with_their_states_threads_restarts_and_faults() {
    let log = Log::default();
    let child = |ends: fn(usize)| {
        let log = log.clone();
        move || {
            log.push(current_thread().name());
            ends(log.lines().iter().filter(|it| **it == current_thread().name()).count());
        }
    };
    let supervisor = patient()
        .child("serves", Restart::Always, child(|_| serve()))
        .child(
            "fails twice",
            Restart::OnFailure,
            child(|n| if n > 2 { serve() } else { panic!("no {n}") }),
        )
        .child("once", Restart::Never, child(|_| ()))
        .add_child(ChildSpec::new("starts", child(|_| serve())).tells_when_ready());
    let handle = supervisor.handle();
    let new =
        ["serves", "fails twice", "once", "starts"].map(|it| (it.to_owned(), ChildState::Waiting));
    assert_eq!(states(&handle), new);
    assert!(handle.thread().is_none());
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    wait_for(&handle, "starts", ChildState::Starting);
    wait_for(&handle, "once", ChildState::Ended);
    handle
        .wait_for_timeout(PATIENCE, |it| {
            it[1].restarts() == 2 && it[1].state() == ChildState::Running
        })
        .unwrap();
    let [serves, fails, once, _] = handle.children().try_into().unwrap();
    assert_eq!((serves.state(), serves.restarts()), (ChildState::Running, 0));
    assert!(serves.thread().unwrap().is_alive() && serves.last_fault().is_none());
    assert!(matches!(fails.last_fault(), Some(Outcome::Panicked(it)) if it.message() == "no 2"));
    assert!(once.thread().is_none() && once.last_fault().is_none());
    assert_eq!(once.spec().restarts_when(), Restart::Never);
    assert_eq!(handle.thread().as_ref(), Some(thread.handle()));
    stop(&thread);
    assert!(handle.children().iter().all(|it| it.state() == ChildState::Ended));
    assert!(handle.thread().is_none());
}

#[test]
fn a_child_can_be_added_stopped_restarted_and_removed() {
    let supervisor = staying();
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.add_child(ChildSpec::new("child", serve)).unwrap();
    wait_for(&handle, "child", ChildState::Running);
    let first = handle.child("child").unwrap().thread().unwrap().clone();

    handle.stop_child("child").unwrap();
    wait_for(&handle, "child", ChildState::Ended);
    assert_eq!(first.outcome(), Some(Outcome::Stopped));

    handle.restart_child("child").unwrap();
    wait_for(&handle, "child", ChildState::Running);
    let second = handle.child("child").unwrap().thread().unwrap().clone();
    handle.restart_child("child").unwrap();
    handle
        .wait_for_timeout(PATIENCE, |it| {
            it[0].thread().is_some_and(|it| *it != second) && it[0].state() == ChildState::Running
        })
        .unwrap();
    assert_eq!(second.outcome(), Some(Outcome::Stopped));
    assert_eq!(handle.child("child").unwrap().restarts(), 0, "these restarts were asked for");

    handle.remove_child("child").unwrap();
    assert!(handle.child("child").is_none());
    handle.wait_for_timeout(PATIENCE, <[_]>::is_empty).unwrap();
    stop(&thread);
}

#[test]
fn restarts_that_are_asked_for_do_not_count_as_too_many() {
    let supervisor = Supervisor::new().at_most(0, LONG).child("child", Restart::Always, serve);
    let handle = supervisor.handle();
    let thread = start(supervisor);
    for _ in 0..3 {
        handle.wait_ready_timeout(PATIENCE).unwrap();
        handle.restart_child("child").unwrap();
    }
    handle.wait_ready_timeout(PATIENCE).unwrap();
    stop(&thread);
}

#[test]
fn a_restart_that_is_asked_for_does_not_wait_for_the_end_of_the_pause() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let supervisor = Supervisor::new().backoff(LONG, LONG).child("child", Restart::OnPanic, || {
        assert!(RUNS.fetch_add(1, Ordering::SeqCst) > 0, "on purpose");
    });
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_for_timeout(PATIENCE, |it| it[0].restarts() == 1).unwrap();
    handle.restart_child("child").unwrap();
    join(&thread).unwrap();
    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
}

#[test]
fn a_child_that_waits_for_its_restart_can_be_stopped_or_removed() {
    for order in [SupervisorHandle::stop_child, SupervisorHandle::remove_child] {
        let supervisor =
            Supervisor::new()
                .backoff(LONG, LONG)
                .child("child", Restart::OnPanic, || panic!("on purpose"));
        let handle = supervisor.handle();
        let thread = start(supervisor);
        handle.wait_for_timeout(PATIENCE, |it| it[0].restarts() == 1).unwrap();
        order(&handle, "child").unwrap();
        join(&thread).expect("no child is left");
    }
}

#[test]
fn orders_that_cannot_be_carried_out_are_errors_that_say_why() {
    let supervisor = staying().child("child", Restart::Always, serve);
    let handle = supervisor.handle();
    let thread = Thread::new(supervisor);
    // The same before it runs, while it runs, and for its clones.
    for _ in 0..2 {
        let no_such_child = Err(SupervisorError::NoSuchChild("other".to_owned()));
        assert_eq!(handle.stop_child("other"), no_such_child);
        assert_eq!(handle.restart_child("other"), no_such_child);
        assert_eq!(handle.remove_child("other"), no_such_child);
        let taken = Err(SupervisorError::NameTaken("child".to_owned()));
        assert_eq!(handle.add_child(ChildSpec::new("child", serve)), taken);
        let _ = thread.start();
        handle.wait_ready_timeout(PATIENCE).unwrap();
    }
    stop(&thread);
    assert_eq!(handle.add_child(ChildSpec::new("new", serve)), Err(SupervisorError::Ended));
    for order in [
        SupervisorHandle::stop_child,
        SupervisorHandle::restart_child,
        SupervisorHandle::remove_child,
    ] {
        assert_eq!(order(&handle, "child"), Err(SupervisorError::Ended));
    }
}

#[test]
fn a_supervisor_that_stops_its_children_takes_no_orders() {
    static GATE: Event = Event::new();
    let supervisor = staying().child("slow", Restart::Always, || GATE.wait());
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_ready_timeout(PATIENCE).unwrap();
    thread.request_stop();
    wait_for(&handle, "slow", ChildState::Stopping);
    assert_eq!(handle.restart_child("slow"), Err(SupervisorError::Ended));
    assert!(!handle.is_ready());
    GATE.set();
    stop(&thread);
}

#[test]
fn the_name_of_a_removed_child_is_free_at_once() {
    static GATE: Event = Event::new();
    let supervisor = staying().child("child", Restart::Always, || GATE.wait());
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_ready_timeout(PATIENCE).unwrap();
    handle.remove_child("child").unwrap();
    handle.add_child(ChildSpec::new("child", serve)).unwrap();
    wait_for(&handle, "child", ChildState::Running);
    assert_eq!(handle.child("child").unwrap().state(), ChildState::Running);
    assert_eq!(handle.children().len(), 2, "the removed one is still stopping");
    handle.stop_child("child").unwrap();
    wait_for(&handle, "child", ChildState::Ended);
    GATE.set();
    handle.wait_for_timeout(PATIENCE, |it| it.len() == 1).unwrap();
    stop(&thread);
}

#[test]
fn a_removed_child_that_is_slow_leaves_the_list_although_the_supervisor_is_stopped() {
    static GATE: Event = Event::new();
    let supervisor = staying().child("slow", Restart::Always, || GATE.wait());
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_ready_timeout(PATIENCE).unwrap();
    let slow = handle.child("slow").unwrap().thread().unwrap().clone();
    handle.remove_child("slow").unwrap();
    eventually("the order is not read", || slow.stop_requested().then_some(()));
    thread.request_stop();
    eventually("the supervisor does not begin to end", || {
        (handle.remove_child("other") == Err(SupervisorError::Ended)).then_some(())
    });
    GATE.set();
    stop(&thread);
    assert!(handle.children().is_empty());
}

#[test]
fn orders_before_the_run_are_carried_out_when_it_begins() {
    let log = Log::default();
    let child = |name: &str| {
        let log = log.clone();
        ChildSpec::new(name, move || log.push(current_thread().name()))
    };
    let supervisor = patient().add_child(child("removed"));
    let handle = supervisor.handle();
    handle.add_child(child("added")).unwrap();
    handle.remove_child("removed").unwrap();
    let supervisor = supervisor.add_child(child("last"));
    let listed = [("removed", true), ("last", false), ("added", false)];
    assert_eq!(states(&handle).len(), listed.len());
    for (name, is_removed) in listed {
        assert_eq!(handle.child(name).is_none(), is_removed, "{name}");
    }
    run(&Thread::new(supervisor)).unwrap();
    let mut lines = log.lines();
    lines.sort_unstable();
    assert_eq!(lines, ["added", "last"]);
}

#[test]
fn a_child_that_was_added_and_is_never_restarted_leaves_the_list_when_it_has_ended() {
    let supervisor = staying().child("given", Restart::Never, || ());
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.add_child(ChildSpec::new("added", || ()).restart(Restart::Never)).unwrap();
    handle.add_child(ChildSpec::new("restarted", || ())).unwrap();
    wait_for(&handle, "restarted", ChildState::Ended);
    handle.wait_for_timeout(PATIENCE, |it| it.len() == 2).unwrap();
    assert!(handle.child("given").is_some());
    stop(&thread);
}

#[test]
fn a_child_can_stop_itself_through_a_handle_and_is_not_restarted() {
    let supervisor = staying();
    let handle = supervisor.handle();
    let thread = start(supervisor);
    let of_child = handle.clone();
    let child = move || {
        of_child.stop_child("child").unwrap();
        assert!(sleep(LONG).is_err());
    };
    handle.add_child(ChildSpec::new("child", child).restart(Restart::Always)).unwrap();
    wait_for(&handle, "child", ChildState::Ended);
    assert_eq!(handle.child("child").unwrap().restarts(), 0);
    stop(&thread);
}
