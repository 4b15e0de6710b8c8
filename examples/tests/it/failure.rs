//! Work that can fail.

use crate::example::run_example;

#[test]
fn each_failure_is_told_once_and_returned_to_whoever_asks() {
    let ended = run_example("failure", &[]);
    let lines = [
        "thread 'sum' failed: invalid digit found in string",
        "not a number: true",
        "added up so far: 3",
        "sums/worker-1 says: there is nothing to add up",
        "joined: thread 'sums/worker-1' failed: there is nothing to add up",
        "sums/worker-2 says: invalid digit found in string",
        "the patient one was stopped: true",
        "the other one failed: invalid digit found in string",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "thread 'sum' failed: invalid digit found in string\n");
}
