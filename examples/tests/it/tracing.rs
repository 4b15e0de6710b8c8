//! A whole set-up of `tracing`.

use std::process::Command;

use serde_json::Value;

use crate::{
    child::{Ended, run},
    example::{check_line, example},
};

/// Runs the example, and returns the events in its JSON.
#[track_caller]
fn events(filter: &str) -> (Ended, Vec<Value>) {
    let ended = run(Command::new(example("tracing")).env("RUST_LOG", filter).env("TZ", "UTC"));
    let lines = ended.stderr.lines();
    let events = lines.map(|it| serde_json::from_str(it).unwrap_or_else(|_| panic!("{ended:#?}")));
    let events = events.collect();
    (ended, events)
}

#[test]
fn the_lines_the_json_and_the_layer_hear_of_the_same_threads() {
    let (ended, events) = events("info");
    let lines = ended.lines();
    assert_eq!(lines.len(), 7, "{ended:#?}");
    let parts = ["starting parser", "parser finished", "starting parser"];
    for (line, part) in lines.iter().zip(parts) {
        check_line(line, &format!("{part} at: "));
    }
    assert!(lines[3].ends_with(": invalid digit found in string"), "{ended:#?}");
    assert_eq!(lines[6], r#"{"failed": 1, "finished": 2}"#);

    let messages: Vec<_> = events.iter().map(|it| it["fields"]["message"].as_str()).collect();
    let whole = ["thread started", "parsed", "thread finished"].map(Some);
    assert_eq!(messages[..3], whole);
    assert_eq!(messages[3..5], ["thread started", "thread failed"].map(Some));
    assert_eq!(messages[5..], whole);
    for event in &events {
        let spans: Vec<_> = event["spans"].as_array().expect("it has spans").iter().collect();
        assert_eq!(spans[0]["name"], "request", "{event}");
        assert_eq!(spans[1]["thread"], "parser", "{event}");
    }
}

#[test]
fn the_filter_is_for_the_json_alone() {
    let (ended, more) = events("debug");
    assert_eq!((ended.lines().len(), more.len()), (7, 11), "{ended:#?}");
    let (ended, less) = events("warn");
    assert_eq!((ended.lines().len(), less.len()), (7, 1), "{ended:#?}");
}
