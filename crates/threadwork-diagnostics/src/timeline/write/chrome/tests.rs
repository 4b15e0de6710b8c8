//! The trace, read back.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use threadwork_sync::WaitKind;

use super::write;
use crate::timeline::{
    event::Ended,
    recording::Recording,
    testing::{elsewhere, join, named, recording, row, slice, span_with, wait, wake},
};

/// Reads the whole trace, and checks what must hold for every trace.
#[track_caller]
fn read(recording: &Recording) -> Value {
    let mut text = Vec::new();
    write(recording, &mut text).unwrap();
    let trace: Value = serde_json::from_slice(&text).expect("it is JSON");
    let mut last: BTreeMap<u64, f64> = BTreeMap::new();
    let mut ends: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut flows: BTreeMap<u64, Vec<(&str, f64)>> = BTreeMap::new();
    for event in events(&trace) {
        let phase = event["ph"].as_str().expect("each event has a phase");
        let tid = event["tid"].as_u64().expect("each event has a thread");
        let is_own = recording.own.contains(&tid) || is_about_own(event);
        assert_eq!(event["pid"], if is_own { super::OWN } else { 1 }, "{event}");
        assert!(event["name"].is_string(), "{event}");
        if phase == "M" {
            assert!(last.is_empty(), "names come first");
            continue;
        }
        let time = event["ts"].as_f64().expect("each event has a time");
        let before = last.insert(tid, time).unwrap_or(0.);
        assert!(time >= before, "{event} is before {before}");
        // The slices around this event: an arrow needs a slice at each end.
        let around = ends.entry(tid).or_default();
        around.retain(|end| *end > time);
        match phase {
            "X" => {
                let end = time + event["dur"].as_f64().expect("a slice has a length");
                assert!(
                    around.iter().all(|it| *it >= end - 0.0005),
                    "{event} is not in {around:?}"
                );
                around.push(end);
            }
            "B" => around.push(f64::INFINITY),
            "s" | "f" => {
                assert!(!around.is_empty(), "{event} is in no slice");
                let id = event["id"].as_u64().expect("an arrow has a number");
                flows.entry(id).or_default().push((if phase == "s" { "s" } else { "f" }, time));
                assert_eq!(event["bp"], if phase == "f" { json!("e") } else { Value::Null });
            }
            "i" => assert_eq!(event["s"], "t"),
            other => panic!("an event of the phase {other}"),
        }
    }
    for (id, mut flow) in flows {
        flow.sort_unstable_by(|a, b| b.0.cmp(a.0));
        let [("s", leaves), ("f", arrives)] = flow[..] else { panic!("arrow {id}: {flow:?}") };
        assert!(leaves <= arrives, "arrow {id} goes back in time");
    }
    trace
}

/// Whether the event names or places the process of the library's own threads.
fn is_about_own(event: &Value) -> bool {
    event["name"] == "process_sort_index"
        || event["args"]["name"].as_str().is_some_and(|it| it.ends_with("own threads"))
}

fn events(trace: &Value) -> impl Iterator<Item = &Value> {
    trace["traceEvents"].as_array().expect("there is a list").iter()
}

/// The events of a phase.
fn of<'a>(trace: &'a Value, phase: &str) -> Vec<&'a Value> {
    events(trace).filter(|it| it["ph"] == phase).collect()
}

#[test]
fn every_thread_is_a_track_with_its_name() {
    let names = ["plain", "<b>\"&'", "nought\0line\nbreak", "📚", &"long ".repeat(1_000)];
    let rows = (1..).zip(names).map(|(ident, name)| row(ident, name, vec![])).collect();
    let trace = read(&recording(rows));
    let tracks: Vec<_> =
        of(&trace, "M").into_iter().filter(|it| it["name"] == "thread_name").collect();
    assert_eq!(tracks.len(), names.len());
    for ((ident, name), track) in (1_u64..).zip(names).zip(tracks) {
        assert_eq!((&track["tid"], &track["args"]["name"]), (&json!(ident), &json!(name)));
    }
}

#[test]
fn waits_and_spans_are_slices_in_the_life_of_their_thread() {
    let lock = named(WaitKind::Lock, "orders");
    let work = span_with(Some("order = 17"));
    let trace =
        read(&recording(vec![row(7, "a", vec![slice(200, 450, lock), slice(100, 500, work)])]));
    let slices = of(&trace, "X");
    let [life, work, lock] = slices[..] else { panic!("{slices:?}") };
    assert_eq!((&life["name"], &life["args"]["outcome"]), (&json!("life"), &json!("finished")));
    assert_eq!((&work["name"], &work["args"]["fields"]), (&json!("work"), &json!("order = 17")));
    assert_eq!((&lock["name"], &lock["cat"]), (&json!("lock orders"), &json!("wait")));
    assert_eq!((&lock["ts"], &lock["dur"]), (&json!(0.2), &json!(0.25)));
    let location = lock["args"]["location"].as_str().unwrap();
    assert!(location.contains("chrome/tests.rs:"), "{location}");
}

#[test]
fn an_arrow_leads_from_the_wake_up_to_the_rest_of_the_wait() {
    let waking = row(1, "a", vec![slice(100, 110, wake(5, 1))]);
    let waiting = row(2, "b", vec![slice(50, 120, wait(WaitKind::Event, 5))]);
    let trace = read(&recording(vec![waking, waiting]));
    let [starts, finishes] = ["s", "f"].map(|it| of(&trace, it));
    assert_eq!((starts.len(), finishes.len()), (1, 1));
    assert_eq!((&starts[0]["tid"], &finishes[0]["tid"]), (&json!(1), &json!(2)));
    assert_eq!(starts[0]["id"], finishes[0]["id"]);
    let rest = of(&trace, "X").into_iter().find(|it| it["name"] == "wakes up").expect("the rest");
    assert_eq!(
        (&rest["ts"], &rest["dur"], &rest["args"]["by"]),
        (&json!(0.1), &json!(0.02), &json!("a"))
    );
}

#[test]
fn an_arrow_leads_from_the_end_of_a_life_to_the_join() {
    let mut joining = row(1, "a", vec![slice(500, 1_010, join(2))]);
    joining.until = Some(1_010);
    let trace = read(&recording(vec![joining, row(2, "b", vec![])]));
    assert_eq!(of(&trace, "s")[0]["tid"], 2);
    let joins = of(&trace, "X").into_iter().filter(|it| it["name"] == "join b").count();
    assert_eq!(joins, 1, "it is named for the thread");
}

#[test]
fn a_slice_that_is_not_over_has_a_beginning_and_no_end() {
    let mut alive = row(1, "a", vec![slice(500, 2_000, wait(WaitKind::Event, 5))]);
    (alive.until, alive.ended, alive.slices[0].is_open) = (None, None, true);
    let trace = read(&recording(vec![alive]));
    let names: Vec<_> = of(&trace, "B").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["life", "event"]);
    assert!(of(&trace, "X").is_empty());
}

#[test]
fn a_panic_or_failure_is_a_point_at_the_end_of_the_life() {
    for (outcome, key) in [("panicked", "panic"), ("failed", "failure")] {
        let mut row = row(1, "a", vec![]);
        let reason = Some("out of \"paper\"".to_owned());
        row.ended = Some(Ended { at: 1_000, outcome: outcome.to_owned(), reason });
        let trace = read(&recording(vec![row]));
        let points = of(&trace, "i");
        assert_eq!(points.len(), 1);
        assert_eq!(points[0]["name"], format!("{outcome}: out of \"paper\""));
        assert_eq!(points[0]["ts"], 1.);
        let args = &of(&trace, "X")[0]["args"];
        assert_eq!(*args, json!({"outcome": outcome, key: "out of \"paper\""}));
    }
}

#[test]
fn the_trace_tells_how_much_was_dropped() {
    let mut recording = recording(vec![row(1, "a", vec![])]);
    recording.rows[0].n_dropped = 3;
    recording.n_left_out = 2;
    let trace = read(&recording);
    assert_eq!(trace["otherData"]["events not kept"], 3);
    assert_eq!(trace["otherData"]["threads left out"], 2);
    assert_eq!(of(&trace, "X")[0]["args"]["events not kept"], 3);
}

#[test]
fn an_empty_recording_is_a_valid_trace() {
    let trace = read(&recording(vec![]));
    assert_eq!(events(&trace).count(), 1);
}

#[test]
fn a_wait_elsewhere_is_a_slice_with_its_system_call() {
    let slices = vec![slice(200, 450, elsewhere(Some("read"))), slice(500, 600, elsewhere(None))];
    let trace = read(&recording(vec![row(7, "a", slices)]));
    let slices = of(&trace, "X");
    let [_, known, unknown] = slices[..] else { panic!("{slices:?}") };
    let told = |it: &Value| (it["name"].clone(), it["cat"].clone(), it["args"].clone());
    let expected =
        (json!("waits elsewhere in read"), json!("wait elsewhere"), json!({"system call": "read"}));
    assert_eq!(told(known), expected);
    assert_eq!(told(unknown), (json!("waits elsewhere"), json!("wait elsewhere"), json!({})));
    assert_eq!((&known["ts"], &known["dur"]), (&json!(0.2), &json!(0.25)));
}

#[test]
fn the_librarys_own_threads_are_a_process_of_their_own() {
    let mut recording = recording(vec![row(1, "a", vec![]), row(5, "timers", vec![])]);
    recording.own.insert(5);
    let trace = read(&recording);
    let names: Vec<_> =
        of(&trace, "M").into_iter().filter(|it| it["name"] == "process_name").collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[1]["args"]["name"], "test: the library's own threads");
    let lives: Vec<_> = of(&trace, "X").iter().map(|it| it["pid"].clone()).collect();
    assert_eq!(lives, [json!(1), json!(super::OWN)]);
}
