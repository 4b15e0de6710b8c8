//! The text of faults made by hand.

use crate::dump::{FaultDump, FaultsDump};

fn failed(name: &str, message: &str) -> FaultDump {
    FaultDump {
        name: name.to_owned(),
        ident: 7,
        group: None,
        outcome: "failed".to_owned(),
        seconds_ago: 3.24,
        message: message.to_owned(),
        location: None,
    }
}

#[test]
fn a_fault_is_one_line() {
    let mut fault = failed("loop", "no such file");
    assert_eq!(fault.to_string(), "'loop' #7 failed 3.2 s ago: no such file");
    fault.group = Some("shop/readers".to_owned());
    assert_eq!(
        fault.to_string(),
        "'loop' #7 in group 'shop/readers' failed 3.2 s ago: no such file"
    );
    fault = failed("two\nlines", "left: 1\nright: \u{1b}[31m2");
    fault.outcome = "panicked".to_owned();
    fault.location = Some("src/parser.rs:7:5".to_owned());
    let expected =
        r"'two\nlines' #7 panicked 3.2 s ago: left: 1\nright: \u{1b}[31m2 (src/parser.rs:7:5)";
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn the_faults_stand_below_the_threads_with_their_numbers_if_there_are_any() {
    let mut dump = crate::dump::dump();
    dump.deadlocks = Vec::new();
    dump.faults = FaultsDump::default();
    let without = dump.to_string();
    assert!(!without.contains("fault"), "{without}");

    dump.faults.recent = vec![failed("b", "second"), failed("a", "first")];
    let faults = "\n  'b' #7 failed 3.2 s ago: second\n  'a' #7 failed 3.2 s ago: first\n";
    for (panicked, failed, how_many) in [
        (0, 1, "1 failure"),
        (0, 20, "20 failures"),
        (1, 0, "1 panic"),
        (2, 0, "2 panics"),
        (1, 3, "1 panic and 3 failures"),
    ] {
        (dump.faults.panicked, dump.faults.failed) = (panicked, failed);
        let expected = format!("{without}\nrecent faults (so far {how_many}){faults}");
        assert_eq!(dump.to_string(), expected);
    }
}
