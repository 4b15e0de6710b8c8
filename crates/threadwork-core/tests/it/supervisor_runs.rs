//! How handles wait for a supervisor, and which of its runs they reach.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    ChildSpec, ChildState, Outcome, Restart, Strategy, Supervisor, SupervisorError, Thread,
};
use threadwork_sync::{Event, StopSource, Wait};

use crate::{
    supervisor::{LONG, Log, patient, start, stop},
    supervisor_handle::{serve, staying, wait_for},
    support::{PATIENCE, blocked, eventually, in_time, join, run},
};

#[test]
fn the_panic_handler_of_a_child_can_wait_for_its_supervisor() {
    let supervisor = staying().child("beside", Restart::Always, serve);
    let handle = supervisor.handle();
    let thread = Thread::builder().name("supervisor with a handler").build(supervisor);
    thread.start().unwrap();
    handle.wait_ready_timeout(PATIENCE).unwrap();
    let done = Arc::new(Event::new());
    let (of_handler, says) = (handle.clone(), Arc::clone(&done));
    let group = handle.child("beside").unwrap().thread().unwrap().group().unwrap();
    group.set_panic_handler(move |_, _| {
        of_handler.stop_child("beside").unwrap();
        wait_for(&of_handler, "beside", ChildState::Ended);
        says.set();
    });
    handle
        .add_child(ChildSpec::new("panics", || panic!("on purpose")).restart(Restart::Never))
        .unwrap();
    done.wait_timeout(PATIENCE).expect("the supervisor is free to carry out the order");
    stop(&thread);
}

#[test]
fn a_handle_reaches_a_supervisor_that_its_own_supervisor_has_restarted() {
    let log = Log::default();
    let leaf = {
        let log = log.clone();
        move || {
            log.push("runs");
            assert!(log.lines().len() > 1, "on purpose");
            serve();
        }
    };
    let inner = Supervisor::new().at_most(0, LONG).child("leaf", Restart::OnPanic, leaf);
    let handle = inner.handle();
    let thread = start(patient().child("inner", Restart::OnFailure, inner));
    eventually("the leaf does not run again", || {
        (handle.child("leaf")?.state() == ChildState::Running && log.lines().len() == 2)
            .then_some(())
    });
    handle.wait_ready_timeout(PATIENCE).unwrap();
    handle.add_child(ChildSpec::new("other", serve)).unwrap();
    wait_for(&handle, "other", ChildState::Running);
    let other = handle.child("other").unwrap().thread().unwrap().clone();
    stop(&thread);
    assert_eq!(other.outcome(), Some(Outcome::Stopped));
}

#[test]
fn clones_share_the_handle_but_not_their_children() {
    let supervisor = staying();
    let handle = supervisor.handle();
    let clone = supervisor.clone().child("child", Restart::Always, serve);
    let thread = start(clone);
    wait_for(&handle, "child", ChildState::Running);
    assert_eq!(format!("{supervisor:?}"), "Supervisor { children: [], strategy: OneForOne, .. }");
    stop(&thread);
}

#[test]
fn waits_for_a_supervisor_end_by_time_by_a_stop_and_with_it() {
    let supervisor = staying().child("child", Restart::Always, serve);
    let handle = supervisor.handle();
    assert_eq!(handle.wait_ready_timeout(Duration::from_millis(1)), Err(SupervisorError::TimedOut));
    let stopped = StopSource::new();
    stopped.request_stop();
    let wait = Wait::forever().or_stop(&stopped.token());
    assert_eq!(handle.wait_ready_with(&wait), Err(SupervisorError::Stopped));
    assert_eq!(handle.wait_for_with(&wait, |_| false), Err(SupervisorError::Stopped));
    assert_eq!(handle.wait_for_with(&wait, |_| true), Ok(()));

    let thread = start(supervisor);
    handle.wait_ready_timeout(PATIENCE).unwrap();
    let waiting = {
        let handle = handle.clone();
        Thread::new(move || assert_eq!(handle.wait_for(|_| false), Err(SupervisorError::Ended)))
    };
    waiting.start().unwrap();
    blocked(&waiting);
    stop(&thread);
    join(&waiting).unwrap();
    assert_eq!(handle.wait_ready(), Err(SupervisorError::Ended), "it was stopped");
}

#[test]
fn a_supervisor_whose_children_have_all_ended_was_ready() {
    let supervisor = patient().child("child", Restart::Never, || ());
    let handle = supervisor.handle();
    run(&Thread::new(supervisor)).unwrap();
    assert!(!handle.is_ready());
    assert_eq!(in_time(move || handle.wait_ready()), Ok(()));
}

#[test]
fn an_order_is_carried_out_although_all_children_have_ended() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let supervisor = patient();
    let handle = supervisor.handle();
    let child = ChildSpec::new("last", move || {
        let n = RUNS.fetch_add(1, Ordering::SeqCst) + 1;
        if n < 100 {
            // When this child has ended, there is no other but the one that it has added.
            let next = ChildSpec::new("next", || _ = RUNS.fetch_add(1, Ordering::SeqCst));
            handle.add_child(next.restart(Restart::Never)).unwrap();
        }
    });
    run(&Thread::new(supervisor.add_child(child))).unwrap();
    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
}

#[test]
fn a_supervisor_strategy_does_not_restart_children_that_were_stopped_through_a_handle() {
    static FAIL: Event = Event::new();
    let failing = || {
        FAIL.wait();
        FAIL.clear();
        panic!("on purpose");
    };
    let supervisor = staying()
        .strategy(Strategy::OneForAll)
        .child("stopped", Restart::Always, serve)
        .child("failing", Restart::OnPanic, failing);
    let handle = supervisor.handle();
    let thread = start(supervisor);
    handle.wait_ready_timeout(PATIENCE).unwrap();
    handle.stop_child("stopped").unwrap();
    wait_for(&handle, "stopped", ChildState::Ended);
    FAIL.set();
    handle
        .wait_for_timeout(PATIENCE, |it| {
            it[1].restarts() == 1 && it[1].state() == ChildState::Running
        })
        .unwrap();
    assert_eq!(handle.child("stopped").unwrap().state(), ChildState::Ended);
    FAIL.set();
    stop(&thread);
}

#[test]
fn debug_of_a_handle_shows_the_children_and_their_states() {
    let handle = staying().child("a", Restart::Never, || ()).handle();
    assert_eq!(
        format!("{handle:?}"),
        r#"SupervisorHandle { runs: false, children: [("a", Waiting)] }"#
    );
}
