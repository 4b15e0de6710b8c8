//! The events of supervisors.

use std::time::Duration;

use threadwork_core::{
    ChildSpec, JoinError, Restart, Supervisor, Thread, ThreadHandle, enumerate,
    events::{RESTARTED, SLOW_TO_STOP, TARGET},
    sleep,
};
use threadwork_sync::{Event, Latch};
use tracing::Level;

use crate::{
    PATIENCE,
    capture::{Fields, Seen, capture},
    fields, run,
};

const LONG: Duration = Duration::from_secs(3600);

fn milliseconds(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Returns the events of this name that a supervisor has emitted.
fn told(supervisor: &ThreadHandle, name: &str) -> Vec<Seen> {
    let mut events = capture().events_of(supervisor);
    events.retain(|it| it.name == name);
    assert!(events.iter().all(|it| (it.target, it.level) == (TARGET, Level::WARN)));
    events
}

fn restarts(supervisor: &ThreadHandle) -> Vec<Fields> {
    told(supervisor, RESTARTED).into_iter().map(|it| it.fields).collect()
}

#[test]
fn names_of_supervisor_events_are_the_documented_ones() {
    assert_eq!([RESTARTED, SLOW_TO_STOP], ["thread.restarted", "thread.slow_to_stop"]);
}

#[test]
fn each_restart_emits_an_event_with_reason_number_and_pause() {
    let supervisor = Supervisor::new()
        .at_most(5, LONG)
        .backoff(milliseconds(1), milliseconds(5))
        .child("fails", Restart::OnPanic, || panic!("on purpose"));
    let thread = Thread::new(supervisor);
    run(&thread).unwrap_err();
    let expected = ["0.001", "0.002", "0.004", "0.005", "0.005"].into_iter().zip(1..);
    let expected = expected.map(|(delay, count)| {
        let message = "thread is started again".to_owned();
        let [name, reason] = ["fails".to_owned(), "on purpose".to_owned()];
        let numbers = [("restarts", count.to_string()), ("delay", delay.to_owned())];
        let [restarts, delay] = numbers;
        fields([("name", name), ("reason", reason), restarts, delay, ("message", message)])
    });
    assert_eq!(restarts(&thread), expected.collect::<Vec<_>>());
}

#[test]
fn the_pauses_of_one_child_do_not_grow_with_the_failures_of_another() {
    let supervisor = Supervisor::new()
        .at_most(4, LONG)
        .backoff(milliseconds(1), LONG)
        .child("one", Restart::Always, || ())
        .child("other", Restart::OnPanic, || panic!("on purpose"));
    let thread = Thread::new(supervisor);
    run(&thread).unwrap_err();
    for (name, reason) in [("one", "it has returned"), ("other", "on purpose")] {
        let of_name = restarts(&thread).into_iter().filter(|it| it["name"] == name);
        let mut delays = Vec::new();
        for restart in of_name {
            assert_eq!(restart["reason"], reason);
            delays.push(restart["delay"].clone());
        }
        let expected = ["0.001", "0.002", "0.004", "0.008"];
        assert_eq!(delays, expected[..delays.len()], "{name}");
    }
}

#[test]
fn after_a_run_longer_than_the_period_a_child_gets_the_first_pause_again() {
    let supervisor = Supervisor::new()
        .at_most(1, Duration::ZERO)
        .backoff(milliseconds(1), LONG)
        .child("fails", Restart::OnPanic, || panic!("on purpose"));
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    crate::eventually(|| restarts(&thread).len() >= 4);
    thread.request_stop();
    thread.join_timeout(PATIENCE).unwrap();
    let restarts = restarts(&thread);
    assert!(restarts.iter().all(|it| it["delay"] == "0.001" && it["restarts"] == "1"));
}

#[test]
fn the_longest_possible_pause_is_accepted() {
    let supervisor = Supervisor::new().backoff(Duration::MAX, Duration::MAX).child(
        "fails",
        Restart::OnPanic,
        || panic!("on purpose"),
    );
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    crate::eventually(|| !restarts(&thread).is_empty());
    thread.request_stop();
    thread.join_timeout(PATIENCE).unwrap();
    assert_eq!(restarts(&thread).len(), 1);
}

#[test]
fn a_child_that_is_slow_to_stop_emits_one_event_and_is_waited_for() {
    static RUNS: Event = Event::new();
    static GATE: Event = Event::new();
    static QUICK: Event = Event::new();
    let supervisor = Supervisor::new()
        .slow_after(Duration::ZERO)
        .child("slow", Restart::Always, || {
            RUNS.set();
            GATE.wait();
        })
        .child("quick", Restart::Never, || QUICK.set());
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    RUNS.wait();
    QUICK.wait();
    crate::eventually(|| enumerate().iter().all(|it| it.name() != "quick"));
    let slow = enumerate().into_iter().find(|it| it.name() == "slow").unwrap();
    thread.request_stop();
    crate::eventually(|| !told(&thread, SLOW_TO_STOP).is_empty());
    assert!(matches!(thread.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    GATE.set();
    thread.join_timeout(PATIENCE).unwrap();
    let [told] = told(&thread, SLOW_TO_STOP).try_into().expect("one");
    let ident = slow.ident().unwrap().to_string();
    let message = "thread is slow to stop".to_owned();
    assert_eq!(
        told.fields,
        fields([("name", "slow".into()), ("ident", ident), ("message", message)])
    );
    assert!(restarts(&thread).is_empty());
}

#[test]
fn a_child_can_have_its_own_time_until_it_is_reported_as_slow() {
    static RUN: Latch = Latch::new(2);
    static GATE: Event = Event::new();
    let child = ChildSpec::new("has time", || {
        RUN.count_down(1).unwrap();
        GATE.wait();
    });
    let supervisor = Supervisor::new()
        .slow_after(LONG)
        .add_child(child.clone())
        .add_child(child.named("has no time").slow_after(Duration::ZERO));
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    RUN.wait();
    thread.request_stop();
    crate::eventually(|| !told(&thread, SLOW_TO_STOP).is_empty());
    GATE.set();
    thread.join_timeout(PATIENCE).unwrap();
    let told = told(&thread, SLOW_TO_STOP);
    assert_eq!(told.iter().map(|it| &it.fields["name"]).collect::<Vec<_>>(), ["has no time"]);
}

#[test]
fn a_subscriber_that_panics_does_not_harm_a_supervisor_or_leave_children_behind() {
    static GATE: Event = Event::new();
    let supervisor = Supervisor::new()
        .at_most(2, LONG)
        .backoff(Duration::ZERO, Duration::ZERO)
        .slow_after(Duration::ZERO)
        .child("beside it", Restart::Always, || _ = sleep(LONG))
        .child("panics on event", Restart::OnPanic, || panic!("on purpose"));
    let thread = Thread::new(supervisor);
    let Err(JoinError::Failed(failure)) = run(&thread) else { panic!("it ends") };
    assert!(failure.message().starts_with("supervisor gives up after 2 restarts"), "{failure}");
    assert_eq!(restarts(&thread).len(), 2);
    assert!(enumerate().iter().all(|it| it.name() != "beside it"));

    let supervisor = Supervisor::new()
        .slow_after(Duration::ZERO)
        .child("beside it", Restart::Always, || _ = sleep(LONG))
        .child("panics on event too", Restart::Always, || GATE.wait());
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    crate::eventually(|| enumerate().iter().any(|it| it.name() == "panics on event too"));
    thread.request_stop();
    crate::eventually(|| !told(&thread, SLOW_TO_STOP).is_empty());
    GATE.set();
    thread.join_timeout(PATIENCE).unwrap();
    assert!(enumerate().iter().all(|it| it.name() != "beside it"));
}
