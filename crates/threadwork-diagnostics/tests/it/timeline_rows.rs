//! The rows of a timeline's page in a browser: groups of runs, filter, order, folded rows.

use std::{
    io::stdout,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use threadwork_core::{Restart, Runnable, Supervisor, Thread, sleep};
use threadwork_diagnostics::{Recording, Timeline, TimelineLayer, Watchdog};
use threadwork_sync::{Event, waits};
use tracing_subscriber::layer::SubscriberExt;

use crate::{
    browser::{Look, browser},
    program::Program,
};

/// Leaves the findings about the page in `report`.
const SCRIPT: &str = include_str!("timeline_rows.js");

/// A watchdog, a supervisor whose child panics twice and then does its work, a thread that waits from then on, and two that come one after the other.
fn restarts() -> Recording {
    static BELL: Event = Event::new().named("bell");
    static RUNS: AtomicU32 = AtomicU32::new(0);

    let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let timeline = Timeline::start().unwrap();
    let _guard = Watchdog::new().interval(Duration::from_millis(1)).start().unwrap();
    let nap = || sleep(Duration::from_millis(10)).expect("nobody says stop");
    let supervisor = Supervisor::new().child("fetcher", Restart::OnPanic, move || {
        nap();
        assert!(RUNS.fetch_add(1, Ordering::Relaxed) >= 2, "no mail");
    });
    let supervisor = Thread::builder().name("supervisor").build(move || {
        // A span between a life and what it starts.
        tracing::info_span!("mail").in_scope(|| Runnable::run(&mut supervisor.clone()));
    });
    supervisor.start().unwrap();
    supervisor.join().unwrap();
    let watcher = Thread::builder().daemon(true).name("watcher").build(|| BELL.wait());
    watcher.start().unwrap();
    while !waits().iter().any(|it| it.name == Some("bell")) {
        std::thread::yield_now();
    }
    for name in ["sorter 2", "sorter 10"] {
        let sorter = Thread::builder().name(name).build(nap);
        sorter.start().unwrap();
        sorter.join().unwrap();
    }
    timeline.stop()
}

/// The threads of the page with this name, in order of their numbers; `by` is the name of the starter, and `of` tells whether the thread
/// is a run of the first one.
fn threads_named(page: &str, name: &str) -> Vec<Value> {
    let (_, rest) = page.split_once("id=\"data\">").expect("there are data");
    let (data, _) = rest.split_once("</script>").expect("they have an end");
    let data: Value = serde_json::from_str(data).expect("they are JSON");
    let threads = data["threads"].as_array().expect("a list");
    let first = json!(threads.iter().position(|it| it["name"] == name));
    let named = threads.iter().filter(|it| it["name"] == name).cloned();
    let told = named.map(|mut it| {
        let by = it["starter"].as_u64().and_then(|place| usize::try_from(place).ok());
        it["by"] = json!(by.map(|place| &threads[place]["name"]));
        it["of"] = json!(it["run"][0] == first);
        it
    });
    told.collect()
}

#[test]
fn the_page_knows_the_runs_of_a_child_and_who_started_them() {
    let program = Program::new(|| restarts().write_html(stdout()).unwrap());
    let page = program.run().stdout;
    let fetchers = threads_named(&page, "fetcher");
    for (number, it) in (1..).zip(&fetchers) {
        assert_eq!((&it["by"], &it["of"]), (&json!("supervisor"), &json!(true)), "{it:#}");
        assert_eq!(it["run"][1], number, "{it:#}");
        let ends = [("panicked", json!("no mail")), ("finished", Value::Null)];
        let (outcome, reason) = &ends[usize::from(number == 3)];
        assert_eq!((&it["outcome"], &it["reason"]), (&json!(outcome), reason), "{it:#}");
    }
    assert_eq!(fetchers.len(), 3);
    let watchers = threads_named(&page, "watcher");
    assert_eq!((&watchers[0]["run"], &watchers[0]["starter"]), (&Value::Null, &Value::Null));
}

#[test]
fn rows_are_grouped_filtered_sorted_and_folded() {
    let program = Program::new(|| restarts().write_html(stdout()).unwrap());
    let page = program.run().stdout;
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    let Some(browser) = browser() else { return };
    for look in [Look { width: 1400, is_dark: false }, Look { width: 480, is_dark: true }] {
        let report = browser.report(&page, SCRIPT, look);
        assert_eq!(report["faults"], Value::Array(Vec::new()), "{look:?}: {report:#}");
    }
}
