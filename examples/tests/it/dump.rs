//! A deadlock that is detected, reported and resolved.

use crate::example::run_example;

#[test]
fn the_watchdog_and_the_dump_report_a_deadlock_and_a_stop_resolves_it() {
    let ended = run_example("dump", &[]);
    let lines = ended.lines();
    assert_eq!(lines[0], "the watchdog sees a deadlock of 2 threads");
    assert_eq!(lines[lines.len() - 2..], ["a thread gives up", "deadlocks: 0"]);
    for part in [
        "group 'shop/clerks'",
        "waits for lock 'stock' at examples/14_dump.rs:",
        "waits for lock 'orders' at examples/14_dump.rs:",
        "deadlock of 2 threads:",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {ended:#?}");
    }
}
