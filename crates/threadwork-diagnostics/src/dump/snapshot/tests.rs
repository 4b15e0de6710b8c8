//! Dumps of waits made by hand.

use std::time::Duration;

use threadwork_sync::Waiter;

use super::Snapshot;
use crate::{
    dump::{Dump, StateDump, ThreadDump, WaitDump},
    testing::{Maker, number},
};

/// The addresses that the thread waits for, in order.
fn addresses(thread: &ThreadDump) -> Vec<usize> {
    thread.waits_for.iter().chain(&thread.or_for).map(|it| it.address).collect()
}

#[test]
fn a_thread_that_waits_for_any_is_one_thread_with_all_that_it_waits_for() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[0]), (2, &[1, 0, 3]), (3, &[2])]);
    (waits[2].name, waits[2].address) = (Some("ready"), 0x70);
    // Tasks of the same thread are no choices, wherever they are listed.
    for place in [1, 3] {
        let mut task = waits[0].clone();
        (task.thread.ident, task.thread.waiter, task.address) = (number(2), Waiter::Task, 4711);
        waits.insert(place, task);
    }
    let expected = [waits[2].address, 0x70, waits[5].address];
    let at = waits[0].location;
    let snapshot = Snapshot::of(waits);
    let thread = snapshot.thread(number(2));
    assert_eq!(addresses(&thread), expected);
    assert_eq!(thread.seconds_in_state, Some(thread.or_for[1].seconds));
    assert_eq!(addresses(&snapshot.thread(number(1))).len(), 1);
    assert!(addresses(&snapshot.thread(number(4))).is_empty());

    let [one, three] = [1, 3].map(number);
    let what = format!(
        "the end of 'thread {one}', #{one}; event 'ready'; the end of 'thread {three}', #{three}"
    );
    assert_eq!(thread.waits_for_what(), Some(format!("any of: {what}")));
    let text = thread.to_string();
    assert!(text.ends_with(&format!("\n  waits for any of: {what}; at {at}")), "{text}");
    assert_eq!(snapshot.thread(number(4)).waits_for_what(), None);
}

#[test]
fn a_thread_is_described_on_one_line_that_says_each_fact_once() {
    let mut thread = Snapshot::of(Maker::new().any_of(&[(1, &[0])])).thread(number(1));
    (thread.name, thread.ident, thread.native_id) = ("loop".to_owned(), 7, Some(4711));
    (thread.age, thread.cpu, thread.waits_for) = (Some(3.0), Some(0.25), None);
    for (state, seconds, expected) in [
        (StateDump::Running, Some(3.0), "daemon: running for 3.000 s, cpu 0.250 s"),
        (StateDump::Running, Some(2.9996), "daemon: running for 3.000 s, cpu 0.250 s"),
        (StateDump::Waiting, Some(1.5), "daemon: waiting for 1.500 s, age 3.000 s, cpu 0.250 s"),
        (StateDump::WaitsElsewhere, None, "daemon: waits elsewhere, age 3.000 s, cpu 0.250 s"),
    ] {
        (thread.state, thread.seconds_in_state) = (state, seconds);
        assert_eq!(thread.to_string(), format!("'loop' #7 tid 4711 {expected}"));
    }
    thread.system_call = Some("epoll_wait".to_owned());
    let expected =
        "'loop' #7 tid 4711 daemon: waits elsewhere in epoll_wait, age 3.000 s, cpu 0.250 s";
    assert_eq!(thread.to_string(), expected);
    (thread.state, thread.daemon) = (StateDump::Started, false);
    (thread.age, thread.cpu, thread.system_call) = (None, None, None);
    assert_eq!(thread.to_string(), "'loop' #7 tid 4711: started");
}

#[test]
fn of_many_objects_the_first_are_named() {
    let maker = Maker::new();
    let snapshot = Snapshot::of(maker.any_of(&[(1, &[0; 100])]));
    let thread = snapshot.thread(number(1));
    assert_eq!(addresses(&thread).len(), 100);
    let what = thread.waits_for_what().unwrap();
    assert_eq!(what.matches("event at 0x").count(), 8, "{what}");
    assert!(what.ends_with("; and 92 more"), "{what}");
}

#[test]
fn a_task_is_listed_with_the_thread_that_polled_it_last() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[0]), (2, &[0])]);
    for it in &mut waits {
        it.thread.waiter = Waiter::Task;
        it.thread.native_id = None;
    }
    waits[1].since -= Duration::from_secs(3);
    // The first thread is also blocked itself.
    waits.insert(1, maker.any_of(&[(1, &[2])]).remove(0));
    let native_id = waits[1].thread.native_id;
    let at = waits[0].location;
    let snapshot = Snapshot::of(waits);
    assert_eq!(snapshot.names.native_id(number(1)), native_id, "a task does not say it");
    let tasks = snapshot.tasks();
    let idents: Vec<_> = tasks.iter().map(|it| it.polled_by_ident).collect();
    assert_eq!(
        idents,
        [2, 1].map(|it| number(it).get()),
        "the one that has waited longest is first"
    );
    let text = tasks[0].to_string();
    let first = format!("task, last polled by 'thread {0}' #{0}, waiting for ", number(2));
    assert!(text.starts_with(&first), "{text}");
    let address = tasks[0].waits_for.address;
    assert!(text.ends_with(&format!(" s\n  waits for event at {address:#x} at {at}")), "{text}");
}

#[test]
fn a_dump_of_an_older_program_can_be_read_and_a_newer_one_by_older_programs() {
    let maker = Maker::new();
    let dump = crate::dump::dump();
    let mut value = serde_json::to_value(&dump).unwrap();
    assert!(value["tasks"].as_array().is_some());
    for name in ["tasks", "own_threads"] {
        assert!(value.as_object_mut().unwrap().remove(name).is_some());
    }
    let older: Dump = serde_json::from_value(value).unwrap();
    assert!(older.tasks.is_empty() && older.own_threads.is_empty());

    let thread = Snapshot::of(maker.any_of(&[(1, &[0, 2])])).thread(number(1));
    let mut value = serde_json::to_value(&thread).unwrap();
    let again: ThreadDump = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(again.to_string(), thread.to_string());
    // An older program finds the first object where it looks for the only one.
    let first: WaitDump = serde_json::from_value(value["waits_for"].clone()).unwrap();
    assert_eq!(first.address, thread.waits_for.as_ref().unwrap().address);
    for name in ["or_for", "system_call"] {
        assert!(value.as_object_mut().unwrap().remove(name).is_some());
    }
    let older: ThreadDump = serde_json::from_value(value).unwrap();
    assert!(older.or_for.is_empty() && older.system_call.is_none());
}
