//! Looks at waits made by hand.

use std::{num::NonZeroU64, time::Duration};

use threadwork_core::main_thread;
use threadwork_sync::{WaitKind, Waiter, Waiting};

use super::{Seen, Sighting, Watchdog};
use crate::{
    dump::{Snapshot, ThreadDump},
    testing::{Maker, number},
};

const LIMIT: Duration = Duration::from_secs(10);

fn long_ago(mut waits: Vec<Waiting>) -> Vec<Waiting> {
    waits.iter_mut().for_each(|it| it.since -= 2 * LIMIT);
    waits
}

#[test]
fn a_thread_that_waits_for_any_is_reported_once_and_never_for_its_tasks() {
    let mut waits = long_ago(Maker::new().any_of(&[(1, &[0, 2, 0]), (2, &[1]), (3, &[0])]));
    waits[4].thread.waiter = Waiter::Task;
    let snapshot = Snapshot::of(waits);
    let mut seen = Seen::default();
    let threads = seen.fresh_waits(&snapshot, LIMIT);
    let idents: Vec<_> = threads.iter().map(|it| it.ident).collect();
    assert_eq!(idents, [1, 2].map(|it| NonZeroU64::get(number(it))));
    assert!(seen.fresh_waits(&snapshot, LIMIT).is_empty());
}

#[test]
fn a_task_is_reported_once_whichever_thread_polls_it() {
    let maker = Maker::new();
    let mut task = long_ago(maker.any_of(&[(1, &[0])])).remove(0);
    task.thread.waiter = Waiter::Task;
    let mut seen = Seen::default();
    let mut look = |waits: &[Waiting]| seen.fresh_tasks(&Snapshot::of(waits.to_vec()), LIMIT);
    let mut recent = task.clone();
    recent.since += LIMIT + Duration::from_secs(1);
    let found = look(&[task.clone(), recent]);
    assert_eq!(found.len(), 1);
    let text = Sighting::TaskWaitsLong(found[0].clone()).to_string();
    let first = format!(
        "a task has been waiting for a long time:\n  task, last polled by 'thread {}'",
        number(1)
    );
    assert!(text.starts_with(&first), "{text}");
    task.thread.ident = number(2);
    assert!(look(&[task.clone()]).is_empty());
    // The same task waits again.
    task.since += Duration::from_secs(1);
    assert_eq!(look(&[task.clone()]).len(), 1);
    // Another task waits for another object since the same moment.
    let mut other = task.clone();
    other.address += 8;
    assert_eq!(look(&[task, other]).len(), 1);
}

/// A thread that waits for an event, and no daemon.
fn waits() -> ThreadDump {
    let mut thread = Snapshot::of(Maker::new().any_of(&[(1, &[0])])).thread(number(1));
    thread.daemon = false;
    thread
}

/// Whether waits and runs of the thread are left out.
fn leaves_out(watchdog: &Watchdog, thread: &ThreadDump) -> (bool, bool) {
    let [waits, runs] = [Sighting::WaitsLong, Sighting::RunsLong].map(|it| it(thread.clone()));
    (watchdog.left_out.has(&waits), watchdog.left_out.has(&runs))
}

#[test]
fn each_exception_leaves_out_its_threads_and_no_others() {
    let plain = waits();
    let (mut main, mut daemon, mut sleeper) = (plain.clone(), plain.clone(), plain.clone());
    let (mut listener, mut worker) = (plain.clone(), plain.clone());
    main.ident = main_thread().ident().unwrap().get();
    daemon.daemon = true;
    sleeper.waits_for.as_mut().unwrap().kind = format!("{:?}", WaitKind::Sleep);
    listener.name = "listener".to_owned();
    worker.name = "pool/worker-1".to_owned();
    let threads = [&plain, &main, &daemon, &sleeper, &listener, &worker];

    let new = Watchdog::new;
    let is_worker = |it: &ThreadDump| it.name.starts_with("pool/");
    let all = new().except_main().except_daemons().except_sleeps().except_named("listener");
    let (none, both, waits) = ((false, false), (true, true), (true, false));
    for (watchdog, expected) in [
        (new(), [none; 6]),
        (new().except_main(), [none, both, none, none, none, none]),
        (new().except_daemons(), [none, none, both, none, none, none]),
        (new().except_sleeps(), [none, none, none, waits, none, none]),
        (new().except_named("listener"), [none, none, none, none, both, none]),
        (new().except(is_worker), [none, none, none, none, none, both]),
        (all.except(is_worker), [none, both, both, waits, both, both]),
    ] {
        assert_eq!(threads.map(|it| leaves_out(&watchdog, it)), expected, "{watchdog:?}");
    }
}

#[test]
fn deadlocks_and_tasks_are_never_left_out() {
    let maker = Maker::new();
    let mut wait = maker.any_of(&[(1, &[0])]).remove(0);
    wait.thread.waiter = Waiter::Task;
    let task = Snapshot::of(vec![wait.clone()]).task(&wait);
    let deadlock = serde_json::from_value(serde_json::json!({ "edges": [] })).unwrap();
    let watchdog = Watchdog::new().except_daemons().except(|_| true);
    for sighting in [Sighting::TaskWaitsLong(task), Sighting::Deadlock(deadlock)] {
        assert!(!watchdog.left_out.has(&sighting), "{sighting}");
    }
}

#[test]
fn a_sighting_as_json_has_these_names_and_can_be_read_back() {
    let thread = waits();
    let of_thread = serde_json::to_value(&thread).unwrap();
    for (sighting, name) in [
        (Sighting::WaitsLong(thread.clone()), "WaitsLong"),
        (Sighting::RunsLong(thread), "RunsLong"),
    ] {
        let value = serde_json::to_value(&sighting).unwrap();
        assert_eq!(value, serde_json::json!({ name: of_thread }));
        let again: Sighting = serde_json::from_value(value).unwrap();
        assert_eq!(again.to_string(), sighting.to_string());
    }
}
