//! What a dump tells of threads that have panicked or failed.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use serde_json::Value;
use threadwork_core::{Restart, Supervisor, Thread};
use threadwork_diagnostics::{Dump, dump};

use crate::program::Program;

#[test]
fn a_dump_lists_the_threads_that_have_panicked_or_failed() {
    let line = line!() + 3;
    let program = Program::new(|| {
        println!("{}", serde_json::to_string(&dump()).unwrap());
        let panics = Thread::builder().name("parser").build(|| panic!("no number\nin line 7"));
        panics.start().unwrap();
        panics.join().unwrap_err();
        println!("{}", serde_json::to_string(&dump()).unwrap());
        println!("{}", panics.ident().unwrap());
    });
    let ended = program.run();
    let [before, after, ident] = ended.lines()[..] else { panic!("{ended:#?}") };
    let before: Dump = serde_json::from_str(before).unwrap();
    assert!(before.faults.recent.is_empty() && !before.to_string().contains("recent faults"));

    let value: Value = serde_json::from_str(after).unwrap();
    let faults = value["faults"].as_object().unwrap();
    assert_eq!(faults.keys().collect::<Vec<_>>(), ["failed", "panicked", "recent"]);
    let keys: Vec<_> = faults["recent"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["group", "ident", "location", "message", "name", "outcome", "seconds_ago"]);

    let dump: Dump = serde_json::from_str(after).unwrap();
    assert_eq!((dump.faults.panicked, dump.faults.failed), (1, 0));
    let fault = &dump.faults.recent[0];
    assert_eq!((&*fault.name, fault.ident.to_string()), ("parser", ident.to_owned()));
    assert_eq!((&*fault.outcome, &*fault.message), ("panicked", "no number\nin line 7"));
    let location = fault.location.as_ref().unwrap();
    assert!(location.starts_with(&format!("{}:{line}:", file!())), "{location}");
    assert!((0.0..3600.0).contains(&fault.seconds_ago), "{fault}");
    let text = dump.to_string();
    assert!(text.contains("\nrecent faults (so far 1 panic)\n  'parser' #"), "{text}");
    assert!(text.contains(&format!(r" s ago: no number\nin line 7 ({location})")), "{text}");
}

#[test]
fn a_dump_shows_why_a_supervisor_has_restarted_its_child() {
    let program = Program::new(|| {
        let runs = Arc::new(AtomicU32::new(0));
        let reader = move || match runs.fetch_add(1, Ordering::Relaxed) {
            0 => Err("no such file"),
            _ => Ok(()),
        };
        let supervisor = Supervisor::new().child("reader", Restart::OnFailure, reader);
        let thread = Thread::builder().name("shop").build(supervisor);
        thread.start().unwrap();
        thread.join().unwrap();
        let text = dump().to_string();
        println!("{}", text.lines().find(|it| it.contains("'reader'")).unwrap());
    });
    let ended = program.run();
    let [reader] = ended.lines()[..] else { panic!("{ended:#?}") };
    assert!(reader.starts_with("  'reader' #") && reader.ends_with(" s ago: no such file"));
    assert!(reader.contains(" in group 'shop' failed "), "{reader}");
}
